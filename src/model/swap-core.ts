import { entryOffset, makeEntry } from "./entry.ts";
import { type Folio, FolioTable, noEntry } from "./folio.ts";
import * as slotByte from "./slot-byte.ts";
import { slotCount } from "./slot-byte.ts";
import { SlotReferences } from "./slot-references.ts";
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
 * The swap core proper: beside slots and what refers to them the swap cache, and how swap entries leave page tables. One CPU at
 * a time, no memory pressure but what the workload asks for, no writeback in flight between calls.
 */
export class SwapCore extends SlotReferences {
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
