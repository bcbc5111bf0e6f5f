import { entryOffset, makeEntry } from "./entry.ts";
import { type Folio, FolioTable, noEntry } from "./folio.ts";
import { SlotSupply } from "./slot-supply.ts";
import * as slotByte from "./slot-byte.ts";
import { slotCount } from "./slot-byte.ts";
import type { SwapArea } from "./swap-area.ts";
import { Zswap } from "./zswap.ts";

/** When a cached folio may be reclaimed. Kernel: the TTRS flags. */
export interface ReclaimCondition {
  /** Whoever maps it. */
  readonly anyway: boolean;
  /** When no page table maps it, or swap is more than half full. */
  readonly unmapped: boolean;
}

const byAllocator: ReclaimCondition = { anyway: true, unmapped: false };
const byZap: ReclaimCondition = { anyway: false, unmapped: true };

/**
 * The swap core proper: slots and their counts, the swap cache, and the ways in which slots are referenced and given back. One CPU at a time, no memory pressure but what the workload asks for, no writeback in flight between calls.
 */
export class SwapCore extends SlotSupply {
  readonly folios = new FolioTable();
  /** Pages in the swap cache. Kernel: NR_SWAPCACHE. */
  cachedPages = 0;
  /** Pages that faults of this step read from a device that takes its time. */
  readsUnderWay = 0;
  /** Folios that this step wrote to such a device and then had to remove from the cache. */
  writesUnderWay = 0;
  readonly zswap = new Zswap();

  override reclaimForAllocator(area: SwapArea, slot: number): number {
    return this.tryToReclaim(area, slot, byAllocator, this.features.directReclaim);
  }

  protected reclaimForZap(area: SwapArea, slot: number): number {
    return this.tryToReclaim(area, slot, byZap, false);
  }

  // ---- into the swap cache

  /**
   * Gives `folio` slots and enters it into the swap cache. False when there is no room.
   * Kernel 6.1, 6.12 add_to_swap: the folio is always marked dirty; from 6.17 on its caller sees to that.
   */
  addToSwap(folio: Folio): boolean {
    this.meter.call(this.names.addToSwap);
    const entry = this.allocateFor(folio);
    if (entry === noEntry) return false;
    this.addToCache(folio, entry);
    folio.dirty = true;
    return true;
  }

  /** Gives a folio of shared memory slots, which shared memory then owns. False when there is no room. */
  addSharedToSwap(folio: Folio): boolean {
    const entry = this.allocateFor(folio);
    if (entry === noEntry) return false;
    this.addToCache(folio, entry);
    this.takeForShared(entry, folio.pageCount);
    return true;
  }

  /** Kernel: add_to_swap_cache. */
  addToCache(folio: Folio, entry: number): void {
    this.meter.call(this.names.enterCache);
    this.enterCache(folio, entry);
  }

  protected enterCache(folio: Folio, entry: number): void {
    this.areaOf(entry).setCached(entryOffset(entry), folio.pageCount, folio.id);
    folio.entry = entry;
    this.cachedPages += folio.pageCount;
  }

  /** The folio that the cache holds for `entry`, or null. */
  cachedFolio(entry: number): Folio | null {
    const id = this.areaOf(entry).cached(entryOffset(entry));
    return id === -1 ? null : this.folios.get(id);
  }

  /**
   * Whether read-ahead passes over slots without references at once. While an area is being switched off it does not where
   * there is a slots cache, and only finds out when it claims them. Kernel 6.1, 6.12, 6.17 __read_swap_cache_async.
   */
  get skipsUnusedSlots(): boolean {
    return this.features.slotsCache === "none" || this.slotsCache.enabled;
  }

  /**
   * Kernel 6.1, 6.12: a cluster's lock is let go before its slots are freed, and taken for each step of that; from 6.17 on all
   * steps are done under the one lock.
   */
  private relock(): void {
    if (this.features.freesAlike !== "each-cluster") this.meter.costs.clusterLocks++;
  }

  // ---- counts

  /** Counts one `get_swap_device`. */
  pinDevice(): void {
    this.meter.call("get_swap_device");
  }

  /** A look-up in the swap cache by somebody who maps what it finds. Kernel: swap_cache_get_folio. */
  lookUp(entry: number): Folio | null {
    this.meter.call("swap_cache_get_folio");
    if (this.features.devicePins === "every-call") this.pinDevice();
    return this.find(entry);
  }

