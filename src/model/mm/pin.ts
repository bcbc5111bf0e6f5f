import type { MemoryState, Process } from "./address-space.ts";
import type { Access } from "./fault.ts";
import { pteKind, type Region } from "./region.ts";

/**
 * vmsplice into a pipe: every page is faulted in for reading and has one more reference from then on. The shared zero page
 * counts none. Kernel 6.1, 6.12 get_user_pages_fast without FOLL_PIN.
 */
export function pinPages(memory: MemoryState, process: Process, region: Region, access: Access, first: number, end: number): void {
  const pins = process.pinsOf(region.name);
  for (let page = first; page < end; page++) {
    access.read(page);
    if (region.kind[page] !== pteKind.present) continue;
    const folio = memory.folioAt(region, page);
    folio.pins++;
    pins.push(folio);
  }
}

/** The pipes that hold pages of the region are closed. */
export function unpinPages(memory: MemoryState, process: Process, region: string): void {
  const pins = process.pinsOf(region);
  for (const folio of pins.splice(0)) {
    folio.pins--;
    memory.core.folios.releaseIfUnused(folio);
  }
}
