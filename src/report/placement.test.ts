import { expect, test } from "vitest";
import { firstPlacementDifference, parsePlacement, showRun } from "./placement.ts";

const parse = (text: string) => {
  const runs = parsePlacement(text);
  if (runs === null) throw new Error(`no placement: ${text}`);
  return runs;
};

test("reads swapped, present and unmapped runs", () => {
  expect(parse("0+512@16384,512+8:present,520+4:none").map(showRun)).toEqual(["512 @ 16384", "8 present", "4 none"]);
  expect(parse("0+16@1:4096").map(showRun)).toEqual(["16 @ 1:4096"]);
});

test.each(["", "0+0@5", "0+8@1,4+8@9", "0+8@", "0+8:swapped", "0+8@5;", "x"])("refuses %j", (text) => {
  expect(parsePlacement(text)).toBeNull();
});

test("finds the first page that differs, inside a run too", () => {
  const difference = firstPlacementDifference(parse("0+512@16384,512+512@32768"), parse("0+520@16384,520+504@600"));
  expect(difference?.page).toBe(512);
  expect(showRun(difference?.model)).toBe("512 @ 32768");
  expect(showRun(difference?.real)).toBe("8 @ 16896");
});

test("does not care how equal pages are cut into runs", () => {
  expect(firstPlacementDifference(parse("0+8@10,8+8@18"), parse("0+16@10"))).toBeNull();
});

test("tells a side that ends early", () => {
  const difference = firstPlacementDifference(parse("0+8@10"), parse("0+8@10,8+1:present"));
  expect([difference?.page, showRun(difference?.model), showRun(difference?.real)]).toEqual([8, "nothing", "1 present"]);
});

test("tells swap types apart", () => {
  expect(firstPlacementDifference(parse("0+8@10"), parse("0+8@1:10"))?.page).toBe(0);
});
