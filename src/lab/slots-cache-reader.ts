import { makeEntry } from "../model/entry.ts";
import type { SlotsCacheState } from "../workload/swap-state.ts";
import type { Btf, Member } from "./btf.ts";
import { addressOf, membersOf, readNumber, readWord, sizeOf } from "./kernel-layout.ts";
import type { MemoryRange } from "./kernel-memory.ts";

export const slotsCacheSymbols = ["swp_slots", "swap_slot_cache_active"] as const;

/** Where a swap entry's type begins. Kernel: SWP_TYPE_SHIFT, 64-bit. */
const typeShift = 58n;
const entryBytes = 8;

/** The CPU's slots cache. Kernel 6.1 to 6.13; later ones have no returned side. */
export class SlotsCacheReader {
  /** struct swap_slots_cache of CPU 0, and whether the cache is in use. */
  readonly cache: MemoryRange;
  readonly active: MemoryRange;
  private readonly member: Readonly<Record<"slots" | "count" | "current" | "returned" | "returnedCount", Member>>;

  constructor(btf: Btf, addresses: ReadonlyMap<string, bigint>, firstCpu: bigint) {
    this.member = membersOf(btf, "swap_slots_cache", { slots: "slots", count: "nr", current: "cur", returned: "slots_ret", returnedCount: "n_ret" });
    const address = BigInt.asUintN(64, addressOf(addresses, "swp_slots") + firstCpu);
    this.cache = { address, sizeBytes: sizeOf(btf, "swap_slots_cache") };
    this.active = { address: addressOf(addresses, "swap_slot_cache_active"), sizeBytes: 1 };
  }

  /** The entries of both sides, given what was read at `cache`. Either may be empty and point nowhere. */
  entries(cache: Buffer): [MemoryRange, MemoryRange] {
    const { slots, current, count, returned, returnedCount } = this.member;
    const start = readWord(cache, slots) + BigInt(entryBytes * readNumber(cache, current));
    return [
      { address: start, sizeBytes: entryBytes * readNumber(cache, count) },
      { address: readWord(cache, returned), sizeBytes: entryBytes * readNumber(cache, returnedCount) },
    ];
  }

  decode(active: Buffer, [toHandOut, returned]: readonly [Buffer, Buffer]): SlotsCacheState {
    return { active: active[0] !== 0, toHandOut: swapEntries(toHandOut), returned: swapEntries(returned) };
  }
}

function swapEntries(bytes: Buffer): number[] {
  return Array.from({ length: bytes.length / entryBytes }, (_, i) => {
    const value = bytes.readBigUInt64LE(entryBytes * i);
    return makeEntry(Number(value >> typeShift), Number(value & ((1n << typeShift) - 1n)));
  });
}
