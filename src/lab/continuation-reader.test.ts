import { describe, expect, test } from "vitest";
import { parseBtf } from "./btf.ts";
import { BtfFixture } from "./btf-fixture.ts";
import { ContinuationReader } from "./continuation-reader.ts";
import type { MemoryRange } from "./kernel-memory.ts";

const pageBytes = 4096;
const structBytes = 96;
const link = 40;
const next = 8;
const mapAddress = 0xffff_c900_0012_3000n;
const linear = 0xffff_8880_0000_0000n;
const structs = 0xffff_ea00_0000_0000n;

/** Memory by page frame, and whatever else is put somewhere. */
class Memory {
  private readonly pieces = new Map<bigint, Buffer>();
  readonly addresses = new Map([
    ["init_top_pgt", linear + 0x1000n],
    ["page_offset_base", 0xffff_ffff_8100_0000n],
    ["vmemmap_base", 0xffff_ffff_8100_0008n],
  ]);

  constructor() {
    this.put(0xffff_ffff_8100_0000n, linear);
    this.put(0xffff_ffff_8100_0008n, structs);
  }

  readonly read = async (ranges: readonly MemoryRange[]): Promise<Buffer[]> =>
    ranges.map(({ address, sizeBytes }) => {
      const bytes = Buffer.alloc(sizeBytes);
      for (const [start, piece] of this.pieces) {
        const skipped = Number(address - start);
        for (let i = 0; i < sizeBytes; i++) bytes[i] = piece[skipped + i] ?? bytes[i]!;
      }
      return bytes;
    });

  put(address: bigint, ...words: bigint[]): void {
    this.pieces.set(address, Buffer.from(BigUint64Array.from(words).buffer));
  }

  putPage(frame: bigint, bytes: Readonly<Record<number, number>>): void {
    const page = Buffer.alloc(pageBytes);
    for (const [at, byte] of Object.entries(bytes)) page[Number(at)] = byte;
    this.pieces.set(linear + frame * 4096n, page);
  }

  /** Page tables in the frames from 1 on, one for each level; the last entry, or a large one above it, leads to `frame`. */
  map(address: bigint, frame: bigint, shifts: readonly bigint[], lastFlags = 0x63n): void {
    for (const [level, shift] of shifts.entries()) {
      const at = linear + BigInt(level + 1) * 4096n + 8n * ((address >> shift) & 511n);
      const isLast = level === shifts.length - 1;
      this.put(at, isLast ? (1n << 63n) | (frame << 12n) | lastFlags : (BigInt(level + 2) << 12n) | 0x67n);
    }
  }

  /** The lists of struct page: of the first frame, through the others, and back. */
  chain(...frames: bigint[]): void {
    const linkOf = (frame: bigint): bigint => structs + frame * BigInt(structBytes) + BigInt(link);
    for (const [i, frame] of frames.entries()) this.put(linkOf(frame) + BigInt(next), linkOf(frames[(i + 1) % frames.length]!));
  }
}

function btf(): BtfFixture {
  const made = new BtfFixture();
  const pointer = made.pointer();
  const listHead = made.structure("list_head", 16, [{ name: "prev", type: pointer, bitOffset: 0 }, { name: "next", type: pointer, bitOffset: 8 * next }]);
  made.structure("page", structBytes, [{ name: "lru", type: listHead, bitOffset: 8 * link }]);
  return made;
}

const fourLevels = [39n, 30n, 21n, 12n];
const reader = (memory: Memory): ContinuationReader => new ContinuationReader(parseBtf(btf().bytes()), memory.addresses);

/** A map of two pages whose slot 7 of the second page goes on. */
const slot = pageBytes + 7;
function map(byte: number): Buffer {
  const bytes = Buffer.alloc(2 * pageBytes);
  bytes[slot] = byte;
  return bytes;
}

describe("a count that goes on", () => {
  const secondPage = mapAddress + 4096n;

  test.each([
    ["one digit", 0x80 | 5, [3], 5 + 3 * 63],
    ["two digits", 0xc0 | 62, [0x80 | 1, 2], 62 + 63 + 2 * 63 * 128],
    ["one digit, and pages that other slots need", 0x80, [1, 99, 99], 63],
  ])("in %s is the sum of them", async (_what, byte, digits, total) => {
    const memory = new Memory();
    memory.map(secondPage, 0x200n, fourLevels);
    memory.chain(0x200n, ...digits.map((_, i) => 0x300n + BigInt(i)));
    for (const [i, digit] of digits.entries()) memory.putPage(0x300n + BigInt(i), { 7: digit, 8: 77 });
    expect([...(await reader(memory).totals(map(byte), mapAddress, [slot], memory.read))]).toEqual([[slot, total]]);
  });

  test("is found through a large page and through five levels", async () => {
    const memory = new Memory();
    memory.addresses.set("pgdir_shift", 0xffff_ffff_8100_0010n);
    memory.put(0xffff_ffff_8100_0010n, 48n);
    const within = (secondPage >> 12n) & 511n;
    memory.map(secondPage, 0x4000n, [48n, 39n, 30n, 21n], 0xe3n);
    memory.chain(0x4000n + within, 0x300n);
    memory.putPage(0x300n, { 7: 2 });
    expect((await reader(memory).totals(map(0x80), mapAddress, [slot], memory.read)).get(slot)).toBe(126);
  });

  test("is refused where the map is not mapped, the page has no list, or the list leads elsewhere", async () => {
    const memory = new Memory();
    const totals = async (): Promise<unknown> => reader(memory).totals(map(0x80), mapAddress, [slot], memory.read);
    await expect(totals()).rejects.toThrow("nothing is mapped at 0xffffc90000124000");
    memory.map(secondPage, 0x200n, fourLevels);
    memory.chain(0x200n);
    await expect(totals()).rejects.toThrow("no continuation pages");
    memory.put(structs + 0x200n * BigInt(structBytes) + BigInt(link + next), 0xffff_8880_0000_0000n);
    await expect(totals()).rejects.toThrow("leads elsewhere");
  });

  test.each(["vmemmap_base", "page_offset_base", "init_top_pgt"])("is refused without the symbol %s, by that name", async (symbol) => {
    const memory = new Memory();
    memory.map(secondPage, 0x200n, fourLevels);
    memory.addresses.delete(symbol);
    await expect(reader(memory).totals(map(0x80), mapAddress, [slot], memory.read)).rejects.toThrow(`no ${symbol}`);
  });
});
