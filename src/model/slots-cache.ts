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

/** What the cache of one CPU holds, each side in the order in which it will go. */
export interface CpuSlots {
  ready: number[];
  returned: number[];
}

/**
 * The per-CPU caches of base-page slots, both sides. Kernel 6.1 to 6.13: mm/swap_slots.c.
 *
 * Slots come in batches of 64, and freed slots are kept until 64 wait, by the CPU that freed them; /proc/swaps counts
 * both kinds as used. Whether caches are in use is the same for all CPUs.
 */
export class SlotsCache {
  private readonly host: SlotsCacheHost;
  private active = false;
  /** Off while an area is being switched off. */
  enabled = false;
  private readonly cpus: readonly CpuSlots[];
  /** Of the CPU that runs. */
  private own: CpuSlots;

  constructor(host: SlotsCacheHost, cpuCount: number) {
    this.host = host;
    this.cpus = Array.from({ length: cpuCount }, () => ({ ready: [], returned: [] }));
    this.own = this.cpus[0]!;
  }

  /** What follows happens on this CPU. */
  runOn(cpu: number): void {
    this.own = this.cpus[cpu]!;
  }

  get contents(): { readonly active: boolean; readonly cpus: readonly Readonly<CpuSlots>[] } {
    return { active: this.active, cpus: this.cpus };
  }

  /** One slot from the cache, or -1 when it is off or could not be filled. */
  take(): number {
    if (!this.checkActive()) return -1;
    const { own } = this;
    if (own.ready.length === 0) own.ready = this.host.getSlots(cacheSize);
    return own.ready.shift() ?? -1;
  }

  /** Takes back one slot that nobody references; the oldest 64 are freed for good when the next one comes. */
  giveBack(entry: number): void {
    if (!this.active || !this.enabled) {
      this.host.freeEntries([entry]);
      return;
    }
    const { own } = this;
    if (own.returned.length >= cacheSize) {
      this.host.freeEntries(own.returned);
      own.returned = [];
    }
    own.returned.push(entry);
  }

  /**
   * Kernel 6.1, 6.12 __drain_swap_slots_cache: CPU by CPU, first the slots not yet handed out, then the returned ones.
   */
  drain(): void {
    for (const cpu of this.cpus) {
      const { ready, returned } = cpu;
      cpu.ready = [];
      cpu.returned = [];
      this.host.freeEntries(ready);
      this.host.freeEntries(returned);
    }
  }

  private checkActive(): boolean {
    if (!this.enabled) return false;
    const free = this.host.freeSlotCount();
    if (!this.active) {
      this.active = free > activateAbove * this.cpus.length;
    } else if (free < deactivateBelow * this.cpus.length) {
      this.active = false;
      this.drain();
    }
    return this.active;
  }
}
