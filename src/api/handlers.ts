import { joined } from "./byte-window.ts";
import { contractVersion, type CallName, type ProgressOf, type ReplyOf, type RequestOf } from "./contract.ts";
import { ApiError } from "./failure.ts";
import type { InputQueue } from "./input-queue.ts";
import type { CancelSignal, Lab, LabTask, RunSummary } from "./lab.ts";
import type { OutputFlow } from "./output-flow.ts";
import type { Surroundings } from "./surroundings.ts";

/** What a call has beside its request. */
export interface Job<Name extends CallName> extends Surroundings {
  readonly signal: CancelSignal;
  readonly progress: (event: ProgressOf<Name>) => void;
  readonly output: OutputFlow;
  readonly input: InputQueue;
}

export type Handler<Name extends CallName> = (request: RequestOf<Name>, job: Job<Name>) => ReplyOf<Name> | Promise<ReplyOf<Name>>;

/** Every call of the contract as a call of the lab. */
export const handlers: { readonly [Name in CallName]: Handler<Name> } = {
  about: () => ({ contractVersion }),
  run: async ({ run, keepGuest }, job) => {
    const { lab, output, input, publish, progress } = job;
    const outcome = await lab.run(run, {
      ...task(job),
      onStep: (step) => progress({ kind: "step", ...step }),
      onConsole: (bytes) => output.write(bytes),
      ...(keepGuest && {
        onReady: async (ready, guest) => {
          publish("changed", { what: "runs" });
          progress({ kind: "ready", outcome: ready });
          await guest.attach({ input, write: () => undefined });
        },
      }),
    });
    publish("changed", { what: "runs" });
    return outcome;
  },
  runProgram: async (request, job) => withRuns(job, job.lab.runProgram(request, { ...task(job), onOutput: (bytes) => job.output.write(bytes) })),
  matrix: async (request, job) => withRuns(job, job.lab.matrix(request, task(job))),
  whoCatches: async (request, job) => withRuns(job, job.lab.whoCatches(request, task(job))),
  dryRun: async (request, job) => ({ text: await job.lab.dryRun(request, task(job)) }),
  designs: (_, { lab }) => lab.designs(),
  measureDesigns: async (request, job) => ({ measurements: await withRuns(job, job.lab.measureDesigns(request, task(job))) }),
  "races.list": (_, { lab }) => lab.races(),
  race: async (request, job) => job.lab.race(request, task(job)),
  raceMutants: async (_, job) => job.lab.raceMutants(task(job)),
  console: async (request, job) => {
    await job.lab.console(request, { ...task(job), terminal: { input: job.input, write: (bytes) => job.output.write(bytes) } });
    return {};
  },
  compare: async (request, job) => withRuns(job, job.lab.compare(request, task(job))),
  "tour.stops": (_, { lab }) => ({ stops: lab.tourStops() }),
  "tour.visit": async (request, job) => withRuns(job, job.lab.visitStop(request, task(job))),
  "experiments.list": async (_, { lab }) => ({ experiments: await listExperiments(lab) }),
  "experiments.read": async ({ name }, { lab }) => lab.readExperiment(name),
  "experiments.check": ({ text }, { lab }) => lab.checkExperiment(text),
  "experiments.save": async ({ name, text, mayReplace }, { lab, publish }) => {
    const path = await lab.saveExperiment(name, text, mayReplace);
    publish("changed", { what: "experiments" });
    return { path };
  },
  "experiments.remove": async ({ name }, { lab, publish }) => {
    const text = await lab.removeExperiment(name);
    publish("changed", { what: "experiments" });
    return { text };
  },
  "runs.list": async ({ newestCount, words }, { lab }) => lab.listRuns(newestCount, words),
  "runs.open": async ({ run }, { lab }) => lab.openRun(run ?? undefined),
  "runs.file": async ({ run, file, ...part }, { lab, output }) => {
    const { bytes, sizeBytes } = await lab.readRunFile(run, file, part);
    await output.pour(bytes);
    return { sizeBytes };
  },
  "runs.rename": async ({ run, label }, job) => ({ label: await withRuns(job, job.lab.renameRun(run, label)) }),
  "runs.remove": async ({ run }, job) => {
    await withRuns(job, job.lab.removeRun(run));
    return {};
  },
  "runs.restore": async ({ run }, job) => {
    await withRuns(job, job.lab.restoreRun(run));
    return {};
  },
  "runs.export": async ({ run, format }, { lab, output }) => {
    const { bytes, ...file } = await lab.exportRun(run, format);
    await output.pour(bytes);
    return file;
  },
  "runs.import": async ({ path }, job) => withRuns(job, job.lab.importRun(path ?? (await wholeInput(job.input)))),
  "settings.read": async (_, { lab }) => lab.readSettings(),
  "settings.write": async (settings, { lab, publish }) => {
    await lab.writeSettings(settings);
    publish("changed", { what: "settings" });
    publish("changed", { what: "kernels" });
    return {};
  },
  "kernels.list": async (_, { lab }) => ({ kernels: await lab.kernels() }),
  "kernels.fetch": async ({ series }, job) => {
    const kernel = await job.lab.fetchKernel(series, task(job));
    job.publish("changed", { what: "kernels" });
    return kernel;
  },
  doctor: async (_, job) => ({ items: await job.lab.doctor(task(job)) }),
};

/** Calls whose progress is its stages. */
type StagedCallName = { [Name in CallName]: { kind: "stage"; stage: string; detail: string } extends ProgressOf<Name> ? Name : never }[CallName];

const task = <Name extends StagedCallName>({ signal, progress }: Job<Name>): LabTask => ({
  signal,
  progress: (stage, detail, amount) => progress({ kind: "stage", stage, detail, ...(amount !== undefined && { amount }) } as ProgressOf<Name>),
});

/** Work after which there are other runs, however it ends. */
async function withRuns<Value>({ publish }: Pick<Surroundings, "publish">, work: Promise<Value>): Promise<Value> {
  try {
    return await work;
  } finally {
    publish("changed", { what: "runs" });
  }
}

/** Runs among which the last one of an experiment is looked for. */
const lastRunsCount = 100;

async function listExperiments(lab: Lab): Promise<ReplyOf<"experiments.list">["experiments"]> {
  const [own, { runs }] = await Promise.all([lab.listOwnExperiments(), lab.listRuns(lastRunsCount)]);
  const last = (name: string): RunSummary | null => runs.find((run) => run.ok && run.experiment === name) ?? null;
  const shipped = lab.listExperiments().map((experiment) => ({ ...experiment, isOwn: false, problem: "" }));
  return [...shipped, ...own.map((experiment) => ({ ...experiment, isOwn: true }))].map((experiment) => ({ ...experiment, lastRun: last(experiment.name) }));
}

/** Longer files are not taken. */
const inputBytesMax = 64 * 1024 * 1024;

async function wholeInput(input: InputQueue): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let byteCount = 0;
  for await (const chunk of input) {
    byteCount += chunk.length;
    if (byteCount > inputBytesMax) throw new ApiError("refused", { what: `it is longer than ${inputBytesMax / 1024 / 1024} MiB`, where: "input" });
    chunks.push(chunk);
  }
  return joined(chunks);
}
