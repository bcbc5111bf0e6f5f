import type { SwapArea } from "../swap-area.ts";
import { entryType, makeEntry } from "../entry.ts";
import * as slotByte from "../slot-byte.ts";
import type { MemoryState, Process } from "./address-space.ts";
import { copyOfTail } from "./fault.ts";
import { noteCacheHit, readAhead } from "./read-ahead.ts";
import { pteBit, pteKind, type Region } from "./region.ts";
import { unuseShared } from "./shared.ts";
import type { SharedObject } from "./shared-object.ts";

/**
 * swapoff: every swapped page comes back into the page tables that refer to it, then what only the cache still holds is
 * freed. Kernel 6.1, 6.12 swapoff and try_to_unuse.
 */
export function switchOff(memory: MemoryState, area: SwapArea): void {
  const { core } = memory;
  core.closeArea(area);
  // Of an entry that stands for several pages one comes back at a time.
  while (area.inusePages > 0) unuseOnce(memory, area);
  core.removeArea(area);
}

function unuseOnce(memory: MemoryState, area: SwapArea): void {
  const { core } = memory;
  for (const object of sharedObjects(memory)) unuseShared(memory, object, (entry) => entryType(entry) === area.swapType);
  for (const process of swappedProcesses(memory)) {
    if (area.inusePages === 0) break;
    for (const region of process.regions.values()) unuseRegion(memory, process, region, area);
  }
  for (let slot = 1; slot < area.slotCount && area.inusePages > 0; slot++) {
    if (area.map[slot] === slotByte.free || area.map[slot] === slotByte.bad) continue;
    const entry = makeEntry(area.swapType, slot);
    const folio = core.features.swapCacheIndex === "tables" ? core.lookUp(entry) : core.cachedFolio(entry);
    if (folio === null) continue;
    core.freeSwapOf(folio);
    core.folios.releaseIfUnused(folio);
  }
}

function sharedObjects(memory: MemoryState): Set<SharedObject> {
  const objects = new Set<SharedObject>();
  for (const process of memory.processes.values()) {
    for (const { shared } of process.regions.values()) if (shared !== null) objects.add(shared);
  }
  return objects;
}

/** Kernel: mmlist. The first process to be swapped heads it; a forked child stands right behind its parent. */
function swappedProcesses(memory: MemoryState): Process[] {
  const [first, ...children] = [...memory.processes.values()];
  return first === undefined ? [] : [first, ...children.reverse()];
}

function unuseRegion(memory: MemoryState, process: Process, region: Region, area: SwapArea): void {
  const { core } = memory;
  for (let page = 0; page < region.pageCount; page++) {
    if (region.kind[page] !== pteKind.swap) continue;
    const entry = region.value[page]!;
    if (entryType(entry) !== area.swapType) continue;
    let folio = core.lookUp(entry);
    if (folio === null) folio = readAhead(memory, process, region, page);
    // Kernel 6.18, 7.3 swap_cache_get_folio: the look-up does not count a hit any more, and swapoff does not either.
    else if (core.features.swapCacheIndex === "trees") noteCacheHit(memory, region, page, folio);
    // Kernel 6.1, 6.12 unuse_pte: mapped read-only and clean, exclusive if it was so when it went out.
    folio.isUnclaimed = false;
    const copy = copyOfTail(memory, region, page, folio);
    region.setPresent(page, (copy ?? folio).id, copy === null ? region.bits[page]! & pteBit.exclusive : pteBit.exclusive);
    if (copy === null) folio.mapCount++;
    core.dropReferences(entry, 1);
    core.mayBeInlined("swap_free", 1);
    core.freeSwapOf(folio);
  }
}
