import { expect, test } from "vitest";
import { slotWord } from "../../src/workload/slot-word.ts";
import { slotGrid } from "./area-side.ts";
import { ageCode, cellsOf, orderCode, ownerCode, stateCode } from "./cells.ts";
import { differenceCode, neighbouringDifference, slotDifference } from "./difference.ts";
import { countCodes, legendOf, loudnessOf } from "./legend.ts";
import { slotRuns } from "./runs.ts";
import { sampleSide } from "./sample-side.fixture.ts";
import { clusterParts, placeWords, sideWords } from "./words.ts";

const { held, shared } = slotWord;

test("states", () => {
  const side = sampleSide(16, { 1: 1, 2: held, 3: held | 2, 4: shared, 5: held | shared, 6: 1 }, { zeroes: new Uint8Array([1 << 6, 0]) });
  expect([...cellsOf("state", side, slotGrid(16, 8))].slice(0, 8)).toEqual([
    stateCode.bad,
    stateCode.counted,
    stateCode.cached,
    stateCode.cachedAndCounted,
    stateCode.counted,
    stateCode.cachedAndCounted,
    stateCode.zeroes,
    stateCode.free,
  ]);
});

test("orders are the cached folio's, or else the cluster's", () => {
  const clusters = { used: new Uint16Array([4, 2]), state: new Uint8Array([2, 2]), order: new Uint8Array([2, 0]), huge: null, table: null };
  const side = sampleSide(16, { 1: 1, 4: held, 8: 1, 9: held }, { clusters, folioSlots: Uint16Array.from({ length: 16 }, (_, slot) => (slot === 4 ? 4 : slot === 9 ? 1 : 0)) });
  const cells = cellsOf("order", side, slotGrid(16, 8));
  expect([cells[1], cells[4], cells[8], cells[9], cells[2]]).toEqual([orderCode.first + 2, orderCode.first + 2, orderCode.first, orderCode.first, orderCode.free]);
});

test("owners come from the page tables; a slot of two is both's", () => {
  const owners = [
    { process: "main", region: "a", runs: [{ slot: 2, pageCount: 1, firstPage: 7 }, { slot: 4, pageCount: 1, firstPage: 9 }] },
    { process: "child", region: "a", runs: [{ slot: 2, pageCount: 1, firstPage: 7 }] },
  ];
  const changedAt = Uint16Array.from({ length: 16 }, (_, slot) => (slot === 2 ? 3 : 4));
  const side = sampleSide(16, { 2: 2, 4: 1, 5: held }, { owners, changedAt });
  expect(side.owners).toEqual(["main.a", "main.a + child.a"]);
  expect([...cellsOf("owner", side, slotGrid(16, 8))].slice(1, 6)).toEqual([0, ownerCode.first + 1, 0, ownerCode.first, ownerCode.nobody]);
  expect([...cellsOf("age", side, slotGrid(16, 8))].slice(1, 6)).toEqual([0, ageCode.first + 3, 0, ageCode.first + 4, ageCode.first + 4]);
  expect(sideWords(side, 2, slotGrid(16, 8))).toEqual(["not in cache, count 2", "page 7 of main.a, page 7 of child.a", "since step 3"]);
  expect(sideWords(side, 99, slotGrid(16, 8))).toEqual(["past the end"]);
});

test("differences are told apart, and found one after the other", () => {
  const model = sampleSide(16, { 1: 1, 2: held, 3: 1 });
  const kernel = sampleSide(16, { 2: held | 1, 3: 1, 9: 1 });
  const { cells, slots, count } = slotDifference(model.map, kernel.map);
  expect([cells[0], cells[1], cells[2], cells[3], cells[4], cells[9]]).toEqual([
    differenceCode.alike,
    differenceCode.modelOnly,
    differenceCode.otherwise,
    differenceCode.alike,
    differenceCode.bothFree,
    differenceCode.kernelOnly,
  ]);
  expect([slots, count]).toEqual([[1, 2, 9], 3]);
  expect(neighbouringDifference(slots, null, 1)).toBe(1);
  expect(neighbouringDifference(slots, 2, 1)).toBe(9);
  expect(neighbouringDifference(slots, 9, 1)).toBe(1);
  expect(neighbouringDifference(slots, 1, -1)).toBe(9);
  expect(neighbouringDifference([], 1, -1)).toBeNull();
});

test("a folio and a mark differ as a word does", () => {
  const folioSlots = new Uint16Array(16);
  folioSlots[4] = 4;
  expect(slotDifference(sampleSide(16, { 4: held }).map, sampleSide(16, { 4: held }, { folioSlots }).map).slots).toEqual([4]);
  const marked = (byte: number) => sampleSide(16, { 4: 1 }, { zeroes: new Uint8Array([byte, 0]) }).map;
  expect(slotDifference(marked(0), marked(1 << 4)).slots).toEqual([4]);
});

test("the table has a row for neighbours that are alike, within a cluster", () => {
  const model = sampleSide(16, { 1: 1, 2: 1, 6: 1, 7: 1, 8: 1, 9: 1 });
  const kernel = sampleSide(16, { 1: 1, 2: 1, 6: 1, 7: 1, 8: 1 });
  const grid = slotGrid(16, 8);
  const { cells } = slotDifference(model.map, kernel.map);
  expect(slotRuns(model, kernel, cells, grid, false).map(({ firstSlot, slotCount }) => [firstSlot, slotCount])).toEqual([[0, 1], [1, 2], [3, 3], [6, 2], [8, 1], [9, 1], [10, 6]]);
  expect(slotRuns(model, kernel, cells, grid, true)).toEqual([{ firstSlot: 9, slotCount: 1, isAlike: false }]);
});

test("the legend has what is in the maps; what is hidden is as quiet as free", () => {
  const side = sampleSide(16, { 1: 1, 2: held });
  const counts = countCodes(cellsOf("state", side, slotGrid(16, 8)));
  expect(legendOf("state", [side], counts).map(({ label }) => label)).toEqual(["free", "counted", "cached", "not usable"]);
  const loudness = loudnessOf("state", new Set([stateCode.cached]));
  expect(loudness[stateCode.cached]).toBe(0);
  expect(loudness[stateCode.counted]!).toBeGreaterThan(loudness[stateCode.bad]!);
});

test("places in words", () => {
  const grid = slotGrid(65_536, 512);
  expect(placeWords(16_391, grid)).toBe("slot 16,391, cluster 32 + 7");
  expect(clusterParts(sampleSide(16, {}), 3, grid)).toEqual(["the device has no clusters"]);
});
