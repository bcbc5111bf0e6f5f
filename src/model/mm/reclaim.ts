import type { Folio } from "../folio.ts";
import { entryOffset } from "../entry.ts";
import type { MemoryState, Process } from "./address-space.ts";
import { blockState, pteBit, pteKind, type Region } from "./region.ts";
import { moveToSwap } from "./shared.ts";
import type { SharedObject } from "./shared-object.ts";

/**
 * MADV_PAGEOUT and MADV_COLD on a range: walks it PMD by PMD, collects the folios that only this process maps, and for
 * `pageout` reclaims those of each block in ascending order.
 * Kernel 6.1, 6.12 madvise_cold_or_pageout_pte_range.
 */
export function adviseRange(memory: MemoryState, process: Process, region: Region, first: number, end: number, pageout: boolean): void {
  for (let page = first; page < end; ) {
    const block = region.blockOf(page);
    const blockEnd = Math.min(end, (block + 1) * region.blockPages);
    const folios = collect(memory, region, page, blockEnd);
    if (pageout) new Reclaim(memory, process).run(folios);
    page = blockEnd;
  }
}

function collect(memory: MemoryState, region: Region, first: number, end: number): Folio[] {
  const block = region.blockOf(first);
  if (region.blocks[block] === blockState.huge) {
    if (region.kind[first] !== pteKind.present) return [];
    const folio = memory.folioAt(region, first);
    const mappedHereAlone = folio.pmdMapCount === 1 && folio.mapCount === folio.pageCount;
    if (end - first === region.blockPages) return mappedHereAlone ? [folio] : [];
    // Kernel 6.1 looks at the first page's mappings only: others of its pages may be mapped by another process as well.
    const mayBeSplit = memory.core.features.wholeFolioOrders === "pmd" ? memory.mappingCount(folio, 0) === 1 : mappedHereAlone;
    if (!mayBeSplit || !memory.canSplit(folio)) return [];
    memory.splitFolio(folio, 0);
  }
  return memory.core.features.wholeFolioOrders === "pmd"
    ? collectSplitting(memory, region, first, end)
    : collectWhole(memory, region, first, end);
}

/** Kernel 6.1: a large folio met through page-table entries is split; one that is shared ends the walk of the block. */
function collectSplitting(memory: MemoryState, region: Region, first: number, end: number): Folio[] {
  const folios: Folio[] = [];
  for (let page = first; page < end; page++) {
    if (region.kind[page] !== pteKind.present) continue;
    let folio = memory.folioAt(region, page);
    if (folio.order > 0) {
      const index = page - folio.firstPage;
      if (memory.mappingCount(folio, index) !== 1 || !memory.canSplit(folio)) break;
      memory.splitFolio(folio, index);
      // Of shared memory nothing is mapped any more.
      if (region.kind[page] !== pteKind.present) continue;
      folio = memory.folioAt(region, page);
    }
    if (folio.mapCount === 1) folios.push(folio);
  }
  return folios;
}

/** Kernel 6.12: a large folio stays whole when all of it is mapped here and lies in the range, else it is split. */
function collectWhole(memory: MemoryState, region: Region, first: number, end: number): Folio[] {
  const folios: Folio[] = [];
  for (let page = first; page < end; ) {
    if (region.kind[page] !== pteKind.present) {
      page++;
      continue;
    }
    const folio = memory.folioAt(region, page);
    const run = presentRun(region, folio, page, end);
    if (run < folio.pageCount) {
      if (!likelyShared(memory, folio) && memory.canSplit(folio)) memory.splitFolio(folio, 0);
      else page += run;
      continue;
    }
    if (folio.mapCount === folio.pageCount && folio.pmdMapCount === 0) folios.push(folio);
    page += run;
  }
  return folios;
}

/** Pages from `page` on that are the next pages of the same folio. Kernel 6.12 folio_pte_batch: no other bit matters. */
export function presentRun(region: Region, folio: Folio, page: number, end: number): number {
  const last = Math.min(end, folio.firstPage + folio.pageCount);
  let next = page + 1;
  while (next < last && region.isFolio(next, folio.id)) next++;
  return next - page;
}

/** Kernel 6.12 folio_likely_mapped_shared: exact for base pages, a guess from the first page for others. */
export function likelyShared(memory: MemoryState, folio: Folio): boolean {
  const { mappings } = folio;
  if (folio.order === 0) return mappings > 1;
  if (mappings <= 1) return false;
  if (memory.core.features.exactSharing) return memory.mappingProcesses(folio) > 1;
  if (folio.pmdMapCount > 0 || mappings > folio.pageCount) return true;
  return memory.mappingCount(folio, 0) > 1;
}

