import type { LabTask, MatrixRequest, RunRequest } from "../api/lab.ts";
import { generationNames, generations, type Generation } from "../model/features.ts";
import { cellOf, type Matrix, type MatrixCell, matrixSchemaName } from "../report/matrix.ts";
import { type ModelPair, type WhoCatches, whoCatchesSchemaName } from "../report/who-catches.ts";
import { LabError } from "./errors.ts";
import { listExperiments, openExperiment, parseExperiment } from "./experiments.ts";
import { generationOf, readBtf } from "./generation.ts";
import { lacking, missingForOps } from "./guest-plan.ts";
import { checkKernelName, listKernels, openKernel } from "./kernels/open.ts";
import { runExperiment } from "./run.ts";

/**
 * Every experiment on every kernel, kernel after kernel. Resolves with what there is when it is stopped; what keeps one run
 * from being judged is that cell's verdict.
 */
export async function runMatrix(request: MatrixRequest, task: LabTask): Promise<Matrix> {
  const startedAt = new Date().toISOString();
  const { kernels, experiments } = await planOf(request);
  const cells: MatrixCell[] = [];
  const runs = kernels.flatMap((kernel) => experiments.map((experiment) => ({ kernel, experiment })));
  const isComplete = await stopsWith(task, async () => {
    const closed = new Map<string, LabError>();
    for (const [index, { kernel, experiment }] of runs.entries()) {
      task.progress("matrix", `${index + 1} of ${runs.length}: ${experiment} on ${kernel}`);
      if (index % experiments.length === 0) await tryKernel(kernel, task, closed);
      const problem = closed.get(kernel);
      cells.push(problem === undefined ? await cellFor({ ...request, kernel, experiment }, task) : emptyCell(experiment, kernel, "invalid", problem.message));
    }
  });
  return { schema: matrixSchemaName, startedAt, kernels, experiments, cells, isComplete };
}

/** Every kernel beside the models of the generations next to its own. */
export async function runWhoCatches(request: MatrixRequest, task: LabTask): Promise<WhoCatches> {
  const startedAt = new Date().toISOString();
  const { kernels, experiments } = await planOf(request);
  const pairs: ModelPair[] = [];
  const unknown: { kernel: string; reason: string }[] = [];
  const cells: MatrixCell[] = [];
  const isComplete = await stopsWith(task, async () => {
    for (const kernel of kernels) {
      try {
        pairs.push(...neighboursOf(kernel, await probe(kernel, task)));
      } catch (error) {
        if (task.signal.aborted || !(error instanceof LabError)) throw error;
        unknown.push({ kernel, reason: error.message });
      }
    }
    const runs = pairs.filter(({ isSame }) => !isSame).flatMap((pair) => experiments.map((experiment) => ({ ...pair, experiment })));
    for (const [index, { kernel, model, experiment }] of runs.entries()) {
      task.progress("matrix", `${index + 1} of ${runs.length}: ${experiment} on ${kernel} beside model ${model}`);
      cells.push({ ...(await cellFor({ ...request, kernel, experiment, model }, task)), model });
    }
  });
  return { schema: whoCatchesSchemaName, startedAt, experiments, pairs, cells, unknown, isComplete };
}

async function planOf({ kernels, experiments }: MatrixRequest): Promise<{ kernels: readonly string[]; experiments: readonly string[] }> {
  // A name that is none is said before the first guest starts.
  for (const experiment of experiments) openExperiment(experiment);
  for (const kernel of kernels) checkKernelName(kernel);
  return {
    kernels: kernels.length > 0 ? kernels : (await listKernels()).map(({ series }) => series),
    experiments: experiments.length > 0 ? experiments : listExperiments().map(({ name }) => name),
  };
}

/** False when it was stopped before it was done. */
async function stopsWith({ signal }: LabTask, work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  }
}

/** A kernel that cannot be had is looked for once and not for every experiment. */
async function tryKernel(kernel: string, task: LabTask, closed: Map<string, LabError>): Promise<void> {
  try {
    await openKernel(kernel, task);
  } catch (error) {
    if (task.signal.aborted || !(error instanceof LabError)) throw error;
    closed.set(kernel, error);
  }
}

/** A cell without a run. */
function emptyCell(experiment: string, kernel: string, verdict: "invalid" | "skip", reason: string): MatrixCell {
  return { experiment, kernel, model: "", verdict, reason, checkCount: 0, memoryCheckCount: 0, run: "" };
}

type CellRequest = Omit<MatrixRequest, "kernels" | "experiments"> & Pick<RunRequest, "kernel" | "experiment" | "model">;

/** Runs the experiment, unless it is about something that the kernel was built without. */
async function cellFor(request: CellRequest, task: LabTask): Promise<MatrixCell> {
  const { kernel, experiment } = request;
  try {
    const image = await openKernel(kernel, task);
    const { ops } = parseExperiment(openExperiment(experiment), { own: {} }).workload;
    const lacks = await missingForOps(image, ops);
    if (lacks.length > 0) return emptyCell(experiment, kernel, "skip", lacking(image, lacks).message);
  } catch (error) {
    // A kernel that cannot be asked is this cell's affair and not the end of all others.
    if (task.signal.aborted || !(error instanceof LabError)) throw error;
    return emptyCell(experiment, kernel, "invalid", error.message);
  }
  return { ...cellOf(await runOne(request, task)), experiment };
}

async function runOne(request: CellRequest, { signal }: LabTask) {
  const { kernel, experiment, device, folio, model, memoryMb, accelerator, cold } = request;
  const asked: RunRequest = {
    ...{ experiment, kernel, set: {}, memoryMb, cold },
    ...(device !== undefined && { device }),
    ...(folio !== undefined && { folio }),
    ...(model !== undefined && { model }),
    ...(accelerator !== undefined && { accelerator }),
  };
  const { result } = await runExperiment(asked, { signal, progress: () => undefined });
  if (signal.aborted) throw signal.reason;
  return result;
}

async function probe(kernel: string, task: LabTask): Promise<Generation> {
  const { vmlinuxPath, release } = await openKernel(kernel, task);
  return generationOf(await readBtf(vmlinuxPath, release), release);
}

function neighboursOf(kernel: string, { name, features }: Generation): ModelPair[] {
  const place = generationNames.indexOf(name);
  return [generationNames[place - 1], generationNames[place + 1]]
    .filter((model) => model !== undefined)
    .map((model) => ({ kernel, generation: name, model, isSame: JSON.stringify(generations[model].features) === JSON.stringify(features) }));
}
