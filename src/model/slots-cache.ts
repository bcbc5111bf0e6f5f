/** Slots asked for at once and slots kept before they are really freed. Kernel 6.1 to 6.14: SWAP_SLOTS_CACHE_SIZE. */
const cacheSize = 64;
/** Free slots per CPU above which the cache is switched on, and below which it is switched off and emptied. */
const activateAbove = 5 * cacheSize;
const deactivateBelow = 2 * cacheSize;

export interface SlotsCacheHost {
  /** Free slots of all areas that are not promised to anybody. Kernel: get_nr_swap_pages. */
  freeSlotCount(): number;
  /** Up to `goal` base-page slots of any area. Kernel: get_swap_pages. */
  getSlots(goal: number): number[];
  /** Gives slots back to their clusters. Kernel: swapcache_free_entries. */
  freeEntries(entries: readonly number[]): void;
}

/**
 * The per-CPU cache of base-page slots, both sides, one CPU. Kernel 6.1 to 6.13: mm/swap_slots.c.
 *
 * Slots come in batches of 64, and freed slots are kept until 64 wait; /proc/swaps counts both kinds as used.
 */
export class SlotsCache {
  private readonly host: SlotsCacheHost;
  private active = false;
  /** Off while an area is being switched off. */
  enabled = false;
  private ready: number[] = [];
  private returned: number[] = [];

  constructor(host: SlotsCacheHost) {
    this.host = host;
  }

  /** What it holds now, each side in the order in which it will go. */
  get contents(): { readonly active: boolean; readonly ready: readonly number[]; readonly returned: readonly number[] } {
    return { active: this.active, ready: this.ready, returned: this.returned };
  }

  /** One slot from the cache, or -1 when it is off or could not be filled. */
  take(): number {
    if (!this.checkActive()) return -1;
    if (this.ready.length === 0) this.ready = this.host.getSlots(cacheSize);
    return this.ready.shift() ?? -1;
  }

  /** Takes back one slot that nobody references; the oldest 64 are freed for good when the next one comes. */
  giveBack(entry: number): void {
    if (!this.active || !this.enabled) {
      this.host.freeEntries([entry]);
      return;
    }
    if (this.returned.length >= cacheSize) {
      this.host.freeEntries(this.returned);
      this.returned = [];
    }
    this.returned.push(entry);
  }

  /** Kernel 6.1, 6.12 drain_slots_cache_cpu: first the slots not yet handed out, then the returned ones. */
  drain(): void {
    const { ready, returned } = this;
    this.ready = [];
    this.returned = [];
    this.host.freeEntries(ready);
    this.host.freeEntries(returned);
  }

  private checkActive(): boolean {
    if (!this.enabled) return false;
    const free = this.host.freeSlotCount();
    if (!this.active) {
      this.active = free > activateAbove;
    } else if (free < deactivateBelow) {
      this.active = false;
      this.drain();
    }
    return this.active;
  }
}
