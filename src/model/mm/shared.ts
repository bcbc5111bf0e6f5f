import { entryOffset } from "../entry.ts";
import { BeyondModel } from "../beyond-model.ts";
import type { Folio } from "../folio.ts";
import * as slotByte from "../slot-byte.ts";
import type { MemoryState } from "./address-space.ts";
import { countRead, noteSlotHit, readSlotsAround } from "./read-ahead.ts";
import { blockState, pteBit, pteKind, type Region } from "./region.ts";
import type { SharedObject, SwapPlace } from "./shared-object.ts";

/** Pages that a read fault maps around the one asked for. Kernel: fault_around_bytes, 64 KiB. */
const faultAroundPages = 16;
/** Entries that swapoff takes from an object at a time. Kernel 6.12, 7.3 PAGEVEC_SIZE; without large folios it does not matter. */
const batchMax = 31;

/** One access to a page of a shared mapping. Kernel 6.1, 6.12 shmem_fault. */
export function accessShared(memory: MemoryState, region: Region, object: SharedObject, page: number, write: boolean): void {
  if (region.kind[page] !== pteKind.present) {
    if (!write) mapAround(memory, region, object, page);
    if (region.kind[page] !== pteKind.present) mapFaulted(memory, region, page, bringPage(memory, region, object, page), write);
  }
  if (!write) return;
  const block = region.blockOf(page) * region.blockPages;
  if (region.blocks[region.blockOf(page)] === blockState.huge) for (let p = block; p < block + region.blockPages; p++) region.bits[p]! |= pteBit.dirty;
  else region.bits[page]! |= pteBit.dirty;
}

// ---- mapping what is in memory

function mapPage(region: Region, page: number, folio: Folio, bits: number): void {
  region.setPresent(page, folio.id, bits);
  folio.mapCount++;
}

/** Kernel 6.1, 6.12 do_set_pmd: an empty block that lies inside the memory area is mapped as a whole. True when it was. */
function mapHuge(memory: MemoryState, region: Region, page: number, folio: Folio, bits: number): boolean {
  const block = region.blockOf(page);
  if (region.blocks[block] !== blockState.empty || folio.order !== memory.geometry.pmdOrder || !liesInArea(region, page, folio)) return false;
  for (let p = folio.firstPage; p < folio.firstPage + folio.pageCount; p++) mapPage(region, p, folio, bits);
  folio.pmdMapCount++;
  region.blocks[block] = blockState.huge;
  memory.core.meter.event("thp_file_mapped");
  return true;
}

/** The folio lies inside the memory area of one of its pages. */
function liesInArea(region: Region, page: number, folio: Folio): boolean {
  const vma = region.vmaOf(page);
  return folio.firstPage >= vma.start && folio.firstPage + folio.pageCount <= vma.end;
}

/**
 * The page that a fault brought; from 6.11 on with all of its folio when none of it is mapped yet.
 * Kernel 6.1, 6.12 finish_fault; fault_dirty_shared_page for a write.
 */
function mapFaulted(memory: MemoryState, region: Region, page: number, folio: Folio, write: boolean): void {
  const bits = pteBit.writable | (write ? pteBit.dirty : 0);
  if (write) folio.dirty = true;
  if (mapHuge(memory, region, page, folio, bits)) return;
  const end = folio.firstPage + folio.pageCount;
  const whole =
    memory.core.features.wholeSharedFolios &&
    liesInArea(region, page, folio) &&
    region.kind.subarray(folio.firstPage, end).every((kind) => kind === pteKind.none);
  if (!whole) mapPage(region, page, folio, bits);
  else for (let p = folio.firstPage; p < end; p++) mapPage(region, p, folio, bits);
}

/**
 * A read maps those neighbours in an aligned window that are in memory already, and from 6.18 on all of a large folio that
 * begins or ends outside. A block that is still empty is mapped as a whole when the first folio met is large enough.
 * Kernel 6.1, 6.12, 6.18 filemap_map_pages, do_fault_around.
 */
function mapAround(memory: MemoryState, region: Region, object: SharedObject, page: number): void {
  const vma = region.vmaOf(page);
  const window = page - (page % faultAroundPages);
  const end = Math.min(window + faultAroundPages, vma.end);
  for (let p = Math.max(window, vma.start); p < end; ) {
    const place = object.place(p);
    if (place.at !== "memory") {
      p++;
      continue;
    }
    const { folio } = place;
    if (mapHuge(memory, region, page, folio, pteBit.writable)) return;
    const next = Math.min(folio.firstPage + folio.pageCount, end);
    const whole = memory.core.features.faultAroundMapsWhole && liesInArea(region, p, folio);
    mapMissing(region, folio, whole ? folio.firstPage : p, whole ? folio.firstPage + folio.pageCount : next);
    region.needTable(p);
    p = next;
  }
}

