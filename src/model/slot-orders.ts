import type { SwapArea } from "./swap-area.ts";

/**
 * No kernel has these. What a slot tells of the size of the folio that it was handed out for, so that a folio is not looked
 * up before the last of its slots is dropped.
 * - `cluster`: its cluster keeps the smallest order handed out since it was last empty
 * - `cluster, reset`: the same, but back to 0 when a folio of the cluster leaves the swap cache, as CLUSTER_FLAG_HUGE goes
 * - `slot`: each slot has four bits of its own
 */
export type SlotOrderDesign = "cluster" | "cluster, reset" | "slot";

/** Orders by slot, true when the slots are handed out and when a cached folio is split, and possibly stale later on. */
export interface SlotOrders {
  /** What the orders take beside everything else, bytes. */
  readonly sizeBytes: number;
  /** 2^order slots from `slot` on were handed out. */
  noteHandedOut(slot: number, order: number): void;
  /** The cached folio in `count` slots from `slot` on became so many base pages. */
  noteSplit(slot: number, count: number): void;
  /** The swap cache let go of a folio whose first slot is `slot`. */
  noteLeftCache(slot: number): void;
  orderOf(slot: number): number;
}

export function makeSlotOrders(design: SlotOrderDesign, area: SwapArea): SlotOrders {
  return design === "slot" ? new OrderPerSlot(area.slotCount) : new OrderPerCluster(area, design === "cluster, reset");
}

class OrderPerCluster implements SlotOrders {
  private readonly area: SwapArea;
  private readonly resets: boolean;
  private readonly smallest: Uint8Array;

  constructor(area: SwapArea, resets: boolean) {
    this.area = area;
    this.resets = resets;
    this.smallest = new Uint8Array(area.clusterCount);
  }

  get sizeBytes(): number {
    return this.smallest.byteLength;
  }

  noteHandedOut(slot: number, order: number): void {
    const cluster = this.area.clusterOf(slot);
    const wasEmpty = cluster.used === 1 << order;
    if (wasEmpty || order < this.smallest[cluster.index]!) this.smallest[cluster.index] = order;
  }

  noteSplit(slot: number): void {
    this.smallest[this.area.clusterOf(slot).index] = 0;
  }

  noteLeftCache(slot: number): void {
    if (this.resets) this.smallest[this.area.clusterOf(slot).index] = 0;
  }

  orderOf(slot: number): number {
    return this.smallest[this.area.clusterOf(slot).index]!;
  }
}

class OrderPerSlot implements SlotOrders {
  /** Two slots a byte, the even one in the low half. */
  private readonly packed: Uint8Array;

  constructor(slotCount: number) {
    this.packed = new Uint8Array((slotCount + 1) >> 1);
  }

  get sizeBytes(): number {
    return this.packed.byteLength;
  }

  noteHandedOut(slot: number, order: number): void {
    this.store(slot, 1 << order, order);
  }

  noteSplit(slot: number, count: number): void {
    this.store(slot, count, 0);
  }

  noteLeftCache(): void {}

  orderOf(slot: number): number {
    return (this.packed[slot >> 1]! >> shiftOf(slot)) & halfMask;
  }

  private store(first: number, count: number, order: number): void {
    for (let slot = first; slot < first + count; slot++) {
      const shift = shiftOf(slot);
      this.packed[slot >> 1] = (this.packed[slot >> 1]! & ~(halfMask << shift)) | (order << shift);
    }
  }
}

const halfMask = 0xf;
const shiftOf = (slot: number): number => (slot & 1) * 4;
