import { entryOffset } from "./entry.ts";
import * as slotByte from "./slot-byte.ts";
import { slotCount } from "./slot-byte.ts";
import { SlotSupply } from "./slot-supply.ts";
import type { SwapArea } from "./swap-area.ts";

/** What refers to slots, and how they are given back once nothing does. */
export abstract class SlotReferences extends SlotSupply {
  // ---- counts

  /** Counts one `get_swap_device`. */
  pinDevice(): void {
    this.meter.call("get_swap_device");
  }

  /** A forked child refers to `entry` as well. */
  duplicateForChild(entry: number): void {
    this.meter.call(this.names.duplicateForChild);
    this.countUp(entry);
  }

  /** One more page-table reference to `entry`. Kernel: swap_duplicate; from 7.0 on folio_dup_swap. */
  duplicate(entry: number): void {
    this.meter.call(this.names.duplicate);
    this.countUp(entry);
  }

  /** Kernel 6.1, 6.12 swap_duplicate: when a count that outgrows its byte finds no room, room is made and it is tried again. */
  protected countUp(entry: number): void {
    const { map, largeCounts } = this.areaOf(entry);
    const slot = entryOffset(entry);
    for (;;) {
      this.meter.call("__swap_duplicate");
      this.meter.costs.clusterLocks++;
      if (this.features.devicePins === "every-call") this.pinDevice();
      if (slotCount(map[slot]!) < largeCounts.plainMax) {
        map[slot]!++;
        return;
      }
      if (largeCounts.increment(slot)) return;
      if (this.features.largeCounts === "continuation-pages") {
        this.meter.call("add_swap_count_continuation");
        this.pinDevice();
      }
      largeCounts.makeRoom(slot);
    }
  }

  /** The other way; what is left is in the byte. */
  protected countDown({ map, largeCounts }: SwapArea, slot: number): void {
    if (slotCount(map[slot]!) < largeCounts.plainMax) map[slot]!--;
    else largeCounts.decrement(slot);
  }

  /** Marks slots just allocated as owned by shared memory. Kernel: swap_shmem_alloc. */
  protected takeForShared(entry: number, count: number): void {
    this.meter.call("swap_shmem_alloc");
    this.meter.call("__swap_duplicate");
    if (this.features.devicePins === "every-call") this.pinDevice();
    this.meter.costs.clusterLocks++;
    const slot = entryOffset(entry);
    this.areaOf(entry).map.fill(slotByte.shared | slotByte.hasCache, slot, slot + count);
  }

  /**
   * Claims `count` uncached slots for a swap-in that is about to read them; false when nobody refers to the first.
   * Kernel: swapcache_prepare.
   */
  prepareCache(entry: number, count: number): boolean {
    this.meter.call("swapcache_prepare");
    this.meter.call("__swap_duplicate");
    if (this.features.devicePins === "every-call") this.pinDevice();
    this.meter.costs.clusterLocks++;
    if (this.countOf(entry) === 0) return false;
    const area = this.areaOf(entry);
    const slot = entryOffset(entry);
    for (let s = slot; s < slot + count; s++) area.map[s]! |= slotByte.hasCache;
    return true;
  }

  /** Ends such a claim. Kernel: swapcache_clear. */
  clearCache(entry: number, count: number): void {
    this.meter.call("swapcache_clear");
    this.meter.call(this.names.clearCache);
    this.meter.costs.clusterLocks++;
    if (this.features.freesAlike === "each-cluster") this.letGo(entry, count);
    else for (let i = 0; i < count; i++) if (this.dropCacheBit(entry + i) === 0) this.freeSlot(entry + i);
  }

  /** Drops `count` page-table references, one from each entry. Kernel: swap_free (6.1, 6.10), swap_free_nr (6.12 on), folio_put_swap (7.0 on). */
  dropReferences(entry: number, count: number): void {
    const { drop, dropInCluster } = this.names;
    if (dropInCluster === null) {
      for (let i = 0; i < count; i++) {
        this.meter.call(drop);
        this.dropReference(entry + i);
      }
      return;
    }
    this.meter.call(drop);
    for (const part of this.partsByCluster(entry, count)) {
      this.meter.call(dropInCluster);
      // Kernel 6.12 cluster_swap_free_nr goes slot by slot, 6.17 swap_entries_put_map does not.
      if (this.features.freesAlike === "each-cluster") this.dropRange(part.entry, part.count);
      else {
        this.meter.costs.clusterLocks++;
        for (let i = 0; i < part.count; i++) if (this.dropCount(part.entry + i) === 0) this.freeSlot(part.entry + i);
      }
    }
  }

  /** A range of entries cut where a cluster ends. */
  protected *partsByCluster(entry: number, count: number): Generator<{ entry: number; count: number }> {
    const { clusterSlots } = this.areaOf(entry);
    for (let next = entry; next < entry + count; ) {
      const part = Math.min(entry + count - next, clusterSlots - (entryOffset(next) % clusterSlots));
      yield { entry: next, count: part };
      next += part;
    }
  }

  /** Kernel: __swap_entry_free. Returns what is left in the slot's byte: 0 when it is free. */
  protected dropReference(entry: number): number {
    this.meter.call(this.names.dropOne);
    this.relock();
    const left = this.dropCount(entry);
    if (left === 0) this.freeSlot(entry);
    return left;
  }

