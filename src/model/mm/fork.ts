import { type MemoryState, Process } from "./address-space.ts";
import { blockState, pteBit, pteKind, type Region } from "./region.ts";

/**
 * A child with a copy of every page table: present pages are shared and write-protected on both sides, every swap
 * entry takes one more reference. Kernel 6.1, 6.12 copy_page_range.
 */
export function fork(memory: MemoryState, parent: Process, name: string): void {
  const child = new Process(name);
  for (const region of parent.regions.values()) {
    child.regions.set(region.name, copyRegion(memory, region));
  }
  memory.processes.set(name, child);
}

function copyRegion(memory: MemoryState, region: Region): Region {
  const { core } = memory;
  if (region.shared !== null) return region.copy(memory.geometry);
  for (let page = 0; page < region.pageCount; page++) {
    const kind = region.kind[page];
    if (kind === pteKind.present) {
      const folio = memory.folioAt(region, page);
      folio.mapCount++;
      if (region.blocks[region.blockOf(page)] === blockState.huge && page === folio.firstPage) folio.pmdMapCount++;
      region.bits[page]! &= ~(pteBit.exclusive | pteBit.writable);
    } else if (kind === pteKind.swap) {
      core.duplicateForChild(region.value[page]!);
      region.bits[page]! &= ~pteBit.exclusive;
    }
  }
  return region.copy(memory.geometry);
}
