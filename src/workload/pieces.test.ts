import { expect, test } from "vitest";
import { rangesOf } from "./pieces.ts";

const range = { firstPage: 32, pageCount: 128 };

test("without pieces it is the range itself", () => {
  expect([...rangesOf({ range })]).toEqual([range]);
});

test("pieces lie in the range, aligned to their size from its start, and follow from the seed", () => {
  const draw = (seed: number) => [...rangesOf({ range, pieces: { count: 200, pageCount: 16, seed } })];
  const firstPages = new Set(draw(1).map(({ firstPage }) => firstPage));
  expect([...firstPages].sort((a, b) => a - b)).toEqual([32, 48, 64, 80, 96, 112, 128, 144]);
  expect(draw(1)).toEqual(draw(1));
  expect(draw(1)).not.toEqual(draw(2));
});
