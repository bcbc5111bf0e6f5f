import type { SwapArea } from "./swap-area.ts";

/** What an allocator needs from the swap core around it. */
export interface AllocatorHost {
  /** More than half of all swap is in use. Kernel: vm_swap_full. */
  swapFull(): boolean;
  /**
   * Tries to free the folio that the swap cache holds for `slot`, whoever maps it. Kernel: __try_to_reclaim_swap.
   * Returns what the kernel's function returns: 0 no folio; pages freed; or minus the pages of a folio that stays
   * (from 6.10 on; before, 1 or 0).
   */
  reclaimForAllocator(area: SwapArea, slot: number): number;
  /** Called when the area ran full, so that the kernel's worker would be woken (6.12). */
  areaRanFull(area: SwapArea): void;
  call(name: string, times?: number): void;
  /** Something happened that makes the placement from here on a matter of chance; `why` is shown to the person. */
  becameRandom(why: string): void;
}

/** No slot: slot 0 is the header and never handed out. Kernel 6.12: SWAP_NEXT_INVALID; 7.3: SWAP_ENTRY_INVALID. */
export const none = 0;

/**
 * Where the CPU goes on looking, by name: `next.<order>` where there are order lists, else `cluster`, `cluster_next` and
 * `scan_start`. Null when it is not known or means nothing now.
 */
export type Cursors = Readonly<Record<string, number | "none" | null>>;
export const orderCursorName = (order: number): string => `next.${order}`;

/** How one generation finds slots in an area. The state is per area; where the search goes on, per CPU. */
export interface Allocator {
  /** What follows happens on this CPU. */
  runOn(cpu: number): void;
  /** Up to `goal` slots of order 0. Kernel: scan_swap_map_slots. */
  allocateSlots(goal: number): number[];
  /** First slot of an aligned run of 2^order slots, or -1. */
  allocateLarge(order: number): number;
  /** Gives back `count` slots that nobody references; all lie in one cluster. */
  release(slot: number, count: number): void;
  /** Of every CPU, in their order, or the one set that all of them use. */
  cursors(): Cursors[];
}
