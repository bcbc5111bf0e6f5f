import type { CompareRequest, LabTask, RunRequest } from "../api/lab.ts";
import { compareArguments, defaultExperiment, defaultKernel, defaultMemoryMb } from "../api/request.ts";
import { type ComparedKind, type ComparedSide, type Comparison, comparisonSchemaName, headOf, pairSteps, timeSteps } from "../report/comparison.ts";
import type { Result } from "../report/result.ts";
import { LabError } from "./errors.ts";
import { openExperiment, parseExperiment } from "./experiments.ts";
import { openKernel } from "./kernels/open.ts";
import { type Operand, openOperands } from "./operands.ts";
import { runExperiment } from "./run.ts";

/** One side: what it is called and what it is asked to run. */
interface Asked {
  readonly label: string;
  readonly request: RunRequest;
}

/**
 * The same on both sides, once with calls counted, and then as often as asked for the time it takes. Rejects when it is
 * stopped before both sides were seen; after that it resolves with what there is.
 */
export async function compareSides(request: CompareRequest, task: LabTask): Promise<Comparison> {
  const [a, b] = await openOperands(request.a, request.b);
  return a.kind === "run" || b.kind === "run" ? compareRuns(request, [a, b]) : new Experimenter(request, a, b, task).compare();
}

function compareRuns(request: CompareRequest, operands: readonly Operand[]): Comparison {
  refuse(request, "run", ["experiment", "kernel", "device", "folio", "size", "swapSize", "cpus", "accelerator"]);
  if (request.runCount > 0 || Object.keys(request.set).length > 0 || request.memoryMb !== defaultMemoryMb) {
    throw new LabError("usage", { what: "two runs that are over are compared as they are; --runs, --set and --memory are for new ones" });
  }
  const [a, b] = operands.map((operand) => (operand.kind === "run" ? { label: operand.label, result: operand.outcome.result } : null));
  if (!a || !b) throw new Error("one of the sides is no run");
  return comparisonOf("run", request, a, b);
}

const optionNames = { experiment: "--experiment", kernel: "--kernel", device: "--device", folio: "--folio", size: "--size", swapSize: "--swap-size", cpus: "--cpus", accelerator: "--accel" } as const;

/** An option that says for both sides what the sides say themselves. */
function refuse(request: CompareRequest, kind: ComparedKind, names: readonly (keyof typeof optionNames)[]): void {
  const given = names.find((name) => request[name] !== undefined);
  if (given === undefined) return;
  const what = kind === "run" ? `${optionNames[given]} is for new runs; two that are over are compared as they are` : `${optionNames[given]} is what the two sides differ in: ${request.a} and ${request.b}`;
  throw new LabError("usage", { what, next: "Leave the option out." });
}

type Counted = { readonly label: string; readonly result: Result };
interface TimedRuns {
  readonly a: Result[];
  readonly b: Result[];
}

function comparisonOf(kind: ComparedKind, request: CompareRequest, a: Counted, b: Counted, extra: { remarks?: readonly string[]; timed?: TimedRuns; isComplete?: boolean } = {}): Comparison {
  const { remarks = [], timed = { a: [], b: [] }, isComplete = true } = extra;
  const side = ({ label, result }: Counted, results: readonly Result[]): ComparedSide => ({
    label,
    run: headOf(result),
    timedRuns: results.map(({ run, verdict, reason }) => ({ run, verdict, reason })),
  });
  const judged = (results: readonly Result[]): Result[] => results.filter(isJudged);
  return {
    schema: comparisonSchemaName,
    startedAt: new Date().toISOString(),
    kind,
    command: compareArguments(request),
    remarks,
    a: side(a, timed.a),
    b: side(b, timed.b),
    ...pairSteps(a.result, b.result),
    timings: timeSteps(judged(timed.a), judged(timed.b)),
    runCount: request.runCount,
    clock: countsInstructions(request, a.result) ? "instructions" : "host",
    isComplete,
  };
}

/** Timed runs are under the accelerator of the counted ones. */
const countsInstructions = ({ hostClock }: CompareRequest, { host }: Result): boolean => hostClock !== true && host.accelerator === "tcg";

const isJudged = ({ verdict }: Result): boolean => verdict === "pass" || verdict === "fail";

/** Runs both sides of one comparison. */
class Experimenter {
  private readonly request: CompareRequest;
  private readonly kind: Exclude<ComparedKind, "run">;
  private readonly task: LabTask;
  private readonly remarks: string[] = [];
  private sides: readonly [Asked, Asked];

