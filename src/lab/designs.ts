import type { DesignMeasureRequest, LabTask, RunRequest } from "../api/lab.ts";
import { defaultKernel, defaultMemoryMb, runArguments } from "../api/request.ts";
import { slotLimits } from "../model/aligned-order.ts";
import { type DesignName, designNames, designs } from "../model/designs.ts";
import { clusterSlotCount, swapOffsetBits, x86_64 } from "../model/geometry.ts";
import { type DesignCase, type DesignsReport, designsSchemaName } from "../report/designs.ts";
import { type DesignMeasurement, stepCounts } from "../report/designs-measured.ts";
import type { Result } from "../report/result.ts";
import { type DesignCost, designCost, metadataBytes, type StepChoice, stepIndex } from "../workload/designs.ts";
import { openExperiment, parseExperiment } from "./experiments.ts";
import { listKernels } from "./kernels/open.ts";
import { runExperiment } from "./run.ts";
import { overridesOf } from "./run-request.ts";

/** A case before it is played: an experiment, with what it needs to be about 512 entries, and the step to look at. */
type Asked = Pick<DesignCase, "title" | "kind" | "lastUser"> & {
  readonly experiment: string;
  readonly folio: string;
  readonly device: "nvme" | "brd";
  readonly step: StepChoice;
};

const unmap: StepChoice = { op: "unmap", nth: 0 };
const size = `${(clusterSlotCount(x86_64) * x86_64.pageSizeBytes) / 1024 ** 2}M`;

const folio = (title: string, folioSize: string): Asked => ({
  title,
  kind: "folio",
  lastUser: true,
  experiment: "munmap-after-pageout",
  folio: folioSize,
  device: "nvme",
  step: unmap,
});
const situation = (title: string, experiment: string, rest: Partial<Asked> = {}): Asked => ({
  title,
  kind: "situation",
  lastUser: true,
  experiment,
  folio: "64kB",
  device: "nvme",
  step: unmap,
  ...rest,
});

const asked: readonly Asked[] = [
  folio("512 entries of a 2 MiB folio", "2048kB"),
  folio("512 entries of 64 kB folios", "64kB"),
  folio("512 entries of single pages", "4kB"),
  situation("half of a 2 MiB folio", "partial-unmap", { folio: "2048kB", lastUser: false }),
  situation("then its other half", "partial-unmap", { folio: "2048kB", step: { op: "unmap", nth: 1 } }),
  situation("2 MiB, a child lives", "fork-then-unmap", { folio: "2048kB", lastUser: false }),
  situation("2 MiB, the child exits", "fork-then-unmap", { folio: "2048kB", step: { op: "exit", nth: 0 } }),
  situation("2 MiB, RAM disk", "munmap-after-pageout", { folio: "2048kB", device: "brd" }),
  situation("64 kB, RAM disk", "munmap-after-pageout", { device: "brd" }),
  situation("64 kB, one split", "split-then-unmap"),
  // The other folios' slots are left to unmap, beside base pages that stay.
  situation("64 kB, a slot stolen", "steal-then-unmap", { step: { op: "unmap", nth: 1 }, lastUser: false }),
  situation("stray single pages", "stray-cached-pages", { folio: "4kB", device: "brd" }),
  situation("strays in 64 kB slots", "stray-cached-pages", { device: "brd" }),
];

/** Every case on the model, under every design. No guest is started. */
export function playDesigns(): DesignsReport {
  const bytesOf = (name: DesignName, slotCount: number): number => metadataBytes(designs[name], slotCount, x86_64);
  return {
    schema: designsSchemaName,
    designs: designNames.map((name) => ({
      name,
      summary: designs[name].summary,
      kernel: designs[name].kernel,
      metadata: { perClusterBytes: bytesOf(name, clusterSlotCount(x86_64)), perGibBytes: bytesOf(name, 2 ** 30 / x86_64.pageSizeBytes) },
    })),
    cases: asked.map(play),
    encodings: Object.entries(swapOffsetBits).map(([architecture, offsetBits]) => {
      const { without, withOrder } = slotLimits(offsetBits);
      return { architecture, offsetBits, slots: String(without), slotsWithOrder: String(withOrder) };
    }),
  };
}