function mapMissing(region: Region, folio: Folio, first: number, end: number): void {
  for (let p = first; p < end; p++) if (region.kind[p] === pteKind.none) mapPage(region, p, folio, pteBit.writable);
}

// ---- bringing what is not

function bringPage(memory: MemoryState, region: Region, object: SharedObject, page: number): Folio {
  const place = object.place(page);
  if (place.at === "memory") return place.folio;
  if (place.at === "swap") return swapInShared(memory, object, page);
  const order = orderFor(memory, region, object, page);
  const folio = memory.core.folios.create(order, object.name, page - (page % (1 << order)));
  object.putFolio(folio);
  if (order === memory.geometry.pmdOrder) memory.core.meter.event("thp_file_alloc");
  if (order > 0 && memory.core.features.wholeSharedFolios) memory.core.meter.folio(order, "shmem_alloc");
  return folio;
}

/**
 * The size that the mapping asks for when nothing of the object is there yet, in memory or in swap, else one page. From 6.11
 * on the folio has to lie inside the memory area; before, it may reach beyond, even beyond the object's end.
 * Kernel 6.1 shmem_alloc_hugefolio, 6.12 shmem_suitable_orders.
 */
function orderFor(memory: MemoryState, region: Region, object: SharedObject, page: number): number {
  const order = region.folioOrder;
  const { wholeSharedFolios } = memory.core.features;
  if (!wholeSharedFolios && order !== memory.geometry.pmdOrder) return 0;
  const first = page - (page % (1 << order));
  const end = first + (1 << order);
  const vma = region.vmaOf(page);
  if (wholeSharedFolios && (first < vma.start || end > vma.end)) return 0;
  for (let p = first; p < Math.min(end, object.pageCount); p++) if (object.place(p).at !== "nowhere") return 0;
  return order;
}

/**
 * A page comes back from swap, with all of its folio when that is still in the swap cache. It leaves the swap cache for the
 * object at once, and its slots are freed. Kernel 6.1, 6.12 shmem_swapin_folio.
 */
export function swapInShared(memory: MemoryState, object: SharedObject, page: number): Folio {
  const { core } = memory;
  for (;;) {
    const place = object.place(page);
    if (place.at !== "swap") throw new Error(`page ${page} of ${object.name} is not in swap`);
    // Until 6.6 or so the look-up pins the device, later its caller does.
    core.pinDevice();
    core.meter.call("swap_cache_get_folio");
    const found = core.cachedFolio(core.features.sharedLookUp === "page" ? object.entryOf(page)! : place.entry);
    if (found !== null) noteSlotHit(memory, found);
    const folio = found ?? readShared(memory, object, page, place);
    if (!folio.cached) return folio;
    if (folio.order < place.order) splitPlace(memory, object, page);
    if (core.cachedFolio(object.entryOf(page)!) === folio) {
      leaveSwap(memory, object, folio);
      return folio;
    }
    // What was found is the first page of an entry that has been split now: the page's own is looked for.
  }
}

/** What its place stands for becomes smaller, unless that was done already. */
function splitPlace({ core }: MemoryState, object: SharedObject, page: number): void {
  const place = object.place(page);
  if (place.at !== "swap") return;
  if (core.features.sharedEntrySplit === "around-page") object.splitEntryAround(page, place);
  else object.splitEntry(place);
}

function leaveSwap({ core }: MemoryState, object: SharedObject, folio: Folio): void {
  const { entry, pageCount } = folio;
  folio.isUnclaimed = false;
  object.putFolio(folio);
  if (core.features.cacheBit) {
    core.deleteFromCache(folio);
    core.dropReferences(entry, pageCount);
  } else {
    core.dropReferences(entry, pageCount);
    core.deleteFromCache(folio);
  }
}

/**
 * From a device that completes at once comes all that the entry stands for, where the kernel knows how; else the page comes
 * alone, with some that are read ahead by slot. Kernel 6.12, 6.14 split the entry before they read a page, 6.17 and later after.
 */
