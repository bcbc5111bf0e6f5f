import { addressOf, unreadable } from "./kernel-layout.ts";
import type { ReadMemory } from "./kernel-memory.ts";

/** The kernel's own page table, where all physical memory is mapped, and how many bits its topmost level leaves to the others. */
export const pageTableSymbols = ["init_top_pgt", "page_offset_base", "pgdir_shift"] as const;

const pageShift = 12n;
const levelBits = 9n;
const present = 1n;
/** The entry maps a large page and leads to no further table. */
const large = 1n << 7n;
const frameMask = ((1n << 52n) - 1n) & ~((1n << pageShift) - 1n);

/** Finds the page frame behind an address of the kernel, x86-64. */
export class PageTableWalk {
  private readonly addresses: ReadonlyMap<string, bigint>;
  private readonly readMemory: ReadMemory;

  constructor(addresses: ReadonlyMap<string, bigint>, readMemory: ReadMemory) {
    this.addresses = addresses;
    this.readMemory = readMemory;
  }

  /** Throws `invalid` where nothing is mapped. */
  async frameOf(address: bigint): Promise<bigint> {
    let table = addressOf(this.addresses, "init_top_pgt");
    for (let shift = await this.topShift(); ; shift -= levelBits) {
      const index = (address >> shift) & ((1n << levelBits) - 1n);
      const entry = await this.readWord(table + 8n * index);
      if ((entry & present) === 0n) throw unreadable(`nothing is mapped at 0x${address.toString(16)}`);
      const frame = (entry & frameMask) >> pageShift;
      if (shift === pageShift) return frame;
      const below = shift - pageShift;
      if ((entry & large) !== 0n) return ((frame >> below) << below) + ((address >> pageShift) & ((1n << below) - 1n));
      table = await this.addressOfFrame(frame);
    }
  }

  /** Where a page frame is mapped like all others. */
  async addressOfFrame(frame: bigint): Promise<bigint> {
    return (await this.readWord(addressOf(this.addresses, "page_offset_base"))) + (frame << pageShift);
  }

  /** A kernel that knows no tables of five levels has none of the symbol. */
  private async topShift(): Promise<bigint> {
    const address = this.addresses.get("pgdir_shift");
    if (address === undefined) return 39n;
    return BigInt((await this.readMemory([{ address, sizeBytes: 4 }]))[0]!.readUInt32LE());
  }

  private async readWord(address: bigint): Promise<bigint> {
    return (await this.readMemory([{ address, sizeBytes: 8 }]))[0]!.readBigUInt64LE();
  }
}
