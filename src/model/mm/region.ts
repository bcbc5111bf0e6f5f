import type { Geometry } from "../geometry.ts";
import type { SharedObject } from "./shared-object.ts";

/** What a page-table entry of a region holds. `zero`: the shared zero page. */
export const pteKind = { none: 0, zero: 1, present: 2, swap: 3 } as const;

/** Bits kept beside every entry. */
export const pteBit = {
  /** The page belongs to this process alone; for a swap entry: it did when it was swapped out. */
  exclusive: 1,
  writable: 2,
  dirty: 4,
} as const;

/** What a page-middle-directory entry points at. */
export const blockState = { empty: 0, table: 1, huge: 2 } as const;

/** A part of a region that is one virtual memory area, with the read-ahead state the kernel keeps in it. */
export interface Vma {
  /** First page and the page after the last. */
  readonly start: number;
  readonly end: number;
  /** Page of the last swap fault or hit, pages read ahead then, and hits since. Kernel: swap_readahead_info. */
  lastPage: number;
  window: number;
  hits: number;
  /** It has had a page of its own, even if it has none now. Kernel: vm_area_struct anon_vma is set. */
  hasAnonVma: boolean;
}

/** Hits that a new area starts with, so that the first fault already reads ahead. Kernel: SWAP_RA_HITS initial value. */
const initialHits = 4;
/** A page number that is next to none. */
const nowhere = -1000;

/** The page tables of one mapping in one process. The mapping starts on a PMD boundary. */
export class Region {
  readonly name: string;
  readonly pageCount: number;
  /** Order of the folios that faults should bring. */
  readonly folioOrder: number;
  readonly blockPages: number;
  readonly kind: Uint8Array;
  /** Folio id of a present page, swap entry of a swapped one. */
  readonly value: Float64Array;
  readonly bits: Uint8Array;
  /** 1 when the process sees anything but zeroes in the page. */
  readonly content: Uint8Array;
  readonly blocks: Uint8Array;
  /** What a shared mapping maps; null for private memory. */
  readonly shared: SharedObject | null;
  vmas: Vma[];

  constructor(name: string, pageCount: number, folioOrder: number, geometry: Geometry, shared: SharedObject | null = null) {
    this.name = name;
    this.shared = shared;
    this.pageCount = pageCount;
    this.folioOrder = folioOrder;
    this.blockPages = 1 << geometry.pmdOrder;
    this.kind = new Uint8Array(pageCount);
    this.value = new Float64Array(pageCount);
    this.bits = new Uint8Array(pageCount);
    this.content = shared?.content ?? new Uint8Array(pageCount);
    this.blocks = new Uint8Array(Math.ceil(pageCount / this.blockPages));
    this.vmas = [{ start: 0, end: pageCount, lastPage: nowhere, window: 0, hits: initialHits, hasAnonVma: false }];
  }

  /**
   * The same page tables for a forked child; counts of what they refer to are the caller's to raise. The tables of an area
   * that faults can fill again stay empty: of shared memory, and where nothing but zero pages was ever seen.
   * Kernel 6.1, 6.12 vma_needs_copy.
   */
  copy(geometry: Geometry): Region {
    const child = new Region(this.name, this.pageCount, this.folioOrder, geometry, this.shared);
    child.vmas = this.vmas.map((vma) => ({ ...vma }));
    if (this.shared !== null) return child;
    child.content.set(this.content);
    for (const { start, end, hasAnonVma } of this.vmas) {
      if (!hasAnonVma) continue;
      for (const row of ["kind", "value", "bits"] as const) child[row].set(this[row].subarray(start, end), start);
      const blocks = [this.blockOf(start), this.blockOf(end - 1) + 1] as const;
      child.blocks.set(this.blocks.subarray(...blocks), blocks[0]);
    }
    return child;
  }

  blockOf(page: number): number {
    return Math.floor(page / this.blockPages);
  }

  vmaOf(page: number): Vma {
    const vma = this.vmas.find((candidate) => page >= candidate.start && page < candidate.end);
    if (vma === undefined) throw new Error(`page ${page} of region ${this.name} is not mapped`);
    return vma;
  }

  /** Cuts pages out of the mapping, leaving areas on either side with the read-ahead state of the old one. */
  removeRange(first: number, end: number): void {
    this.vmas = this.vmas.flatMap((vma) => {
      if (end <= vma.start || first >= vma.end) return [vma];
      const left = { ...vma, end: Math.min(vma.end, first) };
      const right = { ...vma, start: Math.max(vma.start, end) };
      return [left, right].filter((part) => part.start < part.end);
    });
  }

  setPresent(page: number, folioId: number, bits: number): void {
    this.kind[page] = pteKind.present;
    this.value[page] = folioId;
    this.bits[page] = bits;
    this.needTable(page);
  }

  setSwap(page: number, entry: number, bits: number): void {
    this.kind[page] = pteKind.swap;
    this.value[page] = entry;
    this.bits[page] = bits;
    this.needTable(page);
  }

  setZero(page: number): void {
    this.kind[page] = pteKind.zero;
    this.value[page] = 0;
    this.bits[page] = 0;
    this.needTable(page);
  }

  clear(page: number): void {
    this.kind[page] = pteKind.none;
    this.value[page] = 0;
    this.bits[page] = 0;
  }

  /** A block without page table gets one. */
  needTable(page: number): void {
    const block = this.blockOf(page);
    if (this.blocks[block] === blockState.empty) this.blocks[block] = blockState.table;
  }

  isFolio(page: number, folioId: number): boolean {
    return this.kind[page] === pteKind.present && this.value[page] === folioId;
  }

  /**
   * Length of the run of swap entries from `page` on that continue each other, at most up to `end`.
   * Kernel 6.12 swap_pte_batch: offsets, type and the exclusive marker must all go on.
   */
  swapRun(page: number, end: number): number {
    const first = this.value[page]!;
    const bits = this.bits[page]! & pteBit.exclusive;
    let next = page + 1;
    while (
      next < end &&
      this.kind[next] === pteKind.swap &&
      this.value[next] === first + (next - page) &&
      (this.bits[next]! & pteBit.exclusive) === bits
    ) {
      next++;
    }
    return next - page;
  }
}
