import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { olderResult } from "../../test/sample-comparison.ts";
import { passResult } from "../../test/sample-results.ts";
import type { CompareRequest } from "../api/lab.ts";
import type { Comparison } from "../report/comparison.ts";
import { toJson } from "../report/json.ts";
import type { Result } from "../report/result.ts";
import { compareSides } from "./compare.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "swaplab-compare-"));
  for (const [name, result] of [["old", olderResult()], ["new", passResult()]] as const) await writeBundle(name, result);
});
afterAll(async () => rm(folder, { recursive: true, force: true }));

async function writeBundle(name: string, result: Result): Promise<void> {
  await mkdir(join(folder, name));
  await writeFile(join(folder, name, "result.json"), toJson(result));
}

const compare = async (a: string, b: string, more: Partial<CompareRequest> = {}): Promise<Comparison> =>
  compareSides({ a, b, set: {}, memoryMb: 1024, cold: false, runCount: 0, ...more }, { signal: new AbortController().signal, progress: () => undefined });

test("two bundles are compared as they are", async () => {
  const { kind, a, b, steps, timings, command, isComplete } = await compare(join(folder, "old"), join(folder, "new"));
  expect([kind, a.label, a.run.kernel.name, b.run.kernel.name, steps.length, timings, isComplete]).toEqual(["run", olderResult().run, "6.1", "6.12", 5, [], true]);
  expect(command).toEqual(["compare", join(folder, "old"), join(folder, "new")]);
});

test.each([
  [{ kernel: "6.12" }, "--kernel is for new runs"],
  [{ folio: "64kB" }, "--folio is for new runs"],
  [{ runCount: 3 }, "--runs, --set and --memory are for new ones"],
  [{ set: { rounds: "4" } }, "--runs, --set and --memory are for new ones"],
] as const)("two bundles and %j", async (more, message) => {
  await expect(compare(join(folder, "old"), join(folder, "new"), more)).rejects.toThrow(message);
});

test.each([
  ["6.1", "6.12", { kernel: "6.18" }, "--kernel is what the two sides differ in: 6.1 and 6.12"],
  ["nvme", "brd", { device: "zram" }, "--device is what the two sides differ in: nvme and brd"],
  ["64kB", "2MB", { folio: "4kB" }, "--folio is what the two sides differ in: 64kB and 2MB"],
  ["nvme", "brd", { kernel: "6.99" }, "no such series in the catalogue"],
] as const)("%s, %s and %j: before anything is started", async (a, b, more, message) => {
  await expect(compare(a, b, more)).rejects.toThrow(message);
});
