import type { Folio } from "../folio.ts";
import type { Region } from "./region.ts";
import { pteBit, pteKind } from "./region.ts";
import type { MemoryState } from "./address-space.ts";
import { countRead, noteSlotHit, readSlotsAround } from "./read-ahead.ts";

/** Pages that a read fault maps around the one asked for. Kernel: fault_around_bytes, 64 KiB. */
const faultAroundPages = 16;

/** Where a page of shared memory is. */
type Place = { readonly at: "nowhere" } | { readonly at: "memory"; readonly folio: Folio } | { readonly at: "swap"; readonly entry: number };

const nowhere: Place = { at: "nowhere" };

/**
 * The object behind a shared anonymous mapping: a file of the internal tmpfs. It knows where its pages are; processes
 * only map what is in memory. Base pages only, which is what shmem_enabled = never gives.
 */
export class SharedObject {
  readonly name: string;
  /** 1 for pages that hold anything but zeroes. */
  readonly content: Uint8Array;
  private readonly places: Place[];

  constructor(name: string, pageCount: number) {
    this.name = name;
    this.content = new Uint8Array(pageCount);
    this.places = new Array<Place>(pageCount).fill(nowhere);
  }

  place(page: number): Place {
    return this.places[page]!;
  }

  setPlace(page: number, place: Place): void {
    this.places[page] = place;
  }

  get pageCount(): number {
    return this.places.length;
  }
}

/** One access to a page of a shared mapping. Kernel 6.1, 6.12 shmem_fault. */
export function accessShared(memory: MemoryState, region: Region, object: SharedObject, page: number, write: boolean): void {
  if (region.kind[page] !== pteKind.present) {
    if (!write) mapAround(region, object, page);
    if (region.kind[page] !== pteKind.present) {
      const folio = bringPage(memory, object, page);
      mapPage(region, page, folio);
    }
  }
  if (write) region.bits[page]! |= pteBit.dirty;
}

function mapPage(region: Region, page: number, folio: Folio): void {
  region.setPresent(page, folio.id, pteBit.writable);
  folio.mapCount++;
}

/** Kernel 6.1, 6.12 do_fault_around: a read maps those neighbours in an aligned window that are in memory already. */
function mapAround(region: Region, object: SharedObject, page: number): void {
  const vma = region.vmaOf(page);
  const window = page - (page % faultAroundPages);
  const end = Math.min(window + faultAroundPages, vma.end);
  for (let p = Math.max(window, vma.start); p < end; p++) {
    const place = object.place(p);
    if (place.at === "memory" && region.kind[p] === pteKind.none) mapPage(region, p, place.folio);
  }
}

function bringPage(memory: MemoryState, object: SharedObject, page: number): Folio {
  const place = object.place(page);
  if (place.at === "memory") return place.folio;
  if (place.at === "swap") return swapInShared(memory, object, page, place.entry);
  const folio = memory.core.folios.create(0, object.name, page);
  folio.inPageCache = true;
  object.setPlace(page, { at: "memory", folio });
  return folio;
}

/**
 * A page comes back from swap: it leaves the swap cache for the object at once and its slot is freed.
 * Kernel 6.1, 6.12 shmem_swapin_folio.
 */
function swapInShared(memory: MemoryState, object: SharedObject, page: number, entry: number): Folio {
  const { core } = memory;
  // Until 6.6 or so the look-up pins the device, later its caller does.
  core.pinDevice();
  core.meter.call("swap_cache_get_folio");
  let folio = core.cachedFolio(entry);
  if (folio !== null) noteSlotHit(memory, folio);
  else if (core.features.sharedSyncSwapInPastCache && core.areaOf(entry).synchronous) return readPast(memory, object, page, entry);
  folio ??= !core.features.cacheBit && core.areaOf(entry).synchronous ? readOne(memory, object, page, entry) : readSlotsAround(memory, entry);
  folio.isUnclaimed = false;
  folio.inPageCache = true;
  object.setPlace(page, { at: "memory", folio });
  if (!core.features.cacheBit) {
    core.dropReferences(entry, 1);
    core.deleteFromCache(folio);
  } else {
    core.deleteFromCache(folio);
    core.dropReferences(entry, 1);
  }
  return folio;
}

/** Kernel 6.14, 6.17, 6.19 shmem_swap_alloc_folio: nothing is read ahead, and the page never enters the swap cache. */
function readPast({ core }: MemoryState, object: SharedObject, page: number, entry: number): Folio {
  core.prepareCache(entry, 1);
  const folio = core.folios.create(0, object.name, page);
  countRead(core, entry, folio);
  folio.inPageCache = true;
  folio.dirty = true;
  object.setPlace(page, { at: "memory", folio });
  core.clearCache(entry, 1);
  core.dropReferences(entry, 1);
  return folio;
}

/** Kernel 7.2, 7.3 swapin_sync: on a device that completes at once nothing is read ahead. */
function readOne(memory: MemoryState, object: SharedObject, page: number, entry: number): Folio {
  const { core } = memory;
  core.lookUp(entry);
  core.prepareCache(entry, 1);
  const folio = core.folios.create(0, object.name, page);
  core.addToCache(folio, entry);
  countRead(core, entry, folio);
  return folio;
}

/**
 * Reclaim writes a page of the object out: the object then remembers the slot instead. False when no slot was free.
 * Kernel 6.1, 6.12 shmem_writepage.
 */
export function moveToSwap(memory: MemoryState, object: SharedObject, folio: Folio): boolean {
  const { core } = memory;
  if (!core.hasSwap || !core.addSharedToSwap(folio)) return false;
  const { entry } = folio;
  object.setPlace(folio.firstPage, { at: "swap", entry });
  memory.noteOwner(entry, folio);
  folio.inPageCache = false;
  return true;
}

/** The last mapping is gone: memory and slots go with it. */
export function dropObject(memory: MemoryState, object: SharedObject): void {
  dropPages(memory, object, 0, object.pageCount);
}

/** Pages that nobody maps leave the object, in memory or in swap. Kernel 6.1, 6.12 shmem_undo_range. */
export function dropPages(memory: MemoryState, object: SharedObject, first: number, end: number): void {
  for (let page = first; page < end; page++) {
    const place = object.place(page);
    object.setPlace(page, nowhere);
    if (place.at === "swap") memory.core.unmapEntries(place.entry, 1);
    if (place.at === "memory") {
      place.folio.inPageCache = false;
      memory.core.folios.releaseIfUnused(place.folio);
    }
  }
}

/** swapoff brings every page of the object on this swap type back. Kernel 6.1, 6.12 shmem_unuse. */
export function unuseShared(memory: MemoryState, object: SharedObject, isOnArea: (entry: number) => boolean): void {
  for (let page = 0; page < object.pageCount; page++) {
    const place = object.place(page);
    if (place.at === "swap" && isOnArea(place.entry)) swapInShared(memory, object, page, place.entry);
  }
}
