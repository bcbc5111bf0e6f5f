import { expect, test } from "vitest";
import type { Check } from "../../src/report/result.ts";
import { failResult } from "../../test/sample-results.ts";
import { checkSlot, firstDifferingSlot } from "./check-slot.ts";

const check = (name: string, model: number | string, real: number | string): Check => ({ name, kind: "exact", model, real, ok: model === real });

test.each([
  [check("memory.swap1.slots", "slot 16391 (first of 512): free", "slot 16391 (first of 512): cached, 1 reference"), { swapType: 1, slot: 16391 }],
  [check("memory.swap0.clusters", "cluster 3: free, 0 used", "cluster 3: nonfull, 1 used"), { swapType: 0, slot: 1536 }],
  [check("memory.swap0.slots", "15359 of 16384 free", "15359 of 16384 free"), null],
  [check("placement.main.a", "0+16@512,16+16@1024", "0+16@512,16+16@2048"), { swapType: 0, slot: 2048 }],
  [check("placement.main.a", "0+16@1:512", "0+16@1:512"), { swapType: 1, slot: 512 }],
  [check("placement.main.a", "0+16@1:512", "0+16:present"), { swapType: 1, slot: 512 }],
  [check("placement.main.a", "0+16:none", "0+16:none"), null],
  [check("vmstat.pswpout", 1, 2), null],
])("%j", (given, slot) => {
  expect(checkSlot(given, 512)).toEqual(slot);
});

test("the first slot that differs may be in a later step than the first check that does", () => {
  const result = failResult();
  expect(firstDifferingSlot(result, 512)).toBeNull();
  const differing = check("memory.swap0.slots", "slot 513: free", "slot 513: no reference");
  const steps = result.steps.map((step) => (step.index === 4 ? { ...step, checks: [...step.checks, differing] } : step));
  expect(firstDifferingSlot({ ...result, steps }, 512)).toEqual({ swapType: 0, slot: 513, step: 4 });
});
