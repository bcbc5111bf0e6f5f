import * as fc from "fast-check";
import { expect, test } from "vitest";
import { clusterSlotCount, x86_64 } from "./geometry.ts";
import * as slotByte from "./slot-byte.ts";
import { slotCount } from "./slot-byte.ts";
import { ContinuedCounts, ExtendedCounts, type LargeCounts } from "./slot-counts.ts";

const slots = [1, 2, 4095, 4096];
const forms = {
  "continuation pages": (map: Uint8Array): LargeCounts => new ContinuedCounts(map, x86_64),
  "extend tables": (map: Uint8Array): LargeCounts => new ExtendedCounts(map, clusterSlotCount(x86_64)),
};

class Counted {
  readonly map = new Uint8Array(8192);
  readonly large: LargeCounts;

  constructor(make: (map: Uint8Array) => LargeCounts) {
    this.large = make(this.map);
  }

  up(slot: number): void {
    if (slotCount(this.map[slot]!) < this.large.plainMax) {
      this.map[slot]!++;
      return;
    }
    if (this.large.increment(slot)) return;
    this.large.makeRoom(slot);
    if (!this.large.increment(slot)) throw new Error(`there is still no room for slot ${slot}`);
  }

  down(slot: number): void {
    if (slotCount(this.map[slot]!) < this.large.plainMax) this.map[slot]!--;
    else this.large.decrement(slot);
  }

  total(slot: number): number {
    return this.large.totals().get(slot) ?? slotCount(this.map[slot]!);
  }
}

test.each(Object.entries(forms))("%s count as a plain number does, and leave the cache bit alone", (_, make) => {
  const moves = fc.array(fc.record({ slot: fc.constantFrom(...slots), by: fc.integer({ min: -9000, max: 9000 }) }), { maxLength: 12 });
  fc.assert(
    fc.property(moves, (list) => {
      const counted = new Counted(make);
      const plain = new Map(slots.map((slot) => [slot, 0]));
      counted.map[1] = slotByte.hasCache;
      for (const { slot, by } of list) {
        const wanted = Math.max(0, plain.get(slot)! + by);
        for (let count = plain.get(slot)!; count < wanted; count++) counted.up(slot);
        for (let count = plain.get(slot)!; count > wanted; count--) counted.down(slot);
        plain.set(slot, wanted);
        for (const other of slots) expect(counted.total(other), `slot ${other}`).toBe(plain.get(other));
      }
      expect(counted.map[1]! & slotByte.hasCache).toBe(slotByte.hasCache);
      expect(counted.map[2]! & slotByte.hasCache).toBe(0);
    }),
    { numRuns: 15 },
  );
});

test("the byte goes on at 0x80 after 62, and counts up to 0xbe before the next carry", () => {
  const counted = new Counted(forms["continuation pages"]);
  const bytes = Array.from({ length: 127 }, () => {
    counted.up(7);
    return counted.map[7]!;
  });
  expect([bytes[61], bytes[62], bytes[63], bytes[124], bytes[125]]).toEqual([0x3e, 0x80, 0x81, 0xbe, 0x80]);
});

test("a cluster's table goes away with the last count that needs it", () => {
  const counted = new Counted(forms["extend tables"]);
  for (let count = 0; count < 20; count++) counted.up(7);
  expect(counted.map[7]).toBe(15);
  expect([...counted.large.totals()]).toEqual([[7, 20]]);
  for (let count = 0; count < 6; count++) counted.down(7);
  expect(counted.map[7]).toBe(14);
  expect(counted.large.increment(7), "the table is gone").toBe(false);
});
