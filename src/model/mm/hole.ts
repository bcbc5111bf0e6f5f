import type { Folio } from "../folio.ts";
import type { MemoryState } from "./address-space.ts";
import { pagesOf, type SharedObject } from "./shared-object.ts";
import { swapInShared } from "./shared.ts";
import { Zap } from "./zap.ts";

/**
 * MADV_REMOVE: everybody's page tables lose the range, then the object loses its pages, and those in swap their slots.
 * Kernel 6.1, 6.12 shmem_fallocate with FALLOC_FL_PUNCH_HOLE.
 */
export function punchHole(memory: MemoryState, object: SharedObject, first: number, end: number): void {
  const zap = new Zap(memory);
  for (const process of memory.processes.values()) {
    const region = process.regions.get(object.name);
    if (region?.shared === object) zap.range(region, first, end);
  }
  zap.finish();
  object.content.fill(0, first, end);
  new Hole(memory, object, first, end).empty();
}

/** The last mapping is gone: memory and slots go with it. Kernel 6.1, 6.12 shmem_evict_inode. */
export function dropObject(memory: MemoryState, object: SharedObject): void {
  new Hole(memory, object, 0, Infinity).dropWhole(0, Infinity);
}

/**
 * A range of pages leaves an object, in memory or in swap: first what lies in it as a whole, then what reaches across its edges,
 * which is brought back for that and split, then the rest. Kernel 6.1, 6.12 shmem_undo_range.
 */
class Hole {
  private readonly memory: MemoryState;
  private readonly object: SharedObject;
  private readonly first: number;
  private readonly end: number;

  constructor(memory: MemoryState, object: SharedObject, first: number, end: number) {
    this.memory = memory;
    this.object = object;
    this.first = first;
    this.end = end;
  }

  empty(): void {
    this.dropWhole(this.first, this.end);
    let { first, end } = this;
    const atFirst = this.bring(first);
    if (atFirst !== null && !this.cut(atFirst)) {
      first = atFirst.firstPage + atFirst.pageCount;
      if (first >= end) return;
    }
    // What was at the first edge may have reached across the last one too.
    const atLast = atFirst !== null && this.end <= atFirst.firstPage + atFirst.pageCount ? null : this.bring(end - 1);
    if (atLast !== null && !this.cut(atLast)) end = atLast.firstPage;
    this.dropWhole(first, end);
  }

  /** What is at an edge, brought back to memory if need be. Kernel 6.1, 6.12 shmem_get_partial_folio. */
  private bring(page: number): Folio | null {
    const place = this.object.place(page);
    if (place.at === "nowhere") return null;
    const folio = place.at === "memory" ? place.folio : swapInShared(this.memory, this.object, page);
    folio.dirty = true;
    return folio;
  }

  /**
   * A folio loses what of it is in the range; one that reaches out of it is split for that. False when somebody holds it.
   * Kernel 6.1, 6.12, 6.17 truncate_inode_partial_folio: all of it becomes smaller (6.1, 6.12), or only what an edge is in.
   */
  private cut(folio: Folio): boolean {
    const { memory, object } = this;
    const last = folio.firstPage + folio.pageCount;
    const [from, to] = [Math.max(folio.firstPage, this.first), Math.min(last, this.end)];
    if (from === folio.firstPage && to === last) {
      this.drop(folio);
      return true;
    }
    if (!memory.canSplit(folio)) return false;
    if (memory.core.features.holeSplit === "pages") {
      memory.splitFolio(folio, 0);
      return true;
    }
    memory.splitFolioAround(folio, from);
    const place = to === last ? null : object.place(to);
    // Even when it begins there.
    if (place?.at === "memory" && place.folio.order > 0) memory.splitFolioAround(place.folio, to);
    return true;
  }

  dropWhole(first: number, end: number): void {
    for (let page = first; page < Math.min(end, this.object.pageCount); ) {
      const place = this.object.place(page);
      const pages = pagesOf(place, page);
      page = pages.end;
      if (pages.first < first || pages.end > end) continue;
      if (place.at === "memory") this.drop(place.folio);
      if (place.at !== "swap") continue;
      this.object.remove(pages.first, pages.end - pages.first);
      this.memory.core.unmapEntries(place.entry, pages.end - pages.first);
    }
  }

  private drop(folio: Folio): void {
    this.object.remove(folio.firstPage, folio.pageCount);
    folio.inPageCache = false;
    this.memory.core.folios.releaseIfUnused(folio);
  }
}
