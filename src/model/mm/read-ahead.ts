import type { Folio } from "../folio.ts";
import { entryOffset, makeEntry } from "../entry.ts";
import type { SwapCore } from "../swap-core.ts";
import type { MemoryState, Process } from "./address-space.ts";
import { pteKind, type Region } from "./region.ts";

/** Pages of the largest read-ahead. Kernel: 1 << page_cluster, which is 3 unless somebody changes it. */
const windowMax = 8;
/** Hits that fit into the area's record. */
const hitsMax = 63;

/**
 * A look-up that found a folio: remembers the place, and a page brought by read-ahead counts as a hit the first time.
 * Kernel 6.1, 6.12 swap_cache_get_folio: large folios do not take part.
 */
export function noteCacheHit(memory: MemoryState, region: Region, page: number, folio: Folio): void {
  if (folio.order > 0) return;
  if (memory.core.anyAreaRotates) {
    noteSlotHit(memory, folio);
    return;
  }
  const vma = region.vmaOf(page);
  if (folio.readahead) {
    vma.hits = Math.min(vma.hits + 1, hitsMax);
    folio.readahead = false;
    memory.core.meter.event("swap_ra_hit");
  }
  vma.lastPage = page;
}

/** The same where read-ahead goes by slot: one count of hits for all, no place to remember. */
export function noteSlotHit(memory: MemoryState, folio: Folio): void {
  if (!folio.readahead) return;
  folio.readahead = false;
  memory.core.meter.event("swap_ra_hit");
  memory.slotReadAhead.hits++;
}

/**
 * Reads the page at a swap fault and some of its neighbours into the swap cache, base pages only. Returns the folio of the fault.
 * Kernel 6.1, 6.12, 7.3 swapin_readahead: neighbours on the device while any swap device rotates, else in the address space.
 */
export function readAhead(memory: MemoryState, process: Process, region: Region, page: number): Folio {
  memory.core.meter.call("swapin_readahead");
  return memory.core.anyAreaRotates ? readSlotsAround(memory, region.value[page]!) : readPagesAround(memory, process, region, page);
}

/** Kernel 6.1, 6.12 swap_vma_readahead. */
function readPagesAround(memory: MemoryState, process: Process, region: Region, page: number): Folio {
  const { core } = memory;
  const vma = region.vmaOf(page);
  const previous = vma.lastPage;
  const window = windowSize(previous, page, vma.hits, vma.window);
  vma.lastPage = page;
  vma.window = window;
  vma.hits = 0;
  if (window > 1) {
    const left = leftEdge(previous, page, window);
    const block = region.blockOf(page) * region.blockPages;
    const start = Math.max(left, vma.start, block);
    const end = Math.min(left + window, vma.end, block + region.blockPages);
    for (let p = start; p < end; p++) {
      if (region.kind[p] !== pteKind.swap) continue;
      const brought = readIntoCache(memory, region.value[p]!);
      if (brought !== null && p !== page) {
        brought.readahead = true;
        core.meter.event("swap_ra");
      }
    }
  }
  readIntoCache(memory, region.value[page]!);
  const folio = core.cachedFolio(region.value[page]!);
  if (folio === null) throw new Error(`read-ahead in ${process.name} left page ${page} of ${region.name} out`);
  return folio;
}

/**
 * Reads a slot and its neighbours on the device into the swap cache; returns the folio of the slot itself.
 * Kernel 6.1, 6.12 swap_cluster_readahead, which shared memory uses on every device and private memory while one rotates.
 */
export function readSlotsAround(memory: MemoryState, entry: number): Folio {
  const { core, slotReadAhead: state } = memory;
  const area = core.areaOf(entry);
  const offset = entryOffset(entry);
  const { hits } = state;
  const window = windowSize(state.lastOffset, offset, hits, state.window);
  state.hits = 0;
  if (hits === 0) state.lastOffset = offset;
  state.window = window;
  if (window > 1) {
    // Any window that the rule gives is a power of two.
    const start = Math.max(1, offset - (offset % window));
    const end = Math.min(offset - (offset % window) + window, area.slotCount);
    for (let slot = start; slot < end; slot++) {
      const brought = readIntoCache(memory, makeEntry(area.swapType, slot));
      if (brought !== null && slot !== offset) {
        brought.readahead = true;
        core.meter.event("swap_ra");
      }
    }
  }
  readIntoCache(memory, entry);
  const folio = core.cachedFolio(entry);
  if (folio === null) throw new Error(`read-ahead left slot ${offset} out`);
  return folio;
}

/** Kernel 6.1, 6.12 __swapin_nr_pages. */
function windowSize(previous: number, page: number, hits: number, lastWindow: number): number {
  let pages: number;
  if (hits === 0) {
    pages = page === previous + 1 || page === previous - 1 ? 2 : 1;
  } else {
    pages = 4;
    while (pages < hits + 2) pages *= 2;
  }
  return Math.max(Math.min(pages, windowMax), Math.floor(lastWindow / 2));
}

/** Ahead of an ascending walk, behind a descending one, around a page that follows from nothing. */
function leftEdge(previous: number, page: number, window: number): number {
  if (page === previous + 1) return page;
  if (previous === page + 1) return page - window + 1;
  return page - Math.floor((window - 1) / 2);
}

/**
 * Brings one page into the swap cache unless it is there. Returns its folio when it had to be read, else null.
 * Kernel 6.1, 6.12 __read_swap_cache_async.
 */
function readIntoCache(memory: MemoryState, entry: number): Folio | null {
  const { core } = memory;
  // Kernel 6.18 __read_swap_cache_async: the look-up is the one that faults use.
  if (core.features.swapCacheIndex === "tables") core.meter.call("swap_cache_get_folio");
  if (core.features.devicePins !== "callers") core.pinDevice();
  if (core.cachedFolio(entry) !== null) return null;
  if (core.features.devicePins === "every-call") core.pinDevice();
  if (core.countOf(entry) === 0 && core.skipsUnusedSlots) return null;
  if (!core.prepareCache(entry, 1)) return null;
  const owner = memory.ownerOf(entry);
  const folio = core.folios.create(0, owner.region, owner.page);
  folio.isUnclaimed = true;
  core.addToCache(folio, entry);
  countRead(core, entry, folio);
  return folio;
}

/** Counts the reading of a folio from its slots; those marked as zero, and what is in zswap, are not read from the device. */
export function countRead(core: SwapCore, entry: number, folio: Folio): void {
  core.meter.call(core.features.names.read);
  const area = core.areaOf(entry);
  if (core.features.zeroMap && area.isZero(entryOffset(entry))) {
    core.meter.event("swpin_zero", folio.pageCount);
  } else if (core.zswap.load(area, entry)) {
    core.meter.event("zswpin");
    folio.dirty = true;
  } else {
    core.meter.event("pswpin", folio.pageCount);
  }
}
