import { expect, test } from "vitest";
import { checkCells } from "./cells.ts";
import { describeDivergence } from "./divergence.ts";
import { asciiSymbols } from "./look.ts";
import type { Check } from "./result.ts";

const differing: Check = {
  ...{ name: "memory.swap0.slots", kind: "exact", ok: false },
  model: "slot 16391 (first of 512): cached, 1 reference",
  real: "slot 16391 (first of 512): cached, 2 references",
};

test("in a table both sides say what only they have, and a note says where", () => {
  expect(checkCells(differing, 20, asciiSymbols)).toMatchObject({ model: "1 reference", real: "2 references", note: "slot 16391" });
  expect(checkCells({ ...differing, real: "slot 16391 (first of 512): free" }, 20, asciiSymbols)).toMatchObject({ model: "cached, 1 reference", real: "free" });
});

test("in a sentence everything is said", () => {
  const { model, real, name: metric } = differing;
  expect(describeDivergence({ step: 3, op: "pageout", metric, model, real }, [])).toBe(
    'Model and kernel first differ in step 3 (pageout), in memory: slots. At slot 16391 the model has "cached, 1 reference", the kernel "cached, 2 references". It is the first of 512 that differ.',
  );
});

test("what is no such text is shown as it is", () => {
  expect(checkCells({ ...differing, model: "on", real: "off" }, 20, asciiSymbols)).toMatchObject({ model: "on", real: "off", note: "" });
  const { name: metric } = differing;
  expect(describeDivergence({ step: 3, op: "pageout", metric, model: "on", real: "off" }, [])).toContain("The model says on, the kernel off.");
});
