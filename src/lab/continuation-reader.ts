import { x86_64 } from "../model/geometry.ts";
import { continuedTotal } from "../model/slot-counts.ts";
import * as slotByte from "../model/slot-byte.ts";
import type { Btf } from "./btf.ts";
import { addressOf, byteOffset, memberOf, readWord, sizeOf, unreadable } from "./kernel-layout.ts";
import type { ReadMemory } from "./kernel-memory.ts";
import { PageTableWalk, pageTableSymbols } from "./page-table-walk.ts";

export const continuationSymbols = ["vmemmap_base", ...pageTableSymbols] as const;

const pageBytes = x86_64.pageSizeBytes;
/** More than any count of 32 bits needs. */
const pagesMax = 8;

/**
 * Counts that do not fit into a byte of swap_map. Behind each page of the map there may be a list of pages that have further
 * digits at the same place; it hangs on the page's struct page. Kernel until 7.0: add_swap_count_continuation.
 */
export class ContinuationReader {
  private readonly btf: Btf;
  private readonly addresses: ReadonlyMap<string, bigint>;

  constructor(btf: Btf, addresses: ReadonlyMap<string, bigint>) {
    this.btf = btf;
    this.addresses = addresses;
  }

  /** References to each of `slots`. Few workloads come here, so what it needs is asked for when it is. Throws `invalid` naming what is missing. */
  async totals(map: Buffer, mapAddress: bigint, slots: readonly number[], readMemory: ReadMemory): Promise<Map<number, number>> {
    const totals = new Map<number, number>();
    const pageOf = (slot: number): number => Math.floor(slot / pageBytes);
    for (const page of new Set(slots.map(pageOf))) {
      const digits = await this.pagesBehind(mapAddress + BigInt(page * pageBytes), readMemory);
      for (const slot of slots.filter((other) => pageOf(other) === page)) {
        totals.set(slot, continuedTotal(map[slot]! & ~slotByte.hasCache, digits.map((bytes) => bytes[slot % pageBytes]!)));
      }
    }
    return totals;
  }

  /** The pages on the list of one page of the map, first digits first. */
  private async pagesBehind(address: bigint, readMemory: ReadMemory): Promise<Buffer[]> {
    const { btf, addresses } = this;
    const walk = new PageTableWalk(addresses, readMemory);
    const [base] = (await readMemory([{ address: addressOf(addresses, "vmemmap_base"), sizeBytes: 8 }])) as [Buffer];
    const structBytes = BigInt(sizeOf(btf, "page"));
    const link = BigInt(byteOffset(memberOf(btf, "page", "lru")));
    const next = memberOf(btf, "list_head", "next");
    const readLink = async (at: bigint): Promise<bigint> => readWord((await readMemory([{ address: at, sizeBytes: sizeOf(btf, "list_head") }]))[0]!, next);
    const firstPage = base.readBigUInt64LE();
    const head = firstPage + structBytes * (await walk.frameOf(address)) + link;
    const pages: Buffer[] = [];
    for (let at = await readLink(head); at !== head; at = await readLink(at)) {
      const offset = at - link - firstPage;
      if (pages.length === pagesMax || offset < 0n || offset % structBytes !== 0n) throw unreadable("its list of continuation pages leads elsewhere");
      const [bytes] = (await readMemory([{ address: await walk.addressOfFrame(offset / structBytes), sizeBytes: pageBytes }])) as [Buffer];
      pages.push(bytes);
    }
    if (pages.length === 0) throw unreadable("a page of its map of slots has no continuation pages");
    return pages;
  }
}
