import { clusterState } from "../../src/model/cluster.ts";
import { slotReferences, slotWord } from "../../src/workload/slot-word.ts";
import type { ClusterStates } from "../../src/workload/swap-state.ts";
import type { AreaSide, SlotGrid } from "./area-side.ts";

/** What the colours stand for. */
export const lenses = ["state", "order", "owner", "age"] as const;
export type Lens = (typeof lenses)[number];

/** Codes of the state lens, in the order of the legend. */
export const stateCode = { free: 0, counted: 1, cached: 2, cachedAndCounted: 3, zeroes: 4, bad: 5 } as const;

/** Codes of the other lenses begin with 0, for slots that are free or not usable. */

/** Codes of the order lens: 0, 1 for one whose order is not known, then the order plus two. */
export const orderCode = { free: 0, unknown: 1, first: 2 } as const;

/** Codes of the owner lens: 0, 1 for one that no page table refers to, then the owner plus two. */
export const ownerCode = { free: 0, nobody: 1, first: 2 } as const;

/** Codes of the age lens: 0, then the step in which it last changed plus one. */
export const ageCode = { free: 0, first: 1 } as const;

/** Codes fit a byte; what is beyond shares the last one. */
export const codeMax = 255;

/** One code a slot. */
export function cellsOf(lens: Lens, side: AreaSide, grid: SlotGrid): Uint8Array {
  return { state: stateCells, order: orderCells, owner: ownerCells, age: ageCells }[lens](side, grid);
}

function stateCells({ map: { slots, zeroes } }: AreaSide): Uint8Array {
  const cells = new Uint8Array(slots.length);
  for (let slot = 0; slot < slots.length; slot++) {
    const word = slots[slot]!;
    if (word === slotWord.free) continue;
    if ((word & slotWord.bad) !== 0) cells[slot] = stateCode.bad;
    else if (zeroes !== null && (zeroes[slot >> 3]! & (1 << (slot & 7))) !== 0) cells[slot] = stateCode.zeroes;
    else if ((word & slotWord.held) === 0) cells[slot] = stateCode.counted;
    else cells[slot] = isCounted(word) ? stateCode.cachedAndCounted : stateCode.cached;
  }
  return cells;
}

/** Neither free, nor the header page or a bad one. */
export const isUsed = (word: number): boolean => word !== slotWord.free && (word & slotWord.bad) === 0;

const isCounted = (word: number): boolean => slotReferences(word) > 0 || (word & slotWord.shared) !== 0;

/** Of the folio in the swap cache, and of others of the cluster: a cluster serves one order where there are order lists. */
function orderCells({ map: { slots, folioSlots, clusters } }: AreaSide, { columns }: SlotGrid): Uint8Array {
  const cells = new Uint8Array(slots.length);
  for (let slot = 0; slot < slots.length; slot++) {
    if (!isUsed(slots[slot]!)) continue;
    const folio = folioSlots[slot]!;
    if (folio > 0) cells[slot] = orderCode.first + Math.round(Math.log2(folio));
    else cells[slot] = clusters === null ? orderCode.unknown : clusterOrderCode(clusters, Math.floor(slot / columns), columns);
  }
  return cells;
}

function clusterOrderCode({ order, state, huge }: ClusterStates, cluster: number, clusterSlots: number): number {
  if (order !== null) return state[cluster] === clusterState.free ? orderCode.unknown : orderCode.first + order[cluster]!;
  return huge !== null && huge[cluster] === 1 ? orderCode.first + Math.log2(clusterSlots) : orderCode.unknown;
}

function ownerCells({ map: { slots }, ownerOf }: AreaSide): Uint8Array {
  const cells = new Uint8Array(slots.length);
  for (let slot = 0; slot < slots.length; slot++) {
    if (isUsed(slots[slot]!)) cells[slot] = Math.min(codeMax, ownerCode.nobody + ownerOf[slot]!);
  }
  return cells;
}

function ageCells({ map: { slots, changedAt } }: AreaSide): Uint8Array {
  const cells = new Uint8Array(slots.length);
  for (let slot = 0; slot < slots.length; slot++) {
    if (isUsed(slots[slot]!)) cells[slot] = Math.min(codeMax, ageCode.first + changedAt[slot]!);
  }
  return cells;
}
