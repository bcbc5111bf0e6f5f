import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { LabTask } from "../../src/api/lab.ts";
import { createLab } from "../../src/lab/lab.ts";
import { generations } from "../../src/model/features.ts";
import type { Result } from "../../src/report/result.ts";
import { lostResult, passResult } from "../sample-results.ts";
import { type ListSetting, runList } from "./list-run.ts";

const task: LabTask = { signal: new AbortController().signal, progress: () => {} };
let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "swaplab-random-"));
});
afterAll(async () => rm(folder, { recursive: true, force: true }));

/** A lab whose runs end as they are told to, one after the other; the last one for ever. */
function settingOf(results: Result[]): { setting: ListSetting; runs: () => number } {
  let count = 0;
  const run = async () => ({ result: results[Math.min(count++, results.length - 1)]!, bundlePath: join(folder, "none") });
  const asked = { kernel: "6.12", device: "nvme", opCountMax: 6, cpuCount: 1, shrinkMs: 10_000, folioOrders: [0] } as const;
  return { setting: { ...asked, lab: { ...createLab(), run }, generation: generations["6.12"], folder }, runs: () => count };
}

test("a list whose guest is lost once is run once more and not made shorter", async () => {
  const { setting, runs } = settingOf([lostResult(), passResult()]);
  const { drawn, shortest } = await runList(1, setting, task, () => {});
  expect(drawn.result.verdict).toBe("lost");
  expect(shortest).toBeNull();
  expect(runs()).toBe(2);
});

test("a list whose guest is lost again is made shorter", async () => {
  const { setting } = settingOf([lostResult()]);
  const { drawn, shortest } = await runList(2, setting, task, () => {});
  expect(shortest?.result.verdict).toBe("lost");
  expect(shortest?.workload.ops.length).toBeLessThan(drawn.workload.ops.length);
});
