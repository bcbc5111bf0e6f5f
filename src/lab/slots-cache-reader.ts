import { makeEntry } from "../model/entry.ts";
import type { SlotsCacheState } from "../workload/swap-state.ts";
import type { Btf, Member } from "./btf.ts";
import { addressOf, membersOf, readNumber, readWord, sizeOf } from "./kernel-layout.ts";
import type { ReadMemory } from "./kernel-memory.ts";

export const slotsCacheSymbols = ["swp_slots", "swap_slot_cache_active"] as const;

/** Where a swap entry's type begins. Kernel: SWP_TYPE_SHIFT, 64-bit. */
const typeShift = 58n;
const entryBytes = 8;

/** The slots cache of each CPU. Kernel 6.1 to 6.13; later ones have no returned side. */
export class SlotsCacheReader {
  /** Of struct swap_slots_cache, before a CPU's own part is added. */
  private readonly address: bigint;
  private readonly sizeBytes: number;
  private readonly activeAddress: bigint;
  private readonly member: Readonly<Record<"slots" | "count" | "current" | "returned" | "returnedCount", Member>>;

  constructor(btf: Btf, addresses: ReadonlyMap<string, bigint>) {
    this.member = membersOf(btf, "swap_slots_cache", { slots: "slots", count: "nr", current: "cur", returned: "slots_ret", returnedCount: "n_ret" });
    this.address = addressOf(addresses, "swp_slots");
    this.sizeBytes = sizeOf(btf, "swap_slots_cache");
    this.activeAddress = addressOf(addresses, "swap_slot_cache_active");
  }

  /** Of the CPU whose data lies at `cpuBase`. Either side may be empty and point nowhere. */
  async read(cpuBase: bigint, readMemory: ReadMemory): Promise<SlotsCacheState> {
    const { slots, current, count, returned, returnedCount } = this.member;
    const [cache, active] = (await readMemory([
      { address: BigInt.asUintN(64, this.address + cpuBase), sizeBytes: this.sizeBytes },
      { address: this.activeAddress, sizeBytes: 1 },
    ])) as [Buffer, Buffer];
    const start = readWord(cache, slots) + BigInt(entryBytes * readNumber(cache, current));
    const [ready, back] = (await readMemory([
      { address: start, sizeBytes: entryBytes * readNumber(cache, count) },
      { address: readWord(cache, returned), sizeBytes: entryBytes * readNumber(cache, returnedCount) },
    ])) as [Buffer, Buffer];
    return { active: active[0] !== 0, toHandOut: swapEntries(ready), returned: swapEntries(back) };
  }
}

function swapEntries(bytes: Buffer): number[] {
  return Array.from({ length: bytes.length / entryBytes }, (_, i) => {
    const value = bytes.readBigUInt64LE(entryBytes * i);
    return makeEntry(Number(value >> typeShift), Number(value & ((1n << typeShift) - 1n)));
  });
}
