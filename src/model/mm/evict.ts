import { BeyondModel } from "../swap-core.ts";
import type { MemoryState } from "./address-space.ts";
import { writeUnmapped } from "./reclaim.ts";

/**
 * Reclaim of everything that no page table maps, until nothing is left to take: the folios that only the swap cache
 * holds. What was never written is written first. The order is the LRU list's, which is that of their page-outs.
 * Kernel 6.1, 6.12 shrink_folio_list.
 */
export function evictUnmapped(memory: MemoryState): void {
  const { core } = memory;
  for (const folio of [...core.folios.all()]) {
    if (folio.mapCount > 0) continue;
    if (folio.inPageCache) throw new BeyondModel("evict would page out shared memory that nobody maps, in an order that is not modelled");
    if (!folio.cached) continue;
    if (folio.dirty && !writeUnmapped(memory, folio)) continue;
    core.evict(folio);
  }
}
