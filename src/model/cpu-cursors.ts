import { none } from "./allocator.ts";
import type { SwapArea } from "./swap-area.ts";

/**
 * Where a CPU goes on, by order: a slot in one area or another. An area is left for the next one only with its cluster.
 * Kernel 7.3: percpu_swap_cluster.
 */
export class CpuCursors {
  private readonly areas: (SwapArea | null)[];
  private readonly slots: Int32Array;

  constructor(pmdOrder: number) {
    this.areas = new Array<SwapArea | null>(pmdOrder + 1).fill(null);
    this.slots = new Int32Array(pmdOrder + 1);
  }

  /** The area to go on in, null when one is to be chosen anew. */
  areaFor(order: number): SwapArea | null {
    return this.slots[order] === none ? null : this.areas[order]!;
  }

  /** The slot to go on from if that lies in `area`, else `none`. */
  slotIn(area: SwapArea, order: number): number {
    return this.areas[order] === area ? this.slots[order]! : none;
  }

  set(order: number, area: SwapArea, slot: number): void {
    this.areas[order] = area;
    this.slots[order] = slot;
  }

  /** The area is being switched off. Kernel 7.3 flush_percpu_swap_cluster. */
  forget(area: SwapArea): void {
    for (let order = 0; order < this.areas.length; order++) if (this.areas[order] === area) this.areas[order] = null;
  }
}