  /** A look-up in the swap cache by whoever takes a reference to what it finds. */
  protected find(entry: number): Folio | null {
    const folio = this.cachedFolio(entry);
    this.meter.costs.lookUps++;
    if (folio !== null) this.meter.costs.references++;
    return folio;
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
  private dropReference(entry: number): number {
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
  private putSlots(entry: number, pageCount: number): void {
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

  // ---- the swap cache lets go

  private removeFromCache(folio: Folio): number {
    this.meter.call(this.names.eraseFromCache);
    const { entry } = folio;
    this.areaOf(entry).setCached(entryOffset(entry), folio.pageCount, -1);
    folio.entry = noEntry;
    this.cachedPages -= folio.pageCount;
    return entry;
  }

  /** Kernel: delete_from_swap_cache. The folio is then dirty: its only copy is in memory. */
  deleteFromCache(folio: Folio): void {
    this.meter.call(this.names.leaveCache);
    const entry = this.removeFromCache(folio);
    this.putSlots(entry, folio.pageCount);
    folio.dirty = true;
  }

  /** Reclaim takes a clean, unmapped folio out of the cache; its content is in the slots. Kernel: __remove_mapping. */
  evict(folio: Folio): void {
    this.meter.call("__remove_mapping");
    const entry = this.removeFromCache(folio);
    this.putSlots(entry, folio.pageCount);
    this.folios.releaseIfUnused(folio);
  }

  /**
   * Frees the slots of a cached folio when no page table refers to any of them. Kernel: folio_free_swap.
   * True when they were freed.
   */
  freeSwapOf(folio: Folio): boolean {
    this.meter.call("folio_free_swap");
    if (!folio.cached) return false;
    if (this.anyReferenced(folio)) return false;
    this.deleteFromCache(folio);
    return true;
  }

  /**
   * Kernel: folio_swapped. For a large folio 6.1 looks at all of its cluster only while the flag is set, else at the
   * first slot alone; 6.12 looks at the slots of the folio.
   */
  private anyReferenced(folio: Folio): boolean {
    if (folio.order === 0) {
      this.meter.costs.clusterLocks++;
      return this.countOf(folio.entry) > 0;
    }
    return this.runReferenced(folio.entry, folio.pageCount);
  }

  private runReferenced(entry: number, pageCount: number): boolean {
    this.meter.call(this.names.runReferenced);
    this.meter.costs.clusterLocks++;
    const area = this.areaOf(entry);
    const slot = entryOffset(entry);
    const flagged = area.clusterOf(slot).huge;
    const size = !this.features.hugeClusterFlag ? pageCount : flagged ? area.clusterSlots : 1;
    const start = slot - (slot % size);
    let free = 0;
    while (free < size && slotCount(area.map[start + free]!) === 0) free++;
    this.meter.costs.slotsScanned += Math.min(size, free + 1);
    return free < size;
  }

  /**
   * Tries to free the cached folio around `slot`. Kernel: __try_to_reclaim_swap.
   *
   * 6.1 returns 1 or 0; from 6.10 on it is the folio's pages, negated when the folio stays, 0 when there is none. Until
   * 6.11 the folio's swap is freed as anybody would free it, later the slots are looked at first.
   * `direct` (6.12 to 6.14, allocator): the slots go straight back to their cluster.
   */
  private tryToReclaim(area: SwapArea, slot: number, when: ReclaimCondition, direct: boolean): number {
    this.meter.call("__try_to_reclaim_swap");
    const result = this.reclaimResult(area, slot, when, direct);
    this.meter.returned("__try_to_reclaim_swap", result);
    return result;
  }

  private reclaimResult(area: SwapArea, slot: number, when: ReclaimCondition, direct: boolean): number {
    // Kernel 6.18, 7.3 __try_to_reclaim_swap: the look-up is the one that faults use.
    if (this.features.swapCacheIndex === "tables") this.meter.call("swap_cache_get_folio");
    const folio = this.find(makeEntry(area.swapType, slot));
    if (folio === null) return 0;
    const result = this.reclaimFound(area, folio, when, direct);
    const { costs } = this.meter;
    costs.tryLocks++;
    if (result > 0) costs.folioFreed++;
    else costs.folioKept++;
    return result;
  }

  private reclaimFound(area: SwapArea, folio: Folio, when: ReclaimCondition, direct: boolean): number {
    const { pageCount } = folio;
    const wanted = when.anyway || (when.unmapped && (folio.mapCount === 0 || this.swapFull()));
    if (this.features.freesAlike === "whole-cluster") {
      const freed = wanted && this.freeSwapOf(folio);
      this.folios.releaseIfUnused(folio);
      if (!this.features.batchedFree) return freed ? 1 : 0;
      return freed ? pageCount : -pageCount;
    }
    const first = entryOffset(folio.entry);
    if (!wanted) return -pageCount;
    this.meter.costs.clusterLocks++;
    if (!this.onlyCacheHolds(area, first, pageCount)) return -pageCount;
    if (direct) {
      this.removeFromCache(folio);
      folio.dirty = true;
      this.releaseRange(area, first, pageCount);
    } else {
      this.deleteFromCache(folio);
    }
    this.folios.releaseIfUnused(folio);
    return pageCount;
  }

  // ---- unmapping swap entries

  /**
   * `count` swap entries with consecutive offsets leave a page table for good.
   * Kernel 6.1 free_swap_and_cache (entry by entry), 6.10 to 6.19 free_swap_and_cache_nr.
   */
  unmapEntries(entry: number, count: number): void {
    if (this.features.batchedFree) this.unmapRange(entry, count);
    else for (let i = 0; i < count; i++) this.unmapSingle(entry + i);
  }

  private unmapSingle(entry: number): void {
    this.meter.call(this.names.unmap);
    this.pinDevice();
    const left = this.dropReference(entry);
    if (left !== slotByte.hasCache || this.knownToStay(entry)) return;
    this.reclaimForZap(this.areaOf(entry), entryOffset(entry));
  }

  /**
   * The last reference to a slot is gone and the cache still holds it: whether something tells, without a look-up, that
   * others of its folio's slots are referenced.
   * Kernel 6.1 free_swap_and_cache: while the cluster carries the flag of a PMD folio, nothing is tried until the last of
   * all its slots is dropped. Without the flag the one slot is looked at again.
   */
  private knownToStay(entry: number): boolean {
    if (this.features.hugeClusterFlag) return this.runReferenced(entry, 1);
    const { slotOrders } = this.areaOf(entry);
    return slotOrders !== null && this.runReferenced(entry, 1 << slotOrders.orderOf(entryOffset(entry)));
  }

  private unmapRange(entry: number, count: number): void {
    this.meter.call(this.names.unmap);
    this.pinDevice();
    if (!this.dropMapped(entry, count)) return;
    const area = this.areaOf(entry);
    const start = entryOffset(entry);
    for (let slot = start; slot < start + count; ) {
      let step = 1;
      if (area.map[slot] === slotByte.hasCache) {
        // Kernel 6.12 on: folios lie naturally aligned in swap, so one attempt covers all slots of the folio found.
        step = Math.max(1, Math.abs(this.reclaimForZap(area, slot)));
      }
      slot = Math.floor(slot / step) * step + step;
    }
  }

  /** First pass: every count goes down. True when some slot is now held by the cache alone. */
  private dropMapped(entry: number, count: number): boolean {
    if (this.features.freesAlike !== "each-cluster") return this.dropRange(entry, count);
    let anyOnlyCache = false;
    for (const part of this.partsByCluster(entry, count)) {
      this.meter.call(this.names.unmapInCluster);
      if (this.dropRange(part.entry, part.count)) anyOnlyCache = true;
    }
    return anyOnlyCache;
  }

  /**
   * Every count of a range goes down. True when some slot is now held by the cache alone.
   * Kernel 6.12 __swap_entries_free, 6.17 swap_entries_put_map: a range inside one cluster whose slots are all alike and
   * have one reference, or are shared memory's (6.17), is done at once, and freed at once when it is not cached. 6.10 knows
   * no such shortcut.
   */
  private dropRange(entry: number, count: number): boolean {
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

  /** The pages of a cached folio become folios of their own, each with its slot. Kernel 6.1 split_swap_cluster. */
  splitCached(folio: Folio, parts: readonly Folio[]): void {
    const { entry } = folio;
    const area = this.areaOf(entry);
    folio.entry = noEntry;
    area.slotOrders?.noteSplit(entryOffset(entry), parts.length);
    parts.forEach((part, i) => {
      area.setCached(entryOffset(entry) + i, 1, part.id);
      part.entry = entry + i;
    });
    if (this.features.hugeClusterFlag) {
      this.meter.call("split_swap_cluster");
      this.meter.costs.clusterLocks++;
      area.clusterOf(entryOffset(entry)).huge = false;
    }
  }
}
