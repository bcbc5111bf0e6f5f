import type { SwapArea } from "./swap-area.ts";

/**
 * The areas that are on and have room, in the order in which they are asked: by rank, and among equals those that were
 * asked longest ago first. Kernel 6.1, 6.12 swap_avail_heads (the list of the CPU's node), 7.3 swap_avail_head.
 */
export class AvailableAreas {
  private readonly areas: SwapArea[] = [];

  /** Puts an area behind those of its rank. Kernel 6.1, 6.12, 7.3 add_to_avail_list. */
  add(area: SwapArea): void {
    const after = this.areas.findIndex((other) => other.rank < area.rank);
    this.areas.splice(after === -1 ? this.areas.length : after, 0, area);
  }

  /** Kernel 6.1, 6.12, 7.3 del_from_avail_list. */
  remove(area: SwapArea): void {
    const index = this.areas.indexOf(area);
    if (index !== -1) this.areas.splice(index, 1);
  }

  /**
   * The areas one after the other; each goes behind its equals as its turn comes. Which one follows is settled before
   * that, and when that one has left the list meanwhile, the first is asked again.
   * Kernel 6.1, 6.12 get_swap_pages, 7.3 swap_alloc_slow.
   */
  *inTurn(): Generator<SwapArea> {
    let next: SwapArea | undefined;
    for (let area = this.areas[0]; area !== undefined; area = next) {
      next = this.areas[this.areas.indexOf(area) + 1];
      this.remove(area);
      this.add(area);
      yield area;
      if (next !== undefined && !this.areas.includes(next)) next = this.areas[0];
    }
  }
}
