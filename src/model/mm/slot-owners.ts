import type { Folio } from "../folio.ts";
import type { SwapArea } from "../swap-area.ts";

/** Which page a slot was taken for. */
export interface SlotOwner {
  readonly region: string;
  readonly page: number;
}

interface OwnerTable {
  /** Number of the region, counted from 1; 0 where no slot was ever taken. */
  readonly region: Uint16Array;
  readonly page: Int32Array;
}

/** The page behind every slot in use, kept in tables beside the areas: there is one for each slot. */
export class SlotOwners {
  private readonly regionNames: string[] = [];
  private readonly tables = new WeakMap<SwapArea, OwnerTable>();

  /** The pages of `folio` take its slots from `firstSlot` on. */
  note(area: SwapArea, firstSlot: number, folio: Folio): void {
    let table = this.tables.get(area);
    if (table === undefined) {
      table = { region: new Uint16Array(area.slotCount), page: new Int32Array(area.slotCount) };
      this.tables.set(area, table);
    }
    const region = this.numberOf(folio.region);
    for (let i = 0; i < folio.pageCount; i++) {
      table.region[firstSlot + i] = region;
      table.page[firstSlot + i] = folio.firstPage + i;
    }
  }

  of(area: SwapArea, slot: number): SlotOwner {
    const table = this.tables.get(area);
    const region = this.regionNames[(table?.region[slot] ?? 0) - 1];
    if (table === undefined || region === undefined) throw new Error(`slot ${slot} was never handed out`);
    return { region, page: table.page[slot]! };
  }

  private numberOf(region: string): number {
    const known = this.regionNames.indexOf(region) + 1;
    return known === 0 ? this.regionNames.push(region) : known;
  }
}
