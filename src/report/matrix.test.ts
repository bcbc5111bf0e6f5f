import { expect, test } from "vitest";
import { failResult, passResult } from "../../test/sample-results.ts";
import { noPaint, unicodeSymbols } from "./look.ts";
import { cellOf, type Matrix, type MatrixCell, matrixSchemaName, matrixTable } from "./matrix.ts";
import { displayWidth } from "./text.ts";
import { allAreCaught, type WhoCatches, whoCatchesSchemaName, whoCatchesTable } from "./who-catches.ts";

const look = { columns: 80, symbols: unicodeSymbols, paint: noPaint };
const tenKernels = ["6.1", "6.12", "6.16", "6.17", "6.18", "6.19", "7.0", "7.1", "7.2", "7.3"];

const pass = (experiment: string, kernel: string): MatrixCell => ({
  ...{ experiment, kernel, model: kernel, verdict: "pass", reason: "all 300 checks hold", checkCount: 300, memoryCheckCount: 40, run: "2026-11-24-1" },
});

const matrixOf = (kernels: readonly string[], cells: readonly MatrixCell[], isComplete = true): Matrix => ({
  ...{ schema: matrixSchemaName, startedAt: "2026-11-24T12:00:00.000Z", kernels, experiments: ["brim", "swapoff-with-pages-out"], cells, isComplete },
});

test("a cell tells of its run", () => {
  expect(cellOf(passResult())).toMatchObject({ experiment: "munmap-after-pageout", verdict: "pass", run: passResult().run });
  expect(cellOf(passResult()).checkCount).toBeGreaterThan(0);
  expect(cellOf(failResult())).toMatchObject({ verdict: "fail", reason: failResult().reason });
});

test("ten kernels stand beside each other in 80 columns, every cell a number of checks", () => {
  const cells = tenKernels.flatMap((kernel) => [pass("brim", kernel), pass("swapoff-with-pages-out", kernel)]);
  const lines = matrixTable(matrixOf(tenKernels, cells), look);
  expect(Math.max(...lines.map(displayWidth))).toBeLessThanOrEqual(80);
  expect(lines[0]!.trim().split(/ +/)).toEqual(tenKernels);
  expect(lines[1]!.split(/ +/)).toEqual(["brim", ...tenKernels.map(() => "300")]);
  expect(lines.join("\n")).toContain("2 experiments on 10 kernels: 20 pass, 6000 checks");
});

test("a kernel built without what an experiment is about is skipped, which is no fault of its", () => {
  const skipped = { ...pass("brim", "7.0"), verdict: "skip" as const, reason: "lacks CONFIG_ZSWAP", run: "" };
  const text = matrixTable(matrixOf(["6.1", "7.0"], [pass("brim", "6.1"), skipped]), look).join("\n");
  expect(text).toContain("S1 skip: lacks CONFIG_ZSWAP");
  expect(text).toContain("1 pass, 1 skip");
});

test("what is no pass has a letter, and cells of one reason share its number", () => {
  const none = { ...pass("brim", "7.0"), verdict: "invalid" as const, reason: "no modules", run: "" };
  const cells = [
    { ...pass("brim", "6.1"), verdict: "fail" as const, reason: "Model and kernel first differ" },
    none,
    { ...none, experiment: "swapoff-with-pages-out" },
    { ...pass("swapoff-with-pages-out", "6.1"), memoryCheckCount: 0 },
  ];
  const text = matrixTable(matrixOf(["6.1", "7.0", "7.3"], cells, false), look).join("\n");
  expect(text).toMatch(/^brim +F1 +I2 +-$/m);
  expect(text).toMatch(/^swapoff-with-pages-out +300 +I2 +-$/m);
  expect(text).toContain("F1 fail: Model and kernel first differ");
  expect(text.match(/no modules/g)).toHaveLength(1);
  expect(text).toContain("1 pass, 1 fail, 2 invalid, 2 not run");
  expect(text).toMatch(/, 1\spassed without a look at the kernel's memory/);
});

test("texts from elsewhere reach no terminal as they are", () => {
  const cells = [{ ...pass("brim", "~/l\x1b[2J"), verdict: "lost" as const, reason: "\x1b]0;x\x07" }];
  expect(matrixTable(matrixOf(["~/l\x1b[2J"], cells), look).join("")).not.toMatch(/[\x1b\x07]/);
});

const pairs = [
  { kernel: "6.1", generation: "6.1", model: "6.12", isSame: false },
  { kernel: "7.0", generation: "7.0", model: "7.1", isSame: true },
];
const whoCatches = (verdicts: readonly MatrixCell["verdict"][], isComplete = true): WhoCatches => ({
  ...{ schema: whoCatchesSchemaName, startedAt: "2026-11-24T12:00:00.000Z", experiments: ["brim", "zero-pages"], pairs, unknown: [], isComplete },
  cells: verdicts.map((verdict, index) => ({ ...pass(["brim", "zero-pages"][index]!, "6.1"), model: "6.12", verdict })),
});

test("a pair is caught by one experiment that fails, and by nothing else", () => {
  expect(allAreCaught(whoCatches(["pass", "fail"]))).toBe(true);
  for (const verdict of ["pass", "lost", "invalid"] as const) expect(allAreCaught(whoCatches([verdict, "pass"]))).toBe(false);
  expect(allAreCaught(whoCatches(["fail"], false))).toBe(false);
  expect(allAreCaught({ ...whoCatches(["fail"]), unknown: [{ kernel: "6.18", reason: "no model" }] })).toBe(false);
});

test("who catches whom is a table of kernels beside models", () => {
  const text = whoCatchesTable(whoCatches(["invalid", "fail"]), look).join("\n");
  expect(text).toMatch(/^kernel +6\.1\nmodel +6\.12\nbrim +\?\nzero-pages +x\nin all +1$/m);
  expect(text).toContain("nothing to tell apart: 7.0 and model 7.1.");
  expect(text).toContain("1 of 1 pair of kernel and neighbour's model caught");
  expect(whoCatchesTable(whoCatches(["pass", "lost"]), look).at(-1)).toContain("not caught: 6.1 beside model 6.12");
});