function play(one: Asked): DesignCase {
  const { title, kind, lastUser, step } = one;
  const request = requestFor(one, { kernel: defaultKernel, memoryMb: defaultMemoryMb, cold: false });
  const { workload } = parseExperiment(openExperiment(one.experiment), overridesOf(request));
  const costs = designNames.map((name): [DesignName, DesignCost] => [name, designCost(designs[name], workload, step, x86_64)]);
  return {
    name: nameOf(one),
    title,
    kind,
    lastUser,
    command: runArguments(request),
    step: stepIndex(workload, step),
    costs: Object.fromEntries(costs) as Record<DesignName, DesignCost>,
  };
}

const nameOf = ({ experiment, folio: folioSize, device, step }: Asked): string => [experiment, folioSize, device, step.op, step.nth + 1].join(" ");

type Guest = Pick<RunRequest, "kernel" | "memoryMb" | "accelerator" | "cold">;

function requestFor({ experiment, folio: folioSize, device }: Asked, guest: Guest): RunRequest {
  return { ...guest, experiment, folio: folioSize, device, size, set: {} };
}

/**
 * Every case in real guests, one after the other. A case that a kernel cannot run has the reason in place of numbers. Resolves
 * with what there is when it is stopped; rejects only when something of our own is broken.
 */
export async function measureDesigns(request: DesignMeasureRequest, task: LabTask): Promise<DesignMeasurement[]> {
  const measurements: DesignMeasurement[] = [];
  const summaries = await listKernels();
  for (const kernel of request.kernels) {
    const isMissing = summaries.some(({ series, fetched }) => series === kernel && !fetched);
    const why = isMissing && !request.fetch ? `the kernel has not been fetched; --measure does it, and so does: npm start -- kernels fetch ${kernel}` : "";
    const guest = new MeasuredKernel({ ...request, kernel }, why, task);
    for (const one of asked) {
      try {
        measurements.push(await guest.measure(one));
      } catch (error) {
        if (task.signal.aborted) return measurements;
        throw error;
      }
    }
  }
  return measurements;
}

/** One kernel's guests. Cases that look at two steps of one experiment share its run. */
class MeasuredKernel {
  private readonly guest: Guest;
  private readonly whyNot: string;
  private readonly task: LabTask;
  private readonly results = new Map<string, Result>();
  /** Reasons by folio size and device: what a kernel lacks for one experiment it lacks for all. */
  private readonly lacks = new Map<string, string>();

  constructor(guest: Guest, whyNot: string, task: LabTask) {
    this.guest = guest;
    this.whyNot = whyNot;
    this.task = task;
  }

  async measure(one: Asked): Promise<DesignMeasurement> {
    const { kernel } = this.guest;
    const surroundings = `${one.folio} ${one.device}`;
    const known = this.whyNot === "" ? (this.lacks.get(surroundings) ?? "") : this.whyNot;
    if (known !== "") return { name: nameOf(one), kernel, release: "", verdict: "none", reason: known, run: "", counts: {} };
    const result = await this.run(one);
    const { verdict, reason } = result;
    const judged = verdict === "pass" || verdict === "fail";
    if (verdict === "invalid") this.lacks.set(surroundings, reason);
    const step = result.steps[stepIndexIn(result, one.step)];
    return {
      name: nameOf(one),
      kernel,
      release: result.kernel.release,
      verdict,
      reason: judged ? "" : reason,
      run: result.run,
      counts: judged && step !== undefined ? stepCounts(step) : {},
    };
  }

  private async run(one: Asked): Promise<Result> {
    const key = `${one.experiment} ${one.folio} ${one.device}`;
    const known = this.results.get(key);
    if (known !== undefined) return known;
    const { signal, progress } = this.task;
    const { result } = await runExperiment(requestFor(one, this.guest), {
      signal,
      progress: (stage, detail) => progress(`${this.guest.kernel}: ${one.title}`, detail === "" ? stage : `${stage}, ${detail}`),
    });
    if (signal.aborted) throw signal.reason;
    this.results.set(key, result);
    return result;
  }
}

/** Where a result has the chosen step, -1 when it did not come so far. */
function stepIndexIn({ steps }: Result, { op, nth }: StepChoice): number {
  return steps.flatMap((step, index) => (step.op === op ? [index] : []))[nth] ?? -1;
}
