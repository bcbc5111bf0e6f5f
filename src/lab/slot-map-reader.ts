import { isContinued, slotWord, wordOfByte } from "../workload/slot-word.ts";
import type { Btf, Member } from "./btf.ts";
import { ContinuationReader } from "./continuation-reader.ts";
import { memberOf, readWord, unreadable } from "./kernel-layout.ts";
import type { ReadMemory } from "./kernel-memory.ts";
import type { FoundArea } from "./swap-area-layout.ts";

/** What a slot's count is, and whether the swap cache holds it. Kernel until 7.0: swap_map. */
export class SlotMapReader {
  private readonly map: Member;
  /** Kernel until 6.19: the byte also says whether the swap cache holds the slot; later only the swap table does. */
  private readonly hasCacheBit: boolean;

  private readonly continuations: ContinuationReader;

  constructor(btf: Btf, addresses: ReadonlyMap<string, bigint>) {
    this.map = memberOf(btf, "swap_info_struct", "swap_map");
    this.continuations = new ContinuationReader(btf, addresses);
    this.hasCacheBit = btf.hasFunction("swapcache_clear");
  }

  /** `folioSlots`: of the swap cache, see `AreaState`. */
  async read({ bytes, slotCount }: FoundArea, folioSlots: Uint16Array, readMemory: ReadMemory): Promise<Uint32Array> {
    const address = readWord(bytes, this.map);
    const [map] = (await readMemory([{ address, sizeBytes: slotCount }])) as [Buffer];
    const slots = new Uint32Array(slotCount);
    const seen = new Uint8Array(256);
    for (let slot = 0; slot < slotCount; slot++) {
      const byte = map[slot]!;
      seen[byte] = 1;
      slots[slot] = wordOfByte[byte]!;
    }
    const bytesSeen = Array.from({ length: seen.length }, (_, byte) => byte).filter((byte) => seen[byte] === 1);
    for (const byte of bytesSeen) this.checkByte(byte, map);
    if (bytesSeen.some(isContinued)) {
      const continued = Array.from({ length: slotCount }, (_, slot) => slot).filter((slot) => isContinued(map[slot]!));
      for (const [slot, total] of await this.continuations.totals(map, address, continued, readMemory)) slots[slot] = (slots[slot]! & slotWord.held) | total;
    }
    if (!this.hasCacheBit) for (let slot = 0; slot < slotCount; slot++) if (folioSlots[slot] !== 0) slots[slot]! |= slotWord.held;
    return slots;
  }

  private checkByte(byte: number, map: Buffer): void {
    const unknown = (wordOfByte[byte]! & slotWord.held) !== 0 && (!this.hasCacheBit || (wordOfByte[byte]! & slotWord.bad) !== 0);
    if (unknown) throw unreadable(`the byte of slot ${map.indexOf(byte)} is 0x${byte.toString(16)}`);
  }
}

/** Slots that hold only zeroes. Kernel 6.12 to 7.1: a bitmap of the area. */
export class ZeroMapReader {
  private readonly map: Member | undefined;

  constructor(btf: Btf) {
    this.map = btf.structure("swap_info_struct")?.member("zeromap");
  }

  /** Null on a kernel without. */
  async read({ bytes, slotCount }: FoundArea, readMemory: ReadMemory): Promise<Uint8Array | null> {
    if (this.map === undefined) return null;
    const [zeroes] = (await readMemory([{ address: readWord(bytes, this.map), sizeBytes: Math.ceil(slotCount / 8) }])) as [Buffer];
    return zeroes;
  }
}
