import { entryOffset } from "./entry.ts";
import type { Folio } from "./folio.ts";
import * as slotByte from "./slot-byte.ts";
import { slotCount } from "./slot-byte.ts";
import type { SwapArea } from "./swap-area.ts";
import { SwapCore } from "./swap-core.ts";

/**
 * The swap core from 7.0 on: there is no cache bit to keep, a folio is in the swap cache from the moment its slots are its
 * own, and slots that nobody needs are free at once. A slot is held by its folio, by its count, or free; the byte of the
 * older releases says the same here.
 */
export class SwapTableCore extends SwapCore {
  override get skipsUnusedSlots(): boolean {
    return false;
  }

  /** Kernel 7.0, 7.3 shmem_writeout: the object's references are counted like any other, those of a folio in one go. */
  protected override takeForShared(entry: number, count: number): void {
    this.meter.call(this.names.duplicate);
    this.meter.call("__swap_duplicate");
    this.meter.costs.clusterLocks++;
    const slot = entryOffset(entry);
    this.areaOf(entry).map.fill(slotByte.hasCache | 1, slot, slot + count);
  }

  /** Kernel 7.3 swap_cache_alloc_folio: the folio claims its slots by being entered. False when nobody refers to them. */
  override prepareCache(entry: number): boolean {
    return this.countOf(entry) > 0;
  }

  override addToCache(folio: Folio, entry: number): void {
    this.meter.costs.clusterLocks++;
    const area = this.areaOf(entry);
    const slot = entryOffset(entry);
    for (let s = slot; s < slot + folio.pageCount; s++) area.map[s]! |= slotByte.hasCache;
    super.addToCache(folio, entry);
  }

  /** Kernel 7.3 swap_put_entries_direct: cluster by cluster, first the counts, then the cache. */
  override unmapEntries(entry: number, count: number): void {
    this.meter.call(this.names.unmap);
    this.pinDevice();
    const area = this.areaOf(entry);
    for (const part of this.partsByCluster(entry, count)) {
      const start = entryOffset(part.entry);
      this.unmapInCluster(area, start, start + part.count);
    }
  }

  /**
   * Kernel 7.3 swap_put_entries_cluster: neighbouring slots with one reference and no folio are freed together. When some
   * cached slot lost its last reference, the whole range is gone over, looking for a folio at every slot it comes to.
   */
  private unmapInCluster(area: SwapArea, start: number, end: number): void {
    this.meter.call(this.names.unmapInCluster);
    this.meter.costs.clusterLocks++;
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