function readShared(memory: MemoryState, object: SharedObject, page: number, place: SwapPlace): Folio {
  const { core } = memory;
  const { synchronous } = core.areaOf(place.entry);
  if (synchronous && !core.features.cacheBit) return readSync(memory, object, page, place);
  if (synchronous && core.features.sharedSyncSwapInPastCache) return readPast(memory, object, page, place);
  if (core.features.sharedLookUp === "first") splitPlace(memory, object, page);
  return readSlotsAround(memory, object.entryOf(page)!);
}

/** Whether all that an entry stands for can be read in one folio: none of it is in the swap cache, and zswap was never on. */
function comesWhole({ core }: MemoryState, { entry, order }: SwapPlace): boolean {
  if (core.zswap.everEnabled) return false;
  const { map } = core.areaOf(entry);
  const slot = entryOffset(entry);
  return map.subarray(slot, slot + (1 << order)).every((byte) => (byte & slotByte.hasCache) === 0);
}

/** A new folio of all that the place stands for, or of the page alone. */
function folioFor(memory: MemoryState, object: SharedObject, page: number, place: SwapPlace): { readonly folio: Folio; readonly entry: number } {
  const whole = comesWhole(memory, place);
  const folio = memory.core.folios.create(whole ? place.order : 0, object.name, whole ? place.firstPage : page);
  return { folio, entry: whole ? place.entry : object.entryOf(page)! };
}

/** Kernel 6.14, 6.17, 6.19 shmem_swap_alloc_folio: nothing is read ahead, and the folio never enters the swap cache. */
function readPast(memory: MemoryState, object: SharedObject, page: number, place: SwapPlace): Folio {
  const { core } = memory;
  if (core.features.sharedLookUp === "first" && !comesWhole(memory, place)) {
    throw new BeyondModel("a page would be read past the swap cache while others of its entry are in there, and this kernel tries that for ever");
  }
  const { folio, entry } = folioFor(memory, object, page, place);
  core.prepareCache(entry, folio.pageCount);
  countRead(core, entry, folio);
  folio.dirty = true;
  if (folio.order < place.order) splitPlace(memory, object, page);
  object.putFolio(folio);
  core.clearCache(entry, folio.pageCount);
  core.dropReferences(entry, folio.pageCount);
  return folio;
}

/** Kernel 7.2, 7.3 swapin_sync: on a device that completes at once nothing is read ahead. */
function readSync(memory: MemoryState, object: SharedObject, page: number, place: SwapPlace): Folio {
  const { core } = memory;
  core.lookUp(object.entryOf(page)!);
  // Refused for all pages, it is tried for one.
  if (place.order > 0 && !core.zswap.everEnabled && !comesWhole(memory, place)) core.lookUp(object.entryOf(page)!);
  const { folio, entry } = folioFor(memory, object, page, place);
  core.prepareCache(entry, folio.pageCount);
  core.addToCache(folio, entry);
  countRead(core, entry, folio);
  return folio;
}

// ---- the way out

/**
 * Reclaim writes a folio of the object out: the object then remembers the slots instead. False when none was free.
 * Kernel 6.1, 6.12 shmem_writepage.
 */
export function moveToSwap(memory: MemoryState, object: SharedObject, folio: Folio): boolean {
  if (!memory.core.addSharedToSwap(folio)) return false;
  object.putEntry(folio);
  memory.noteOwner(folio.entry, folio);
  return true;
}

/**
 * swapoff brings back what of the object is on this swap type, one page of every entry that there is in a batch, then of what
 * there is from the last of those on. Kernel 6.1, 6.12 shmem_unuse_inode.
 */
export function unuseShared(memory: MemoryState, object: SharedObject, isOnArea: (entry: number) => boolean): void {
  for (let start = 0; ; ) {
    const batch = entriesFrom(object, start, isOnArea);
    if (batch.length === 0) return;
    for (const page of batch) swapInShared(memory, object, page);
    start = batch.at(-1)!;
  }
}

/** First pages of the entries from page `start` on, a batch of them. */
function entriesFrom(object: SharedObject, start: number, isOnArea: (entry: number) => boolean): number[] {
  const found: number[] = [];
  for (let page = start; page < object.pageCount && found.length < batchMax; ) {
    const place = object.place(page);
    if (place.at === "swap" && isOnArea(place.entry)) found.push(page);
    page = place.at === "swap" ? place.firstPage + (1 << place.order) : page + 1;
  }
  return found;
}