/** Writes a folio that only the swap cache holds, for whoever has its swap entries. */
export function writeUnmapped(memory: MemoryState, folio: Folio): Write {
  for (const process of memory.processes.values()) {
    const region = process.regions.get(folio.region);
    if (region?.kind[folio.firstPage] !== pteKind.swap || region.value[folio.firstPage] !== folio.entry) continue;
    return new Reclaim(memory, process).write(folio);
  }
  throw new Error(`nobody has the swap entries of folio ${folio.id}, and yet it is to be written`);
}

/** What became of a folio that reclaim worked on. */
type Write = "kept" | "gone";

/**
 * Reclaim of a list of isolated folios. Kernel 6.1, 6.12 shrink_folio_list as reclaim_pages runs it: references are
 * ignored, writing is allowed, swap is used.
 */
class Reclaim {
  private readonly memory: MemoryState;
  private readonly process: Process;

  constructor(memory: MemoryState, process: Process) {
    this.memory = memory;
    this.process = process;
  }

  run(folios: readonly Folio[]): void {
    // Kernel: the parts of a folio that had to be split are worked on next, in ascending order (until 6.14).
    const work = [...folios].reverse();
    for (let folio = work.pop(); folio !== undefined; folio = work.pop()) this.reclaim(folio, work);
  }

  private reclaim(folio: Folio, work: Folio[]): void {
    const { core } = this.memory;
    const { shared } = this.process.region(folio.region);
    if (shared !== null) {
      this.reclaimShared(folio, shared, work);
      return;
    }
    if (!folio.swapBacked) {
      this.discardLazyFree(folio);
      return;
    }
    // Kernel 6.1, 6.12 shrink_folio_list: a large folio that could not be split, should no run be free, gets no slots.
    if (!folio.cached && folio.order > 0 && !this.memory.canSplit(folio)) return;
    if (!folio.cached && !core.addToSwap(folio)) {
      if (folio.order === 0) return;
      const head = this.splitForReclaim(folio, work);
      this.countFallback(folio);
      folio = head;
      if (!core.addToSwap(folio)) {
        core.folios.releaseIfUnused(folio);
        return;
      }
    }
    this.memory.noteOwner(folio.entry, folio);
    this.unmap(folio);
    if (folio.pins > 0) {
      this.keepPinned(folio);
      return;
    }
    if (folio.dirty && this.write(folio) === "kept") return;
    core.evict(folio);
  }

  /** Returns the first part of a folio that had to be split; the others are worked on next. */
  private splitForReclaim(folio: Folio, work: Folio[]): Folio {
    const [head, ...tails] = this.memory.splitFolio(folio, 0);
    work.push(...(this.memory.core.features.splitTails === "ascending" ? tails.reverse() : tails));
    return head!;
  }

  /**
   * What somebody else refers to stays in the cache: a dirty folio is not even written, for it might change meanwhile, and a
   * clean one is held when it is to be removed. Kernel 6.1, 6.12 is_page_cache_freeable, __remove_mapping.
   */
  private keepPinned(folio: Folio): void {
    if (!folio.dirty) this.memory.core.meter.call("__remove_mapping");
  }

  /**
   * A folio of shared memory leaves the page tables for good and gets its slots only when it is written; a clean one was
   * never written to and is dropped. Until 6.11 a large one is split first, later only when there is no room for all of it.
   * Kernel 6.1, 6.12 shrink_folio_list, shmem_writepage.
   */
  private reclaimShared(folio: Folio, object: SharedObject, work: Folio[]): void {
    const { core } = this.memory;
    if (folio.order > 0 && !core.features.wholeSharedFolios) {
      if (!this.memory.canSplit(folio)) return;
      folio = this.splitForReclaim(folio, work);
    }
    this.memory.unmapShared(folio);
    if (folio.pins > 0) {
      this.keepPinned(folio);
      return;
    }
    if (!folio.dirty) {
      this.dropClean(folio, object);
      return;
    }
    if (!core.hasSwap) return;
    if (!moveToSwap(this.memory, object, folio)) {
      if (folio.order === 0) return;
      const head = this.splitForReclaim(folio, work);
      if (core.features.countsSharedFallback) this.countFallback(folio);
      folio = head;
      if (!moveToSwap(this.memory, object, folio)) return;
    }
    if (this.write(folio) === "gone") core.evict(folio);
  }

  /** What was written without the folio's knowing is lost. Kernel 6.1, 6.12 __remove_mapping. */
  private dropClean(folio: Folio, object: SharedObject): void {
    const { core } = this.memory;
    core.meter.call("__remove_mapping");
    object.remove(folio.firstPage, folio.pageCount);
    object.content.fill(0, folio.firstPage, folio.firstPage + folio.pageCount);
    folio.inPageCache = false;
    core.folios.releaseIfUnused(folio);
  }