  constructor(request: CompareRequest, a: Operand, b: Operand, task: LabTask) {
    if (a.kind === "run" || b.kind === "run") throw new Error("a run is not run again");
    refuse(request, a.kind, [a.kind]);
    this.request = request;
    this.kind = a.kind;
    this.task = task;
    this.sides = [this.asked(a.label, a.value), this.asked(b.label, b.value)];
  }

  async compare(): Promise<Comparison> {
    // A kernel that there is not is said before the first guest starts.
    for (const kernel of new Set(this.sides.map(({ request }) => request.kernel))) {
      this.task.progress("kernel", kernel);
      await openKernel(kernel, this.task);
    }
    const [a, b] = await this.counted();
    const timed: TimedRuns = { a: [], b: [] };
    const isComplete = this.request.runCount === 0 || !isJudged(a.result) || !isJudged(b.result) || (await this.time(timed, countsInstructions(this.request, a.result)));
    return comparisonOf(this.kind, this.request, a, b, { remarks: this.remarks, timed, isComplete });
  }

  private asked(label: string, value: string): Asked {
    const { experiment = defaultExperiment, kernel = defaultKernel, device, folio, size, swapSize, cpus, set, memoryMb, accelerator, cold } = this.request;
    const common: RunRequest = {
      ...{ experiment, kernel, set, memoryMb, cold },
      ...(device !== undefined && { device }),
      ...(folio !== undefined && { folio }),
      ...(size !== undefined && { size }),
      ...(swapSize !== undefined && { swapSize }),
      ...(cpus !== undefined && { cpus }),
      ...(accelerator !== undefined && { accelerator }),
    };
    return { label, request: { ...common, [this.kind]: value } };
  }

  /** One run of each side with the calls counted, both with folios of the same size. */
  private async counted(): Promise<[Counted, Counted]> {
    const [first, second] = this.sides;
    const a = await this.run(first, "");
    const b = await this.run(second, "");
    const [ours, theirs] = [folioOf(a), folioOf(b)];
    if (this.kind === "folio" || !isJudged(a) || !isJudged(b) || ours === theirs) return [withLabel(first, a), withLabel(second, b)];
    // One kernel lacks the size that the experiment chose; the other has to be asked for what that one has.
    const { parameters } = parseExperiment(openExperiment(first.request.experiment), { own: {} });
    const [lacking, folio] = ours === parameters["folio"] ? [second, theirs] : [first, ours];
    this.remarks.push(`${lacking.label} has no folios of ${parameters["folio"]}, so both sides use ${folio}`);
    this.sides = [withFolio(first, folio), withFolio(second, folio)];
    return [withLabel(first, lacking === first ? a : await this.run(this.sides[0], "")), withLabel(second, lacking === second ? b : await this.run(this.sides[1], ""))];
  }

  /** In turns, so that what changes on the host in the meantime changes for both sides. False when it was stopped. */
  private async time(timed: TimedRuns, instructionClock: boolean): Promise<boolean> {
    const { runCount } = this.request;
    const [a, b] = this.sides.map(({ label, request }) => ({ label, request: { ...request, unprobed: true, ...(instructionClock && { instructionClock }) } }));
    try {
      for (let turn = 1; turn <= runCount; turn++) {
        timed.a.push(await this.timedRun(a!, `timed ${turn} of ${runCount}, `));
        timed.b.push(await this.timedRun(b!, `timed ${turn} of ${runCount}, `));
      }
      return true;
    } catch (error) {
      if (this.task.signal.aborted) return false;
      throw error;
    }
  }

  /** A guest that has just booted is warm otherwise than one from a saved state: the run that made the state is not timed. */
  private async timedRun(asked: Asked, turn: string): Promise<Result> {
    const result = await this.run(asked, turn);
    const isOdd = result.host.start === "booted" && !asked.request.cold && isJudged(result);
    return isOdd ? this.run(asked, turn) : result;
  }

  private async run({ label, request }: Asked, turn: string): Promise<Result> {
    const { signal, progress } = this.task;
    const { result } = await runExperiment(request, {
      signal,
      progress: (stage, detail) => progress(`${turn}${label}`, detail === "" ? stage : `${stage}, ${detail}`),
    });
    if (signal.aborted) throw signal.reason;
    return result;
  }
}

const folioOf = ({ experiment }: Result): string => experiment.parameters["folio"] ?? "";
const withLabel = ({ label }: Asked, result: Result): Counted => ({ label, result });
const withFolio = ({ label, request }: Asked, folio: string): Asked => ({ label, request: { ...request, folio } });
