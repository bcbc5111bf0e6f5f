import type { Folio } from "../folio.ts";

/** An entry of the object that stands for `1 << order` slots from `entry` on, which belong to the pages from `firstPage` on. */
export interface SwapPlace {
  readonly at: "swap";
  readonly firstPage: number;
  readonly order: number;
  readonly entry: number;
}

/** Where a page of shared memory is. The pages of one folio, and those of one entry, have one place. */
export type Place = { readonly at: "nowhere" } | { readonly at: "memory"; readonly folio: Folio } | SwapPlace;

const nowhere: Place = { at: "nowhere" };

/** Levels of the object's tree hold so many bits of a page's index each. Kernel: XA_CHUNK_SHIFT. */
const treeShift = 6;

/**
 * The object behind a shared anonymous mapping: a file of the internal tmpfs. It knows where its pages are; processes
 * only map what is in memory.
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

  get pageCount(): number {
    return this.places.length;
  }

  place(page: number): Place {
    return this.places[page]!;
  }

  /** The swap entry of one page, which may be in the midst of what its place stands for; null when it has none. */
  entryOf(page: number): number | null {
    const place = this.place(page);
    return place.at === "swap" ? place.entry + (page - place.firstPage) : null;
  }

  /** A folio takes its place, as far as the object reaches. */
  putFolio(folio: Folio): void {
    folio.inPageCache = true;
    this.fill(folio.firstPage, folio.pageCount, { at: "memory", folio });
  }

  /** In the place of a folio stands its swap entry. */
  putEntry(folio: Folio): void {
    folio.inPageCache = false;
    this.fill(folio.firstPage, folio.pageCount, { at: "swap", firstPage: folio.firstPage, order: folio.order, entry: folio.entry });
  }

  /** What stood for `pageCount` pages stands there no longer. */
  remove(firstPage: number, pageCount: number): void {
    this.fill(firstPage, pageCount, nowhere);
  }

  /** Every page gets an entry of its own. Kernel 6.12, 6.14 shmem_split_large_entry. */
  splitEntry({ firstPage, order, entry }: SwapPlace): void {
    this.putEntries(firstPage, 1 << order, 0, entry);
  }

  /**
   * Only what `page` is in becomes smaller, level by level of the tree, until that page has an entry of its own.
   * Kernel 6.17, 7.3 shmem_split_large_entry, xas_try_split_min_order.
   */
  splitEntryAround(page: number, { firstPage, order, entry }: SwapPlace): void {
    for (let outer = order; outer > 0; ) {
      const inner = outer % treeShift === 0 ? outer - 1 : outer - (outer % treeShift);
      const start = page - (page % (1 << outer));
      this.putEntries(start, 1 << outer, inner, entry + (start - firstPage));
      outer = inner;
    }
  }

  private putEntries(firstPage: number, pageCount: number, order: number, entry: number): void {
    for (let i = 0; i < pageCount; i += 1 << order) this.fill(firstPage + i, 1 << order, { at: "swap", firstPage: firstPage + i, order, entry: entry + i });
  }

  private fill(firstPage: number, pageCount: number, place: Place): void {
    this.places.fill(place, firstPage, Math.min(firstPage + pageCount, this.pageCount));
  }
}

/** First page and page after the last of what a place stands for; a page that is nowhere has a place of its own. */
export function pagesOf(place: Place, page: number): { readonly first: number; readonly end: number } {
  if (place.at === "memory") return { first: place.folio.firstPage, end: place.folio.firstPage + place.folio.pageCount };
  if (place.at === "swap") return { first: place.firstPage, end: place.firstPage + (1 << place.order) };
  return { first: page, end: page + 1 };
}
