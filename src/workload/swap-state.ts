import type { Cursors } from "../model/allocator.ts";

/**
 * What the swap core of one side, guest or model, holds after a step, as far as the kernel's memory shows it. Both sides
 * fill the same shape. What a generation does not have at all is null there.
 */
export interface SwapState {
  /** Slots of all areas that are not promised to anybody, and slots of all areas. Kernel: nr_swap_pages, total_swap_pages. */
  readonly freeSlots: number;
  readonly totalSlots: number;
  /** Of the one CPU; null on kernels without. */
  readonly slotsCache: SlotsCacheState | null;
  /** Areas that are switched on, by swap type. */
  readonly areas: readonly AreaState[];
}

/** The per-CPU cache of base-page slots. Slots are entries as `makeEntry` forms them, in the order in which they will go. */
export interface SlotsCacheState {
  readonly active: boolean;
  readonly toHandOut: readonly number[];
  readonly returned: readonly number[];
}

export interface AreaState {
  readonly swapType: number;
  /** One byte a slot, from slot 0 to the end of the area; see `slotByte`. Kernel until 6.18: swap_map. */
  readonly slots: Uint8Array;
  /** Per slot how many slots the folio holds that the swap cache has for it, 0 without one. */
  readonly folioSlots: Uint16Array;
  /** One bit a slot, lowest bit first: it stands for zeroes that were never written. Null on kernels without. */
  readonly zeroes: Uint8Array | null;
  readonly clusters: ClusterStates;
  /** Clusters on each list from head to tail, by `free`, `discard`, `full`, `nonfull.<order>`, `frag.<order>`. */
  readonly lists: Readonly<Record<string, readonly number[]>>;
  /** By order how many clusters the kernel takes its frag lists to hold; null on kernels without. */
  readonly fragCounts: readonly number[] | null;
  readonly cursors: Cursors;
  readonly usedSlots: number;
  readonly lowestSlot: number;
  readonly highestSlot: number;
}

/** One element a cluster. */
export interface ClusterStates {
  /** Slots in use; those past the end of the area count as used. */
  readonly used: Uint16Array;
  /** See `clusterState`. Kernels without order lists know only free and none. */
  readonly state: Uint8Array;
  /** Order that the cluster serves; null on kernels without order lists. */
  readonly order: Uint8Array | null;
  /** 1 while one PMD folio owns the cluster; null on kernels without the flag. */
  readonly huge: Uint8Array | null;
}

/** List of clusters that serve an order, by name. */
export const orderListName = (kind: "nonfull" | "frag", order: number): string => `${kind}.${order}`;
