import * as fc from "fast-check";
import { expect, test } from "vitest";
import { decodeAligned, decodeEnabled, encodeAligned, encodeEnabled, slotLimits } from "./aligned-order.ts";
import { swapOffsetBits } from "./geometry.ts";

test("every aligned block of four slots", () => {
  const blocks: [number, bigint, bigint][] = [
    [0, 0n, 0b001n],
    [0, 1n, 0b011n],
    [0, 2n, 0b101n],
    [0, 3n, 0b111n],
    [1, 0n, 0b010n],
    [1, 2n, 0b110n],
    [2, 0n, 0b100n],
  ];
  for (const [order, offset, code] of blocks) {
    expect(encodeAligned({ order, offset })).toBe(code);
    expect(decodeAligned(code)).toEqual({ order, offset });
  }
  expect(decodeAligned(0n)).toBeNull();
});

const offsetBits = swapOffsetBits.MIPS;
const blocks = fc
  .integer({ min: 0, max: offsetBits - 1 })
  .chain((order) => fc.record({ order: fc.constant(order), offset: fc.integer({ min: 0, max: (1 << (offsetBits - order)) - 1 }).map((index) => BigInt(index) << BigInt(order)) }));

test("both forms give a block back, in one bit more than an offset has, and never one number for two blocks", () => {
  fc.assert(
    fc.property(blocks, blocks, (block, other) => {
      expect(decodeAligned(encodeAligned(block))).toEqual(block);
      expect(decodeEnabled(encodeEnabled(block, offsetBits), offsetBits)).toEqual(block);
      for (const code of [encodeAligned(block), encodeEnabled(block, offsetBits)]) expect(code).toBeLessThan(1n << BigInt(offsetBits + 1));
      const same = block.order === other.order && block.offset === other.offset;
      expect(encodeAligned(block) === encodeAligned(other)).toBe(same);
      expect(encodeEnabled(block, offsetBits) === encodeEnabled(other, offsetBits)).toBe(same);
    }),
  );
});

test("for blocks of two slots and more the two forms differ in where the bits stand only", () => {
  fc.assert(
    fc.property(blocks, ({ order, offset }) => {
      fc.pre(order > 0);
      const enabled = encodeEnabled({ order, offset }, offsetBits) & ~(1n << BigInt(offsetBits));
      expect(enabled * 2n).toBe(encodeAligned({ order, offset }));
    }),
  );
});

test("what is not aligned, or does not fit, is refused", () => {
  expect(() => encodeAligned({ order: 2, offset: 2n })).toThrow(RangeError);
  expect(() => encodeEnabled({ order: 2, offset: 2n }, offsetBits)).toThrow(RangeError);
  expect(() => encodeEnabled({ order: 1, offset: 1n << 17n }, offsetBits)).toThrow(RangeError);
});

test("the bit halves the longest device", () => {
  expect(slotLimits(swapOffsetBits["x86-64"])).toEqual({ without: 1n << 50n, withOrder: 1n << 49n });
  expect(slotLimits(swapOffsetBits.MIPS)).toEqual({ without: 131072n, withOrder: 65536n });
});

test("the slots of a block cannot be told apart by its number", () => {
  const entries = new Set(Array.from({ length: 16 }, (_, slot) => encodeAligned({ order: 4, offset: BigInt(slot - (slot % 16)) })));
  expect(entries.size).toBe(1);
});
