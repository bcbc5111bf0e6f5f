import type { MemoryState } from "./address-space.ts";
import { pteKind, type Region } from "./region.ts";

/**
 * Splits every large folio that is mapped in a range, page by page in ascending order; a folio that somebody else holds
 * stays whole. What is only in the swap cache is mapped nowhere and not met.
 * Kernel 6.1, 6.12, 7.3 split_huge_pages_pid: 6.1 keeps the page it came by locked, later the folio's first one.
 */
export function splitMapped(memory: MemoryState, region: Region, first: number, end: number): void {
  for (let page = first; page < end; page++) {
    if (region.kind[page] !== pteKind.present) continue;
    const folio = memory.folioAt(region, page);
    if (folio.order === 0 || !memory.canSplit(folio)) continue;
    memory.splitFolio(folio, memory.core.features.wholeFolioOrders === "pmd" ? page - folio.firstPage : 0);
  }
}
