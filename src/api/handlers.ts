import { contractVersion, type CallName, type ProgressOf, type ReplyOf, type RequestOf } from "./contract.ts";
import type { InputQueue } from "./input-queue.ts";
import type { CancelSignal, LabTask } from "./lab.ts";
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
  runProgram: async (request, job) => {
    const outcome = await job.lab.runProgram(request, { ...task(job), onOutput: (bytes) => job.output.write(bytes) });
    job.publish("changed", { what: "runs" });
    return outcome;
  },
  matrix: async (request, job) => job.lab.matrix(request, task(job)),
  whoCatches: async (request, job) => job.lab.whoCatches(request, task(job)),
  compare: async (request, job) => job.lab.compare(request, task(job)),
  dryRun: async (request, job) => ({ text: await job.lab.dryRun(request, task(job)) }),
  designs: (_, { lab }) => lab.designs(),
  measureDesigns: async (request, job) => ({ measurements: await job.lab.measureDesigns(request, task(job)) }),
  "races.list": (_, { lab }) => lab.races(),
  race: async (request, job) => job.lab.race(request, task(job)),
  raceMutants: async (_, job) => job.lab.raceMutants(task(job)),
  console: async (request, job) => {
    await job.lab.console(request, { ...task(job), terminal: { input: job.input, write: (bytes) => job.output.write(bytes) } });
    return {};
  },
  "experiments.list": (_, { lab }) => ({ experiments: lab.listExperiments() }),
  "runs.list": async ({ newestCount }, { lab }) => lab.listRuns(newestCount),
  "runs.open": async ({ run }, { lab }) => lab.openRun(run ?? undefined),
  "runs.file": async ({ run, file, ...part }, { lab, output }) => {
    const { bytes, sizeBytes } = await lab.readRunFile(run, file, part);
    await output.pour(bytes);
    return { sizeBytes };
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
