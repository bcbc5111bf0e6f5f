import type { SideMap } from "../../src/report/slot-maps/side-map.ts";
import { slotWord } from "../../src/workload/slot-word.ts";

/** Codes of the difference map. */
export const differenceCode = { bothFree: 0, alike: 1, modelOnly: 2, kernelOnly: 3, otherwise: 4 } as const;

export interface SlotDifference {
  /** One code a slot. */
  readonly cells: Uint8Array;
  /** Slots that differ, ascending. Of very many only the first ones. */
  readonly slots: readonly number[];
  readonly count: number;
}

/** More than anybody goes through one by one. */
const listedMax = 100_000;

/** What is compared of a slot is what the checks compare: its word, the folio in the swap cache, the mark for zeroes. */
export function slotDifference(model: SideMap, kernel: SideMap): SlotDifference {
  const length = Math.max(model.slots.length, kernel.slots.length);
  const cells = new Uint8Array(length);
  const slots: number[] = [];
  let count = 0;
  for (let slot = 0; slot < length; slot++) {
    const ours = model.slots[slot] ?? slotWord.free;
    const theirs = kernel.slots[slot] ?? slotWord.free;
    if (ours === theirs && sameFolio(model, kernel, slot) && zeroesAt(model, slot) === zeroesAt(kernel, slot)) {
      if (ours !== slotWord.free) cells[slot] = differenceCode.alike;
      continue;
    }
    cells[slot] = theirs === slotWord.free && ours !== theirs ? differenceCode.modelOnly : ours === slotWord.free && ours !== theirs ? differenceCode.kernelOnly : differenceCode.otherwise;
    count++;
    if (slots.length < listedMax) slots.push(slot);
  }
  return { cells, slots, count };
}

const sameFolio = (model: SideMap, kernel: SideMap, slot: number): boolean => (model.folioSlots[slot] ?? 0) === (kernel.folioSlots[slot] ?? 0);

/** Where one side has no such marks, nothing differs by them; that is the other side's `null` as well. */
const zeroesAt = ({ zeroes }: SideMap, slot: number): number => (zeroes === null ? 0 : (zeroes[slot >> 3]! >> (slot & 7)) & 1);

/** The next slot that differs after (`by` 1) or before (`by` -1) a slot, round the end; null where none does. */
export function neighbouringDifference(slots: readonly number[], from: number | null, by: 1 | -1): number | null {
  if (slots.length === 0) return null;
  if (from === null) return (by === 1 ? slots[0] : slots.at(-1)) ?? null;
  const found = by === 1 ? slots.find((slot) => slot > from) : slots.findLast((slot) => slot < from);
  return found ?? (by === 1 ? slots[0] : slots.at(-1)) ?? null;
}
