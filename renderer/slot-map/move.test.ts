import { expect, test } from "vitest";
import { slotGrid } from "./area-side.ts";
import { moveSlot } from "./move.ts";

const grid = slotGrid(20, 8);

test.each([
  ["ArrowRight", 3, 4],
  ["ArrowLeft", 0, 0],
  ["ArrowDown", 3, 11],
  ["ArrowDown", 15, 15],
  ["ArrowUp", 11, 3],
  ["Home", 13, 8],
  ["End", 17, 19],
  ["Mod+End", 2, 19],
  ["Mod+Home", 2, 0],
  ["PageDown", 2, 2],
  ["ArrowRight", null, 0],
])("%s from %s", (key, from, to) => {
  expect(moveSlot(key, from, grid)).toBe(to);
});

test("other keys are somebody else's", () => {
  expect(moveSlot("N", 3, grid)).toBeNull();
});
