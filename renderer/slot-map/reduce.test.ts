import { expect, test } from "vitest";
import { slotGrid } from "./area-side.ts";
import { dirtyRows, reduceCells, reductionFor } from "./reduce.ts";

test.each([
  [3, 1],
  [1, 1],
  [0.9, 2],
  [0.5, 2],
  [0.2, 8],
])("%d pixels a slot: %d slots a pixel", (pixels, slots) => {
  expect(reductionFor(pixels)).toBe(slots);
});

test("the loudest of the slots in a cell is kept", () => {
  const cells = new Uint8Array(64);
  cells[8 * 3 + 5] = 2;
  cells[8 * 3 + 4] = 1;
  cells[8 * 7 + 7] = 1;
  const loudness = new Uint8Array(256).map((_, code) => code);
  const reduced = reduceCells({ cells, columns: 8, rows: 8 }, 4, 2, loudness);
  expect([reduced.columns, reduced.rows]).toEqual([2, 4]);
  expect([...reduced.cells]).toEqual([0, 0, 0, 2, 0, 0, 0, 1]);
});

test("a short last row is no error", () => {
  const reduced = reduceCells({ cells: new Uint8Array([1, 1, 1, 1, 1]), columns: 4, rows: 2 }, 2, 2, new Uint8Array(256).fill(1, 1));
  expect([...reduced.cells]).toEqual([1, 1]);
});

test("dirty rows are ranges", () => {
  const grid = slotGrid(48, 8);
  const before = new Uint8Array(48);
  const after = before.slice();
  for (const slot of [8, 17, 47]) after[slot] = 1;
  expect(dirtyRows(before, after, grid)).toEqual([
    { first: 1, end: 3 },
    { first: 5, end: 6 },
  ]);
  expect(dirtyRows(before, before, grid)).toEqual([]);
});