  /**
   * Kernel 6.1, 6.12 __swap_entry_free_locked: a slot that nobody needs any more keeps the cache bit until it is really
   * freed, so that it cannot be handed out while it waits in the slots cache.
   */
  protected dropCount(entry: number): number {
    const area = this.areaOf(entry);
    const slot = entryOffset(entry);
    if (slotCount(area.map[slot]!) === slotByte.shared) area.map[slot]! &= slotByte.hasCache;
    else this.countDown(area, slot);
    const left = area.map[slot]!;
    if (left === 0) area.map[slot] = slotByte.hasCache;
    return left;
  }

  protected dropCacheBit(entry: number): number {
    const area = this.areaOf(entry);
    const slot = entryOffset(entry);
    const left = slotCount(area.map[slot]!);
    area.map[slot] = left === 0 ? slotByte.hasCache : left;
    return left;
  }

  /** References from page tables. */
  countOf(entry: number): number {
    return slotCount(this.areaOf(entry).map[entryOffset(entry)]!);
  }

  /**
   * Every count of a range goes down. True when some slot is now held by the cache alone.
   * Kernel 6.12 __swap_entries_free, 6.17 swap_entries_put_map: a range inside one cluster whose slots are all alike and
   * have one reference, or are shared memory's (6.17), is done at once, and freed at once when it is not cached. 6.10 knows
   * no such shortcut.
   */
  protected dropRange(entry: number, count: number): boolean {
    if (this.features.freesAlike === "each-cluster") this.meter.costs.clusterLocks++;
    const area = this.areaOf(entry);
    const start = entryOffset(entry);
    if (this.features.freesAlike !== "whole-cluster" && this.areAlike(area, start, count)) {
      const cached = (area.map[start]! & slotByte.hasCache) !== 0;
      area.map.fill(slotByte.hasCache, start, start + count);
      if (!cached) this.releaseRange(area, start, count);
      return cached;
    }
    let anyOnlyCache = false;
    for (let i = 0; i < count; i++) {
      if (this.dropReference(entry + i) === slotByte.hasCache) anyOnlyCache = true;
    }
    return anyOnlyCache;
  }

  /** More than one slot, all inside one cluster, with one reference each and the same cache bit. */
  private areAlike(area: SwapArea, start: number, count: number): boolean {
    const byte = area.map[start]!;
    const last = slotCount(byte) === 1 || (slotCount(byte) === slotByte.shared && this.features.freesAlike === "each-cluster");
    if (count === 1 || !last || count > area.clusterSlots - (start % area.clusterSlots)) return false;
    let alike = 1;
    while (alike < count && area.map[start + alike] === byte) alike++;
    this.relock();
    this.meter.costs.slotsScanned += Math.min(count, alike + 1);
    return alike === count;
  }

  // ---- giving slots back

  private freeSlot(entry: number): void {
    if (this.features.slotsCache !== "both-ways") {
      this.releaseRange(this.areaOf(entry), entryOffset(entry), 1);
      return;
    }
    this.meter.call("free_swap_slot");
    this.slotsCache.giveBack(entry);
  }

  /** Kernel 6.1, 6.12 swapcache_free_entries. */
  protected override freeEntries(entries: readonly number[]): void {
    this.meter.call("swapcache_free_entries");
    for (const entry of entries) this.releaseRange(this.areaOf(entry), entryOffset(entry), 1);
  }

  protected releaseRange(area: SwapArea, slot: number, count: number): void {
    this.meter.call(this.names.release);
    this.relock();
    this.allocatorOf(area).release(slot, count);
    this.freePages += count;
  }

  /**
   * The swap cache lets go of the slots of a folio of `pageCount` pages from `entry` on. Kernel: put_swap_folio.
   * 6.1: a PMD folio clears its cluster's flag.
   */
  protected putSlots(entry: number, pageCount: number): void {
    this.meter.call(this.names.putSlots);
    this.meter.call(this.names.putCache);
    this.meter.costs.clusterLocks++;
    const area = this.areaOf(entry);
    area.slotOrders?.noteLeftCache(entryOffset(entry));
    if (this.features.hugeClusterFlag && pageCount === area.clusterSlots) area.clusterOf(entryOffset(entry)).huge = false;
    this.letGo(entry, pageCount);
  }

  /**
   * Slots lose their cache bit. Those that nobody references are given back: a whole cluster at once (6.1, 6.10), any run
   * of more than one (6.12 on); otherwise slot by slot.
   */
  private letGo(entry: number, pageCount: number): void {
    const area = this.areaOf(entry);
    const slot = entryOffset(entry);
    const atOnce = this.features.freesAlike === "whole-cluster" ? pageCount === area.clusterSlots : pageCount > 1;
    if (atOnce && this.onlyCacheHolds(area, slot, pageCount)) {
      this.releaseRange(area, slot, pageCount);
      return;
    }
    for (let i = 0; i < pageCount; i++) {
      if (this.dropCacheBit(entry + i) !== 0) continue;
      this.freeSlot(entry + i);
      if (i < pageCount - 1) this.relock();
    }
  }

  protected onlyCacheHolds(area: SwapArea, slot: number, count: number): boolean {
    let held = 0;
    while (held < count && area.map[slot + held] === slotByte.hasCache) held++;
    this.meter.costs.slotsScanned += Math.min(count, held + 1);
    return held === count;
  }

  /**
   * Kernel 6.1, 6.12: a cluster's lock is let go before its slots are freed, and taken for each step of that; from 6.17 on all
   * steps are done under the one lock.
   */
  protected relock(): void {
    if (this.features.freesAlike !== "each-cluster") this.meter.costs.clusterLocks++;
  }
}
