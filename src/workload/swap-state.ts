import type { Cursors } from "../model/allocator.ts";

/**
 * What the swap core of one side, guest or model, holds after a step, as far as the kernel's memory shows it. Both sides
 * fill the same shape. What a generation does not have at all is null there.
 */
export interface SwapState {
  /** Slots of all areas that are not promised to anybody, and slots of all areas. Kernel: nr_swap_pages, total_swap_pages. */
  readonly freeSlots: number;
  readonly totalSlots: number;
  /** By CPU number. */
  readonly cpus: readonly CpuState[];
  /** Areas that are switched on, by swap type. */
  readonly areas: readonly AreaState[];
}

/** What a CPU has of its own for all areas together. */
export interface CpuState {
  /** Null on kernels without (6.15 on). */
  readonly slotsCache: SlotsCacheState | null;
  /** Entries to go on from, by order; null where each area has its own (until 6.14). Kernel: percpu_swap_cluster. */
  readonly cursors: Cursors | null;
}

/** The per-CPU cache of base-page slots. Slots are entries as `makeEntry` forms them, in the order in which they will go. */
export interface SlotsCacheState {
  readonly active: boolean;
  readonly toHandOut: readonly number[];
  readonly returned: readonly number[];
}

export interface AreaState {
  readonly swapType: number;
  /** One word a slot, from slot 0 to the end of the area; see `slotWord`. */
  readonly slots: Uint32Array;
  /** Per slot how many slots the folio holds that the swap cache has for it, 0 without one. */
  readonly folioSlots: Uint16Array;
  /** One bit a slot, lowest bit first: it stands for zeroes that were never written. Null on kernels without. */
  readonly zeroes: Uint8Array | null;
  /** Null where the device has none: rotating ones until 6.13. */
  readonly clusters: ClusterStates | null;
  /** Clusters on each list from head to tail, by `free`, `discard`, `full`, `nonfull.<order>`, `frag.<order>`. */
  readonly lists: Readonly<Record<string, readonly number[]>>;
  /** By order how many clusters the kernel takes its frag lists to hold; null on kernels without. */
  readonly fragCounts: readonly number[] | null;
  /** By CPU number where it goes on in this area; empty where the area keeps no such thing. */
  readonly cpuCursors: readonly Cursors[];
  /** Where all CPUs together go on; null but on rotating devices. */
  readonly sharedCursors: Cursors | null;
  readonly usedSlots: number;
  /** Whether the area is on the list of those that are asked for slots; null on kernels that do not note it with the count. */
  readonly available: boolean | null;
  /** Bounds of what is free; null on kernels without (6.14 on). */
  readonly lowestSlot: number | null;
  readonly highestSlot: number | null;
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
  /** See `tableState`; null on kernels without a swap table. */
  readonly table: Uint8Array | null;
}

/** What a cluster has of a swap table: none, one, or one with a second for counts that it has no room for. */
export const tableState = { none: 0, table: 1, extended: 2 } as const;

/** List of clusters that serve an order, by name. */
export const orderListName = (kind: "nonfull" | "frag", order: number): string => `${kind}.${order}`;
