import type { MemoryState } from "./address-space.ts";
import { likelyShared, presentRun } from "./reclaim.ts";
import { blockState, pteBit, pteKind, type Region } from "./region.ts";

/**
 * MADV_FREE on a range: swap entries are dropped; present pages give up their swap and may vanish under reclaim unless
 * they are written again. Kernel 6.1, 6.12 madvise_free_pte_range.
 */
export function freeLazily(memory: MemoryState, region: Region, first: number, end: number): void {
  for (let page = first; page < end; ) {
    const block = region.blockOf(page);
    const blockEnd = Math.min(end, (block + 1) * region.blockPages);
    if (region.blocks[block] !== blockState.huge || !freeHugeBlock(memory, region, page, blockEnd)) {
      freeEntries(memory, region, page, blockEnd);
    }
    page = blockEnd;
  }
}

/** True when nothing is left to do for the block. Kernel: madvise_free_huge_pmd. */
function freeHugeBlock(memory: MemoryState, region: Region, first: number, end: number): boolean {
  if (region.kind[first] !== pteKind.present) return true;
  const folio = memory.folioAt(region, first);
  if (folio.mapCount !== folio.pageCount) return true;
  if (end - first !== region.blockPages) {
    if (!memory.canSplit(folio)) return true;
    memory.splitFolio(folio, 0);
    return false;
  }
  folio.dirty = false;
  folio.swapBacked = false;
  for (let page = first; page < end; page++) region.bits[page]! &= ~pteBit.dirty;
  return true;
}

function freeEntries(memory: MemoryState, region: Region, first: number, end: number): void {
  const { core } = memory;
  for (let page = first; page < end; ) {
    if (region.kind[page] === pteKind.swap) {
      const run = core.features.batchedFree ? region.swapRun(page, end) : 1;
      core.unmapEntries(region.value[page]!, run);
      for (let p = page; p < page + run; p++) {
        region.clear(p);
        region.content[p] = 0;
      }
      page += run;
      continue;
    }
    if (region.kind[page] !== pteKind.present) {
      page++;
      continue;
    }
    const advanced = freePresent(memory, region, page, end);
    if (advanced === -1) return;
    page += advanced;
  }
}

/** Pages dealt with, 0 to look at the same page again after a split, -1 to leave the block. */
function freePresent(memory: MemoryState, region: Region, page: number, end: number): number {
  const { core } = memory;
  const folio = memory.folioAt(region, page);
  let run = 1;
  if (folio.order > 0) {
    if (core.features.wholeFolioOrders === "pmd") {
      if (memory.mappingCount(folio, 0) !== 1 || !memory.canSplit(folio)) return -1;
      memory.splitFolio(folio, 0);
      return 0;
    }
    run = presentRun(region, folio, page, end);
    if (run < folio.pageCount) {
      if (likelyShared(memory, folio) || !memory.canSplit(folio)) return run;
      memory.splitFolio(folio, 0);
      return 0;
    }
  }
  if (folio.cached || folio.dirty) {
    if (folio.mapCount !== folio.pageCount) return run;
    if (folio.cached && !core.freeSwapOf(folio)) return run;
    folio.dirty = false;
  }
  for (let p = page; p < page + run; p++) region.bits[p]! &= ~pteBit.dirty;
  if (folio.swapBacked && !folio.cached) folio.swapBacked = false;
  return run;
}
