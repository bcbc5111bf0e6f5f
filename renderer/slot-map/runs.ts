import type { SideMap } from "../../src/report/slot-maps/side-map.ts";
import type { AreaSide, SlotGrid } from "./area-side.ts";

/** Neighbouring slots of a cluster that are alike on both sides: a row of the table that says what the maps show. */
export interface SlotRun {
  readonly firstSlot: number;
  readonly slotCount: number;
  readonly isAlike: boolean;
}

/** All runs in order; with `onlyDiffering` those in which the sides differ. `cells` are those of the difference map. */
export function slotRuns(model: AreaSide, kernel: AreaSide, cells: Uint8Array, { columns, slotCount }: SlotGrid, onlyDiffering: boolean): SlotRun[] {
  const runs: SlotRun[] = [];
  let first = 0;
  for (let slot = 1; slot <= slotCount; slot++) {
    const goesOn = slot < slotCount && slot % columns !== 0 && cells[slot] === cells[first] && isAlike(model, first, slot) && isAlike(kernel, first, slot);
    if (goesOn) continue;
    const alike = cells[first]! <= 1;
    if (!onlyDiffering || !alike) runs.push({ firstSlot: first, slotCount: slot - first, isAlike: alike });
    first = slot;
  }
  return runs;
}

const isAlike = ({ map, ownerOf }: AreaSide, a: number, b: number): boolean =>
  map.slots[a] === map.slots[b] && map.folioSlots[a] === map.folioSlots[b] && ownerOf[a] === ownerOf[b] && map.changedAt[a] === map.changedAt[b] && sameZero(map, a, b) && sameFolio(map, a, b);

const sameZero = ({ zeroes }: SideMap, a: number, b: number): boolean =>
  zeroes === null || ((zeroes[a >> 3]! >> (a & 7)) & 1) === ((zeroes[b >> 3]! >> (b & 7)) & 1);

/** A large folio is a row of its own. Kernel: in a cluster it begins at a multiple of its length. */
function sameFolio({ folioSlots }: SideMap, a: number, b: number): boolean {
  const folio = folioSlots[a] ?? 0;
  return folio <= 1 || Math.floor(a / folio) === Math.floor(b / folio);
}