  /** Kernel 6.1 counts the fallback of any large folio; 6.12 counts PMD folios there and every size in its own file. */
  private countFallback(folio: Folio): void {
    const { core } = this.memory;
    if (core.features.wholeFolioOrders === "pmd" || folio.order === this.memory.geometry.pmdOrder) {
      core.meter.event("thp_swpout_fallback");
    }
    if (core.features.wholeFolioOrders === "any") core.meter.folio(folio.order, "swpout_fallback");
  }

  /** Every page-table entry becomes a swap entry and takes a reference to its slot. Kernel: try_to_unmap. */
  private unmap(folio: Folio): void {
    const { core } = this.memory;
    const region = this.process.region(folio.region);
    this.memory.splitBlock(region, region.blockOf(folio.firstPage));
    for (let i = 0; i < folio.pageCount; i++) {
      const page = folio.firstPage + i;
      if (!region.isFolio(page, folio.id)) continue;
      const entry = folio.entry + i;
      core.duplicate(entry);
      if ((region.bits[page]! & pteBit.dirty) !== 0) folio.dirty = true;
      region.setSwap(page, entry, region.bits[page]! & pteBit.exclusive);
      folio.mapCount--;
    }
  }

  /**
   * Writes the folio to its slots. It stays in the swap cache when the write is still under way when reclaim looks
   * again, which is the rule on a device that does not complete at once. Kernel: swap_writepage.
   */
  write(folio: Folio): Write {
    const { core } = this.memory;
    core.meter.call(core.features.names.write);
    if (core.freeSwapOf(folio)) {
      core.folios.releaseIfUnused(folio);
      return "kept";
    }
    folio.dirty = false;
    const area = core.areaOf(folio.entry);
    const slot = entryOffset(folio.entry);
    if (core.features.zeroMap) {
      const zero = this.holdsOnlyZeroes(folio);
      area.setZero(slot, folio.pageCount, zero);
      if (zero) {
        core.meter.event("swpout_zero", folio.pageCount);
        return "gone";
      }
    }
    if (core.zswap.store(area, folio.entry, folio.pageCount)) {
      core.meter.event("zswpout", folio.pageCount);
      if (folio.order > 0) core.meter.folio(folio.order, "zswpout");
      return "gone";
    }
    core.meter.call("__swap_writepage");
    core.meter.event("pswpout", folio.pageCount);
    if (folio.order === this.memory.geometry.pmdOrder) core.meter.event("thp_swpout");
    if (core.features.wholeFolioOrders === "any" && folio.order > 0) core.meter.folio(folio.order, "swpout");
    return area.synchronous ? "gone" : "kept";
  }

  private holdsOnlyZeroes(folio: Folio): boolean {
    const { content } = this.process.region(folio.region);
    for (let i = 0; i < folio.pageCount; i++) if (content[folio.firstPage + i] !== 0) return false;
    return true;
  }

  /**
   * A folio given up by MADV_FREE vanishes page by page. At the first page written since, it counts as ordinary memory
   * again, and what was passed before is gone. Kernel 6.1, 6.12 try_to_unmap_one.
   */
  private discardLazyFree(folio: Folio): void {
    const { core } = this.memory;
    const region = this.process.region(folio.region);
    const pages = Array.from({ length: folio.pageCount }, (_, i) => folio.firstPage + i).filter((page) => region.isFolio(page, folio.id));
    const firstKept = folio.dirty || folio.pins > 0 ? 0 : pages.findIndex((page) => (region.bits[page]! & pteBit.dirty) !== 0);
    const block = region.blockOf(folio.firstPage);
    if (region.blocks[block] === blockState.huge && (firstKept === -1 || core.features.cacheBit)) {
      // Kernel 6.12 takes a lazily freed PMD folio away whole; 6.1 leaves the page table behind. One written since is mapped
      // by a page table from then on in both.
      this.memory.splitBlock(region, block);
      if (firstKept === -1 && core.features.wholeFolioOrders === "any") region.blocks[block] = blockState.empty;
    }
    for (const page of firstKept === -1 ? pages : pages.slice(0, firstKept)) {
      region.clear(page);
      region.content[page] = 0;
      folio.mapCount--;
    }
    if (firstKept === -1) {
      core.folios.releaseIfUnused(folio);
      return;
    }
    if ((region.bits[pages[firstKept]!]! & pteBit.dirty) !== 0) folio.dirty = true;
    // Kernel 7.3 ttu_anon_lazyfree_folio: a clean page that is only held by somebody is left as it was.
    if (folio.dirty || !core.features.heldLazyFreeStays) folio.swapBacked = true;
  }
}
