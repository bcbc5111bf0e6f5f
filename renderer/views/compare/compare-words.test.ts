import { expect, test } from "vitest";
import { sampleComparison } from "../../../test/sample-comparison.ts";
import { differenceText, differenceWords, valueLines } from "./compare-words.ts";

test("how much differs, and out of how much", () => {
  const comparison = sampleComparison();
  const metrics = comparison.steps.flatMap((step) => step.metrics);
  const equal = metrics.filter(({ differs }) => !differs).length;
  expect(differenceWords(comparison)).toEqual({ headline: "4 differ, in 2 steps", counts: `${equal} of ${metrics.length} counters, calls and placements are equal, in ${comparison.steps.length} steps.` });
  expect(differenceWords({ steps: comparison.steps.slice(0, 2) }).headline).toBe("Nothing differs");
  expect(differenceWords({ steps: [] }).headline).toBe("No step was carried out on both sides");
});

test("a placement is its runs of slots, of which a long one has its first", () => {
  expect(valueLines("placement.main.a", "0+512@16384,512+8:present")).toEqual(["512 @ 16384", "8 present"]);
  const long = Array.from({ length: 9 }, (_, run) => `${run * 2}+1@${run * 3 + 1}`).join(",");
  expect(valueLines("placement.main.a", long)).toEqual(["1 @ 1", "1 @ 4", "1 @ 7", "1 @ 10", "1 @ 13", "1 @ 16", "and 3 more runs"]);
  expect(valueLines("placement.main.a", "absent")).toEqual(["absent"]);
  expect(valueLines("vmstat.pswpout", 4096)).toEqual(["4096"]);
});

test("a difference has its sign, and is of numbers alone", () => {
  expect([differenceText(8, 0), differenceText(0, 8), differenceText("absent", 8)]).toEqual(["-8", "+8", ""]);
});
