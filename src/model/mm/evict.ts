import type { Folio } from "../folio.ts";
import { BeyondModel } from "../beyond-model.ts";
import type { Features } from "../features.ts";
import { wordBits } from "../geometry.ts";
import type { MemoryState } from "./address-space.ts";
import { writeUnmapped } from "./reclaim.ts";

/**
 * Reclaim of everything that no page table maps, until nothing is left to take: the folios that only the swap cache
 * holds. What was never written is written first. The order is the LRU list's, which is that of their page-outs.
 * Kernel 6.1, 6.12 shrink_folio_list.
 */
export function evictUnmapped(memory: MemoryState): void {
  const { core } = memory;
  if ([...core.folios.all()].some((folio) => isPartlyMapped(memory, folio))) {
    throw new BeyondModel("evict would split a large folio of which some pages are mapped no longer, at a time that is not modelled");
  }
  // Kernel 6.1 folio_referenced_one, shmem_unused_huge_scan: locking memory does not hold it, and one beyond the object's end is cut.
  if (!core.features.wholeSharedFolios && [...core.folios.all()].some((folio) => folio.inPageCache && folio.order > 0 && folio.pmdMapCount === 0)) {
    throw new BeyondModel("evict would split a large folio of shared memory that is not mapped as a whole, at a time that is not modelled");
  }
  // Kernel 6.1, 6.12 read_mapping_page in swapon: what the block device's page cache holds is reclaimed as well.
  for (const _ of memory.readHeaders) core.meter.call("__remove_mapping");
  memory.readHeaders.clear();
  const { generationalReclaim } = core.features;
  if (core.freePages > 0 && core.freePages < wordBits) {
    core.assumptions.add(`the multi-generational LRU is ${generationalReclaim ? "on" : "off"}, as the kernel is built: with it evict takes nothing while fewer than ${wordBits} slots are free`);
  }
  if (core.freePages < freePagesToEvict(core.features)) return;
  for (const folio of [...core.folios.all()]) {
    if (folio.mapCount > 0) continue;
    if (folio.inPageCache) throw new BeyondModel("evict would page out shared memory that nobody maps, in an order that is not modelled");
    if (folio.pins > 0 && !(folio.cached && folio.dirty)) {
      throw new BeyondModel("evict would try again and again to take an unmapped page that a pipe holds");
    }
    if (!folio.cached || folio.pins > 0) continue;
    if (folio.dirty && folio.isUnclaimed) {
      // Kernel 7.0, 7.3 pageout: what is in the swap cache and not yet anonymous is not written but becomes active. On the
      // way it loses the mark of read-ahead until 7.1 and keeps it from 7.2 on, which no layout tells apart.
      throw new BeyondModel("evict would pass over pages that were read ahead from zswap and that nobody has mapped");
    }
    if (folio.dirty && writeUnmapped(memory, folio) === "kept") {
      if (!folio.cached) continue;
      core.writesUnderWay++;
    }
    core.evict(folio);
  }
}

/**
 * With fewer free slots anonymous memory is not looked at, the swap cache neither.
 * Kernel 6.1, 6.12 can_reclaim_anon_pages; 6.12, 6.18, 7.3 get_swappiness: by generations the limit is MIN_LRU_BATCH, a word's bits.
 */
export const freePagesToEvict = ({ generationalReclaim }: Features): number => (generationalReclaim ? wordBits : 1);

/** Kernel 6.1, 6.12 deferred_split_folio, deferred_split_scan: such a folio waits to be split when memory is reclaimed, unless it is in the swap cache. */
function isPartlyMapped(memory: MemoryState, folio: Folio): boolean {
  if (folio.order === 0 || folio.mapCount === 0 || folio.cached) return false;
  for (let index = 0; index < folio.pageCount; index++) if (memory.mappingCount(folio, index) === 0) return true;
  return false;
}
