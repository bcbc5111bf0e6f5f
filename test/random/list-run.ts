import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as fc from "fast-check";
import type { Lab, LabTask } from "../../src/api/lab.ts";
import { defaultMemoryMb } from "../../src/api/request.ts";
import { generationOf, readBtf } from "../../src/lab/generation.ts";
import { openKernel } from "../../src/lab/kernels/open.ts";
import { createLab } from "../../src/lab/lab.ts";
import { forcedGeneration } from "../../src/lab/run-request.ts";
import type { Generation } from "../../src/model/features.ts";
import { x86_64 } from "../../src/model/geometry.ts";
import type { Result } from "../../src/report/result.ts";
import type { DeviceName, Workload } from "../../src/workload/ops.ts";
import { predict } from "../../src/workload/predict.ts";
import { type DrawnList, opLists } from "./op-lists.ts";
import { workloadToml } from "./workload-file.ts";

/** Where lists run and what they are made of. */
export interface AskedLists {
  readonly kernel: string;
  readonly device: DeviceName;
  /** The generation whose model predicts, in place of the kernel's own. */
  readonly model?: string;
  /** Orders of the folios that regions ask for; all that the kernel has when not given. */
  readonly folioOrders?: readonly number[];
  /** Ops of a list, beside its first map. */
  readonly opCountMax: number;
  readonly cpuCount: number;
  /** A list that diverged is made shorter for so long at most. */
  readonly shrinkMs: number;
}

export interface ListSetting extends AskedLists {
  readonly lab: Lab;
  readonly generation: Generation;
  readonly folioOrders: readonly number[];
  /** Workload files and disks are kept there while they are needed. */
  readonly folder: string;
}

/** Finds out what has to be known of the kernel before a list can be drawn for it. */
export async function openSetting(asked: AskedLists, folder: string, task: LabTask): Promise<ListSetting> {
  const kernel = await openKernel(asked.kernel, task);
  const generation = forcedGeneration(asked) ?? generationOf(await readBtf(kernel.vmlinuxPath, kernel.release), kernel.release);
  return { lab: createLab(), generation, folder, ...asked, folioOrders: asked.folioOrders ?? ordersOf(generation) };
}

/** Orders of anonymous folios: base pages, and from four pages on what the kernel is able to swap whole. */
function ordersOf({ features }: Generation): number[] {
  const { pmdOrder } = x86_64;
  if (features.wholeFolioOrders === "pmd") return [0, pmdOrder];
  return [0, ...Array.from({ length: pmdOrder - 1 }, (_, index) => index + 2)];
}

export interface JudgedList {
  readonly workload: Workload;
  readonly result: Result;
}

export interface ListOutcome {
  /** The list of this seed. */
  readonly drawn: JudgedList;
  /** The shortest one found that does the same, which may be the list itself; null when its guest was lost, but not when it ran again. */
  readonly shortest: JudgedList | null;
}

/** `fail` and `lost` are what lists are drawn to find. */
export const isDivergence = ({ result: { verdict } }: JudgedList): boolean => verdict === "fail" || verdict === "lost";

const isLost = ({ result: { verdict } }: JudgedList): boolean => verdict === "lost";

/**
 * Draws the list of a seed, runs it in a guest of its own, and when model and kernel part looks for the shortest list with
 * which they do. Rejects when it was stopped, and when the lab is broken.
 */
export async function runList(seed: number, setting: ListSetting, task: LabTask, onShorter: (list: JudgedList) => void): Promise<ListOutcome> {
  let drawn: JudgedList | null = null;
  let shortest: JudgedList | null = null;
  let trouble: unknown = null;
  let deadlineMs = Infinity;
  const holds = async (list: DrawnList): Promise<boolean> => {
    // Nothing more is tried; what has been found stands.
    if (trouble !== null || performance.now() > deadlineMs) return true;
    try {
      const judged = await judge(workloadOf(seed, list, setting), setting, task);
      if (drawn !== null && judged.result.verdict !== drawn.result.verdict) return true;
      if (drawn === null) deadlineMs = performance.now() + setting.shrinkMs;
      else if (isDivergence(judged)) onShorter(judged);
      const isFirst = drawn === null;
      drawn ??= judged;
      // A guest may be lost through no fault of the list: then there is nothing to make shorter.
      if (isFirst && isLost(judged) && !isLost(await judge(judged.workload, setting, task))) return true;
      shortest = judged;
      return !isDivergence(judged);
    } catch (error) {
      trouble = error;
      return true;
    }
  };
  await fc.check(fc.asyncProperty(opLists(setting), holds), { seed, numRuns: 1 });
  if (trouble !== null) throw trouble;
  if (drawn === null) throw new Error(`no list was drawn for seed ${seed}`);
  return { drawn, shortest };
}

/** What comes after an op that the model cannot follow is left out. */
function workloadOf(seed: number, { areas, ops }: DrawnList, { kernel, cpuCount, generation }: ListSetting): Workload {
  const series = kernel.replace(/[^a-z0-9]+/gi, "-").toLowerCase();
  const workload = { name: `random-${seed}`, title: `random list ${seed} for ${series}`, areas, cpuCount, ops };
  const facts = { generation, geometry: x86_64, scanStarts: Array.from({ length: cpuCount }, () => 1) };
  const { steps } = predict(workload, facts);
  return { ...workload, ops: ops.slice(0, steps.length - 1) };
}

async function judge(workload: Workload, { lab, kernel, model, folder }: ListSetting, task: LabTask): Promise<JudgedList> {
  const path = join(folder, `${workload.name}.toml`);
  await writeFile(path, workloadToml(workload, x86_64));
  const request = { experiment: path, kernel, set: {}, memoryMb: defaultMemoryMb, cold: false, ...(model !== undefined && { model }) };
  const { result, bundlePath } = await lab.run(request, task);
  // There are hundreds of them; the seed brings each back.
  await rm(bundlePath, { recursive: true, force: true });
  return { workload, result };
}
