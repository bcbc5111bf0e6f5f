import { entryOffset, makeEntry } from "./entry.ts";
import { type Folio, noEntry } from "./folio.ts";
import { slotByte, slotCount } from "./slot-byte.ts";
import type { SwapArea } from "./swap-area.ts";
import { type ReclaimCondition, SwapCore } from "./swap-core.ts";

/**
 * The swap core from 7.0 on: one word of a cluster's table tells what a slot holds, so that there is no cache bit to
 * keep, a folio is in the swap cache from the moment its slots are its own, and slots that nobody needs are free at once.
 * A slot is held by its folio, by its count, or free; the byte of the older releases says the same here.
 */
export class SwapTableCore extends SwapCore {
  /** Kernel 7.3 folio_alloc_swap: slots and cache in one; the folio is marked dirty by reclaim. */
  override addToSwap(folio: Folio): boolean {
    if (!this.allocateInCache(folio)) return false;
    folio.dirty = true;
    return true;
  }

  /** Kernel 7.3 shmem_writeout: the object's reference is counted like any other. */
  override addSharedToSwap(folio: Folio): boolean {
    if (!this.allocateInCache(folio)) return false;
    this.duplicate(folio.entry);
    return true;
  }

  private allocateInCache(folio: Folio): boolean {
    this.meter.call("folio_alloc_swap");
    const entry = this.allocateRun(folio.order);
    if (entry === noEntry) return false;
    this.freePages -= folio.pageCount;
    this.enterCache(folio, entry);
    return true;
  }

  override get skipsUnusedSlots(): boolean {
    return false;
  }

  override lookUp(entry: number): Folio | null {
    this.meter.call("swap_cache_get_folio");
    return this.cachedFolio(entry);
  }

  override duplicate(entry: number): void {
    this.meter.call("folio_dup_swap");
    this.countUp(entry);
  }

  override duplicateForChild(entry: number): void {
    this.meter.call("swap_dup_entry_direct");
    this.countUp(entry);
  }

  /** Kernel 7.3 swap_cache_alloc_folio: the folio claims its slots by being entered. False when nobody refers to them. */
  override prepareCache(entry: number): boolean {
    return this.countOf(entry) > 0;
  }

  override addToCache(folio: Folio, entry: number): void {
    const area = this.areaOf(entry);
    const slot = entryOffset(entry);
    for (let s = slot; s < slot + folio.pageCount; s++) area.map[s]! |= slotByte.hasCache;
    this.enterCache(folio, entry);
  }

  /** Kernel 7.3 folio_put_swap: the folio still holds the slots. */
  override dropReferences(entry: number, count: number): void {
    this.meter.call("folio_put_swap");
    this.meter.call("swap_put_entries_cluster");
    for (let i = 0; i < count; i++) this.dropCount(entry + i);
  }

  protected override releaseRange(area: SwapArea, slot: number, count: number): void {
    this.meter.call("__swap_cluster_free_entries");
    this.allocatorOf(area).release(slot, count);
    this.freePages += count;
  }

  /** Kernel 7.3 __swap_cache_del_folio: slots without a count are free now, in one go when none has one. */
  protected override putSlots(entry: number, pageCount: number): void {
    const area = this.areaOf(entry);
    const slot = entryOffset(entry);
    if (this.onlyCacheHolds(area, slot, pageCount)) {
      this.releaseRange(area, slot, pageCount);
      return;
    }
    for (let s = slot; s < slot + pageCount; s++) {
      area.map[s]! &= ~slotByte.hasCache;
      if (area.map[s] === slotByte.free) this.releaseRange(area, s, 1);
    }
  }

  protected override removeFromCache(folio: Folio): number {
    const { entry } = folio;
    this.areaOf(entry).setCached(entryOffset(entry), folio.pageCount, -1);
    folio.entry = noEntry;
    this.cachedPages -= folio.pageCount;
    return entry;
  }

  override deleteFromCache(folio: Folio): void {
    this.meter.call("swap_cache_del_folio");
    const entry = this.removeFromCache(folio);
    this.putSlots(entry, folio.pageCount);
    folio.dirty = true;
  }

  protected override anyReferenced(folio: Folio): boolean {
    const area = this.areaOf(folio.entry);
    const slot = entryOffset(folio.entry);
    return !this.onlyCacheHolds(area, slot, folio.pageCount);
  }

  protected override reclaimResult(area: SwapArea, slot: number, when: ReclaimCondition): number {
    this.meter.call("swap_cache_get_folio");
    const folio = this.cachedFolio(makeEntry(area.swapType, slot));
    if (folio === null) return 0;
    const { pageCount } = folio;
    const wanted = when.anyway || (when.unmapped && (folio.mapCount === 0 || this.swapFull()));
    if (!wanted || this.anyReferenced(folio)) return -pageCount;
    this.deleteFromCache(folio);
    this.folios.releaseIfUnused(folio);
    return pageCount;
  }

  /** Kernel 7.3 swap_put_entries_direct: cluster by cluster, first the counts, then the cache. */
  override unmapEntries(entry: number, count: number): void {
    this.meter.call("swap_put_entries_direct");
    this.pinDevice();
    const area = this.areaOf(entry);
    const start = entryOffset(entry);
    for (let slot = start; slot < start + count; ) {
      const clusterEnd = (area.clusterOf(slot) + 1) * area.clusterSlots;
      const end = Math.min(clusterEnd, start + count);
      this.unmapInCluster(area, slot, end);
      slot = end;
    }
  }

  /**
   * Kernel 7.3 swap_put_entries_cluster: neighbouring slots with one reference and no folio are freed together. When some
   * cached slot lost its last reference, the whole range is gone over, looking for a folio at every slot it comes to.
   */
  private unmapInCluster(area: SwapArea, start: number, end: number): void {
    this.meter.call("swap_put_entries_cluster");
    let reclaim = false;
    let batch = -1;
    const freeBatch = (to: number): void => {
      if (batch !== -1) this.releaseRange(area, batch, to - batch);
      batch = -1;
    };
    for (let slot = start; slot < end; slot++) {
      const byte = area.map[slot]!;
      const cached = (byte & slotByte.hasCache) !== 0;
      if (slotCount(byte) === 1 && !cached) {
        if (batch === -1) batch = slot;
        continue;
      }
      if (slotCount(byte) === 1) reclaim = true;
      this.countDown(area, slot);
      freeBatch(slot);
    }
    freeBatch(end);
    if (!reclaim) return;
    for (let slot = start; slot < end; ) {
      const result = Math.abs(this.reclaimForZap(area, slot));
      slot++;
      if (result !== 0) slot = Math.ceil(slot / result) * result;
    }
  }
}
