import type { Geometry } from "./geometry.ts";
import * as slotByte from "./slot-byte.ts";
import { slotCount } from "./slot-byte.ts";

/**
 * Counts of references that do not fit into a slot's byte. The byte then says so, and this keeps the rest. Both forms
 * change the byte's count and leave its cache bit alone.
 */
export interface LargeCounts {
  /** Largest count that the byte holds by itself. */
  readonly plainMax: number;
  /** One more reference to a slot whose byte holds `plainMax` or more. False when room has to be made first. */
  increment(slot: number): boolean;
  /** Makes that room. */
  makeRoom(slot: number): void;
  /** One reference less, of a slot whose byte holds `plainMax` or more. */
  decrement(slot: number): void;
  /** References to every slot whose byte cannot tell. */
  totals(): Map<number, number>;
}

/** COUNT_CONTINUED in a byte, of the map or of a continuation page. */
const continued = 0x80;
/** Largest digit of a continuation page. Kernel: SWAP_CONT_MAX. */
const digitMax = 0x7f;

/**
 * Kernel 6.1, 6.12 swap_count_continued, add_swap_count_continuation (until 7.0): every page of the map may have a list of
 * pages, made when a slot of it first needs one and kept until swapoff. A byte of the first holds the second digit of the
 * count, of base 128 after a first digit of base 63, a byte of the second page the third digit, and so on.
 */
export class ContinuedCounts implements LargeCounts {
  readonly plainMax = slotByte.countMax;
  private readonly map: Uint8Array;
  private readonly pageBytes: number;
  /** By page of the map. */
  private readonly pages = new Map<number, Uint8Array[]>();

  constructor(map: Uint8Array, geometry: Geometry) {
    this.map = map;
    this.pageBytes = geometry.pageSizeBytes;
  }

  increment(slot: number): boolean {
    const count = slotCount(this.map[slot]!);
    if ((count & ~continued) < slotByte.countMax) {
      this.map[slot]!++;
      return true;
    }
    const pages = this.pagesOf(slot);
    if (pages.length === 0) return false;
    const at = slot % this.pageBytes;
    const isFirst = count === slotByte.countMax;
    let digit = 0;
    while (!isFirst && pages[digit]![at] === (digitMax | continued)) digit++;
    if (isFirst) {
      pages[0]![at] = 0;
    } else if (pages[digit]![at] === digitMax) {
      digit++;
      if (digit === pages.length) return false;
      pages[digit]![at] = 0;
    }
    pages[digit]![at]!++;
    for (let lower = 0; lower < digit; lower++) pages[lower]![at] = continued;
    this.setCount(slot, continued);
    return true;
  }

  makeRoom(slot: number): void {
    const pages = this.pagesOf(slot);
    const at = slot % this.pageBytes;
    const isFirst = slotCount(this.map[slot]!) === slotByte.countMax;
    if (pages.some((page) => isFirst || (page[at]! & digitMax) !== digitMax)) return;
    this.pages.set(Math.floor(slot / this.pageBytes), [...pages, new Uint8Array(this.pageBytes)]);
  }

  decrement(slot: number): void {
    const count = slotCount(this.map[slot]!);
    if (count !== continued) {
      this.map[slot]!--;
      return;
    }
    const pages = this.pagesOf(slot);
    const at = slot % this.pageBytes;
    let digit = 0;
    while (pages[digit]![at] === continued) digit++;
    pages[digit]![at]!--;
    let more = pages[digit]![at] === 0 ? 0 : continued;
    for (let lower = digit - 1; lower >= 0; lower--) {
      pages[lower]![at] = digitMax | more;
      more = continued;
    }
    this.setCount(slot, slotByte.countMax | more);
  }

  totals(): Map<number, number> {
    const totals = new Map<number, number>();
    for (const [page, digits] of this.pages) {
      const end = Math.min((page + 1) * this.pageBytes, this.map.length);
      for (let slot = page * this.pageBytes; slot < end; slot++) {
        const count = slotCount(this.map[slot]!);
        if (count >= continued && count !== slotByte.shared) totals.set(slot, continuedTotal(count, digits.map((digit) => digit[slot % this.pageBytes]!)));
      }
    }
    return totals;
  }

  private pagesOf(slot: number): Uint8Array[] {
    return this.pages.get(Math.floor(slot / this.pageBytes)) ?? [];
  }

  private setCount(slot: number, count: number): void {
    this.map[slot] = (this.map[slot]! & slotByte.hasCache) | count;
  }
}

/** The references that a map byte without its cache bit and the bytes of the continuation pages stand for. Kernel 6.1, 6.12 swp_swapcount. */
export function continuedTotal(count: number, digits: readonly number[]): number {
  let total = count & ~continued;
  let weight = slotByte.countMax + 1;
  let goesOn = (count & continued) !== 0;
  for (const digit of digits) {
    if (!goesOn) break;
    total += (digit & digitMax) * weight;
    weight *= digitMax + 1;
    goesOn = (digit & continued) !== 0;
  }
  return total;
}

/**
 * Kernel 7.2, 7.3 swap_extend_table_alloc (7.1 on): an entry of the swap table counts to 14, 15 means that the count stands
 * in a table of the cluster, which is there as long as it is needed.
 */
export class ExtendedCounts implements LargeCounts {
  readonly plainMax = 14;
  private readonly map: Uint8Array;
  private readonly clusterSlots: number;
  /** By cluster. A cluster without is one whose counts are all small. */
  private readonly tables = new Map<number, Uint32Array>();

  constructor(map: Uint8Array, clusterSlots: number) {
    this.map = map;
    this.clusterSlots = clusterSlots;
  }

  increment(slot: number): boolean {
    const table = this.tables.get(this.clusterOf(slot));
    if (table === undefined) return false;
    if (slotCount(this.map[slot]!) === this.plainMax) {
      this.map[slot]!++;
      table[slot % this.clusterSlots] = this.plainMax + 1;
    } else {
      table[slot % this.clusterSlots]!++;
    }
    return true;
  }

  makeRoom(slot: number): void {
    const cluster = this.clusterOf(slot);
    if (!this.tables.has(cluster)) this.tables.set(cluster, new Uint32Array(this.clusterSlots));
  }

  decrement(slot: number): void {
    const cluster = this.clusterOf(slot);
    const table = this.tables.get(cluster);
    const at = slot % this.clusterSlots;
    if (slotCount(this.map[slot]!) > this.plainMax) {
      if (--table![at]! > this.plainMax) return;
      table![at] = 0;
    }
    this.map[slot]!--;
    // Kernel 7.2, 7.3 swap_extend_table_try_free: looked at whenever a count comes back to where it needed the table.
    if (table?.every((extended) => extended === 0) === true) this.tables.delete(cluster);
  }

  totals(): Map<number, number> {
    const totals = new Map<number, number>();
    for (const [cluster, table] of this.tables) {
      table.forEach((count, at) => {
        if (count > 0) totals.set(cluster * this.clusterSlots + at, count);
      });
    }
    return totals;
  }

  private clusterOf(slot: number): number {
    return Math.floor(slot / this.clusterSlots);
  }
}
