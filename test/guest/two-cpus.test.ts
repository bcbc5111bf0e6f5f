import { describe, expect, test } from "vitest";
import { compareSwapState } from "../../src/compare/memory.ts";
import { openExperiment, parseExperiment } from "../../src/lab/experiments.ts";
import { generations, type GenerationName } from "../../src/model/features.ts";
import { x86_64 } from "../../src/model/geometry.ts";
import { predict } from "../../src/workload/predict.ts";
import type { SwapState } from "../../src/workload/swap-state.ts";
import { openSetting, runList } from "../random/list-run.ts";
import { playInGuest, type SeenStep } from "./memory-guest.ts";
import { useOwnFolder } from "./places.ts";
import { differing, runExperiment, story } from "./runs.ts";

const folder = useOwnFolder();
const kernels: GenerationName[] = ["6.1", "6.12", "7.3"];

/** Experiments that know of no second CPU: everything is pinned to the first, beside which the other idles. */
const onOneCpu = ["brim-base-pages", "refill-holes", "fork-refault-unmap", "swapoff-with-pages-out"];

describe("a second CPU that does nothing", () => {
  test.each(kernels.flatMap((kernel) => onOneCpu.map((experiment) => [kernel, experiment] as const)))("does not disturb %s, %s", async (kernel, experiment) => {
    const { result } = await runExperiment({ experiment, kernel, device: "nvme", cpus: 2 });
    expect([result.verdict, result.host.cpuCount, differing(result)], story(result)).toEqual(["pass", 2, []]);
  });
});

const task = { signal: new AbortController().signal, progress: () => {} };

test.each(kernels.flatMap((kernel) => [1, 2, 3].map((seed) => [kernel, seed] as const)))(
  "ops on CPUs drawn at random: model and kernel %s agree on the list of seed %i",
  async (kernel, seed) => {
    const setting = await openSetting({ kernel, device: "nvme", opCountMax: 40, cpuCount: 2, shrinkMs: 0 }, folder, task);
    const { drawn } = await runList(seed, setting, task, () => {});
    expect(drawn.result.verdict, story(drawn.result)).toBe("pass");
  },
);

const play = async (experiment: string, kernel: string): Promise<SeenStep[]> => playInGuest(folder, { experiment, kernel, device: "nvme", folio: "64kB" });

test.each(["6.1", "6.12"])("what each CPU frees is found in its own slots cache (%s)", async (kernel) => {
  const steps = await play("two-cpus-free-on-the-other", kernel);
  const freedByBoth = steps[5]!;
  expect(freedByBoth.memory.cpus.map(({ slotsCache }) => slotsCache?.returned.length)).toEqual([40, 40]);
  // /proc/swaps counts them as used.
  expect(freedByBoth.observation.swapAreas[0]?.usedKb).toBe(2048);
});

test.each(["6.12", "7.3"] as const)("a model that puts everything on one CPU is caught by two-cpus (%s)", async (kernel) => {
  const steps = await play("two-cpus", kernel);
  const { workload } = parseExperiment(openExperiment("two-cpus"), { own: {} });
  const states: SwapState[] = [];
  const facts = { generation: generations[kernel], geometry: x86_64, synchronous: false, rotating: false, scanStarts: [] };
  const onFirst = { ...workload, ops: workload.ops.map((op) => ({ ...op, cpu: 0 })) };
  predict(onFirst, facts, (machine) => states.push(machine.swapState()));
  const failing = (model: SwapState, { memory }: SeenStep): number => compareSwapState(model, memory).filter(({ ok }) => !ok).length;
  const firstOfCpu1 = steps.findIndex(({ text }) => text.startsWith("CPU 1: pageout"));
  expect(steps.map((step) => failing(step.model, step)).every((count) => count === 0)).toBe(true);
  expect(failing(states[firstOfCpu1 - 1]!, steps[firstOfCpu1 - 1]!)).toBe(0);
  expect(failing(states[firstOfCpu1]!, steps[firstOfCpu1]!)).toBeGreaterThan(0);
});
