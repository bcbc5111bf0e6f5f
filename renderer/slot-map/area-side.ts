import type { SideMap, SlotOwner } from "../../src/report/slot-maps/side-map.ts";

/** One side of a swap area after a step, as the maps draw it. */
export interface AreaSide {
  readonly map: SideMap;
  /** Per slot the place in `owners` plus one; 0 where no page table refers to it. */
  readonly ownerOf: Uint16Array;
  /** Regions whose pages lie in the slots: `main.a`, or `main.a + child.a` where both have the same slots. */
  readonly owners: readonly string[];
}

/** How the area's slots are laid out: a row a cluster. */
export interface SlotGrid {
  readonly slotCount: number;
  readonly columns: number;
  readonly rows: number;
}

export const slotGrid = (slotCount: number, clusterSlots: number): SlotGrid => ({ slotCount, columns: clusterSlots, rows: Math.ceil(slotCount / clusterSlots) });

const ownerName = ({ process, region }: SlotOwner): string => `${process}.${region}`;

export function areaSide(map: SideMap): AreaSide {
  const ownerOf = new Uint16Array(map.slots.length);
  const owners: string[] = [];
  const numbers = new Map<string, number>();
  const number = (name: string): number => {
    const found = numbers.get(name) ?? owners.push(name);
    numbers.set(name, found);
    return found;
  };
  for (const owner of map.owners) {
    const name = ownerName(owner);
    for (const { slot: first, pageCount } of owner.runs) {
      for (let slot = first; slot < first + pageCount; slot++) {
        const before = ownerOf[slot]!;
        // Slots that several regions refer to belong to all of them: a forked child has its parent's.
        ownerOf[slot] = number(before === 0 ? name : `${owners[before - 1]} + ${name}`);
      }
    }
  }
  return { map, ownerOf, owners };
}
