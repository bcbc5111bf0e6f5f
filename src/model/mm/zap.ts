import type { Folio } from "../folio.ts";
import type { MemoryState, Process } from "./address-space.ts";
import { presentRun } from "./reclaim.ts";
import { blockState, pteBit, pteKind, type Region } from "./region.ts";

/**
 * Pages gathered before they are handed to the allocator in one go: 8 in the gather itself and 19 batches of 510.
 * Kernel 6.1, 6.12: mmu_gather.
 */
const gatherCapacity = 8 + 19 * 510;

/**
 * Taking page-table entries away for good: munmap, MADV_DONTNEED, exit.
 * Swap entries are dropped on the way; present pages are gathered and released at the end, and only then does the swap
 * cache lose those that nobody maps any more. Kernel 6.1, 6.12 zap_pte_range, free_pages_and_swap_cache.
 */
export class Zap {
  private readonly memory: MemoryState;
  private readonly gathered: Folio[] = [];

  constructor(memory: MemoryState) {
    this.memory = memory;
  }

  range(region: Region, first: number, end: number): void {
    for (let page = first; page < end; ) {
      const block = region.blockOf(page);
      const blockEnd = Math.min(end, (block + 1) * region.blockPages);
      const whole = page % region.blockPages === 0 && blockEnd - page === region.blockPages;
      if (region.blocks[block] === blockState.huge) {
        if (whole) {
          this.hugeBlock(region, block);
          page = blockEnd;
          continue;
        }
        this.memory.splitBlock(region, block);
      }
      this.entries(region, page, blockEnd);
      page = blockEnd;
    }
    if (region.shared === null) region.content.fill(0, first, end);
  }

  process(process: Process): void {
    for (const region of process.regions.values()) {
      for (const vma of region.vmas) this.range(region, vma.start, vma.end);
    }
    this.finish();
  }

  /** Kernel: tlb_finish_mmu. */
  finish(): void {
    const { core } = this.memory;
    for (const folio of this.gathered) {
      if (folio.cached && folio.mapCount === 0) {
        core.meter.costs.tryLocks++;
        core.freeSwapOf(folio);
      }
      core.folios.releaseIfUnused(folio);
    }
    this.gathered.length = 0;
  }

  private hugeBlock(region: Region, block: number): void {
    const first = block * region.blockPages;
    if (region.kind[first] === pteKind.present) {
      const folio = this.memory.folioAt(region, first);
      if (region.shared !== null && this.memory.core.features.zapKeepsHugeWrites && (region.bits[first]! & pteBit.dirty) !== 0) folio.dirty = true;
      folio.pmdMapCount--;
      folio.mapCount -= folio.pageCount;
      this.gather(folio);
    }
    for (let page = first; page < first + region.blockPages; page++) region.clear(page);
    region.blocks[block] = blockState.empty;
  }

  private entries(region: Region, first: number, end: number): void {
    const { features } = this.memory.core;
    for (let page = first; page < end; ) {
      const kind = region.kind[page];
      if (kind === pteKind.swap) {
        const run = features.batchedFree ? region.swapRun(page, end) : 1;
        this.memory.core.unmapEntries(region.value[page]!, run);
        for (let p = page; p < page + run; p++) region.clear(p);
        page += run;
      } else if (kind === pteKind.present) {
        page += this.presentPages(region, page, end);
      } else {
        region.clear(page);
        page++;
      }
    }
  }

  private presentPages(region: Region, page: number, end: number): number {
    const folio = this.memory.folioAt(region, page);
    // Kernel 6.12 zaps the neighbouring pages of one folio together and gathers the folio once.
    const run = this.memory.core.features.batchedFree ? presentRun(region, folio, page, end) : 1;
    for (let p = page; p < page + run; p++) {
      if (region.shared !== null && (region.bits[p]! & pteBit.dirty) !== 0) folio.dirty = true;
      region.clear(p);
    }
    folio.mapCount -= run;
    this.gather(folio);
    return run;
  }

  private gather(folio: Folio): void {
    this.gathered.push(folio);
    if (this.gathered.length >= gatherCapacity) this.finish();
  }
}
