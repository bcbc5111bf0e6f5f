import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { CompareRequest, LabTask, RunRequest, VisitRequest } from "../api/lab.ts";
import { nearNames } from "../api/near.ts";
import { defaultRaceSeconds, defaultRaceStates, raceArguments, runArguments } from "../api/request.ts";
import { generations } from "../model/features.ts";
import type { Switches } from "../races/switches.ts";
import { worstVerdict } from "../report/comparison.ts";
import type { DesignsReport } from "../report/designs.ts";
import type { Result } from "../report/result.ts";
import { chooseShown } from "../report/tour-rows.ts";
import { type ComparisonVisit, type RaceVisit, type RunVisit, type StopVisit, verdictOfAll } from "../report/tour.ts";
import { parseTourStop, type TourRace, type TourRun, type TourStop } from "../workload/tour-stop.ts";
import { compareSides } from "./compare.ts";
import { playDesigns } from "./designs.ts";
import { LabError } from "./errors.ts";
import { catalogue } from "./kernels/catalogue.ts";
import { vmImagesDir } from "./project.ts";
import { exploreRace } from "./races.ts";
import { runExperiment } from "./run.ts";

const tourFolder = (): string => join(vmImagesDir(), "tour");

/** The stops in their order; the name of a stop's file begins with its number. */
export function tourStops(): readonly TourStop[] {
  return readdirSync(tourFolder())
    .filter((file) => file.endsWith(".toml"))
    .sort()
    .map((file) => parseTourStop(readFileSync(join(tourFolder(), file), "utf8"), Number.parseInt(file, 10)));
}

/** A stop by its name or number. Throws an `invalid` LabError when there is none. */
export function findTourStop(stops: readonly TourStop[], nameOrNumber: string): TourStop {
  const stop = stops.find(({ name, number }) => nameOrNumber === name || nameOrNumber === String(number));
  if (stop !== undefined) return stop;
  const near = nearNames(nameOrNumber, stops.map(({ name }) => name));
  const next = near.length === 0 ? `npm start -- tour lists its stops.` : `Did you mean ${near.join(" or ")}?`;
  throw new LabError("invalid", { what: `the tour has no stop "${nameOrNumber}"`, next });
}

const newestSeries = catalogue.series.at(-1)!.name;
/** The kernels of the tour when nobody names others: before the thread, after it, and the newest there is. */
const ordinaryKernels = ["6.1", "6.12", newestSeries];

const seriesOf = (kernels: readonly string[]): string[] => kernels.map((kernel) => (kernel === "newest" ? newestSeries : kernel));

/** One of a stop's runs on one kernel. */
export interface AskedRun {
  readonly run: TourRun;
  /** Which of the stop's runs, from 0. */
  readonly index: number;
  readonly request: RunRequest;
}

/** What a visit runs, in its order. */
export function runsOf(stop: TourStop, request: VisitRequest): AskedRun[] {
  return stop.runs.flatMap((run, index) => kernelsOf(run, request.kernels).map((kernel) => ({ run, index, request: runRequest(run, kernel, request) })));
}

function kernelsOf(run: TourRun, named: readonly string[]): readonly string[] {
  if (named.length > 0) return named;
  return run.kernels.length > 0 ? seriesOf(run.kernels) : ordinaryKernels;
}

function runRequest(run: TourRun, kernel: string, { memoryMb, cold, accelerator }: VisitRequest): RunRequest {
  const { title: _, kernels: __, shows: ___, ...parameters } = run;
  return { ...parameters, kernel, memoryMb, cold, ...(accelerator !== undefined && { accelerator }) };
}

/**
 * Runs everything of one stop, one after the other. Resolves with what there is when it is stopped; what keeps a run from
 * being judged is its verdict.
 */
export async function visitStop(request: VisitRequest, task: LabTask): Promise<StopVisit> {
  const stop = findTourStop(tourStops(), request.stop);
  const runs: RunVisit[] = [];
  const races: RaceVisit[] = [];
  const comparisons: ComparisonVisit[] = [];
  const work = [
    ...stop.races.map((race) => ({ stage: `race ${race.scenario}`, perform: async (own: LabTask) => void races.push(await visitRace(race, own)) })),
    ...runsOf(stop, request).map((one) => ({ stage: `${one.run.experiment} on ${one.request.kernel}`, perform: async (own: LabTask) => void runs.push(await visitRun(one, own)) })),
    ...comparisonsOf(stop, request).map((asked) => ({ stage: `${asked.a} beside ${asked.b}`, perform: async (own: LabTask) => void comparisons.push(await visitComparison(asked, own)) })),
  ];
  const isComplete = await performAll(stop, work, task);
  const verdict = verdictOfAll([...races, ...runs, ...comparisons].map((visit) => visit.verdict));
  return { stop, verdict, runs, races, comparisons, designs: designsOf(stop), isComplete };
}

interface Work {
  readonly stage: string;
  readonly perform: (task: LabTask) => Promise<void>;
}

/** False when it was stopped before it was done. */
async function performAll({ number }: TourStop, work: readonly Work[], task: LabTask): Promise<boolean> {
  for (const [done, { stage, perform }] of work.entries()) {
    const place = `stop ${number}, ${done + 1} of ${work.length}: ${stage}`;
    const progress: LabTask["progress"] = (part, detail) => task.progress(place, detail === "" ? part : `${part}, ${detail}`);
    try {
      await perform({ signal: task.signal, progress });
      // What was cut short is not what the stop is about.
      if (task.signal.aborted) return false;
    } catch (error) {
      if (!task.signal.aborted) throw error;
      return false;
    }
  }
  return true;
}

async function visitRace({ scenario, switches, expected }: TourRace, task: LabTask): Promise<RaceVisit> {
  const request = { scenario, switches: switches as Partial<Switches>, stateLimit: defaultRaceStates, deadlineMs: defaultRaceSeconds * 1000 };
  const report = await exploreRace(request, task);
  const verdict = report.verdict === "not-exhausted" ? "invalid" : report.verdict === expected ? "pass" : "fail";
  return { command: raceArguments(request), verdict, report };
}

/** Where somebody named two kernels, of these; where one or three, of none. */
function comparisonsOf({ comparisons }: TourStop, { kernels: named, memoryMb, cold, accelerator }: VisitRequest): CompareRequest[] {
  if (named.length !== 0 && named.length !== 2) return [];
  return comparisons.map(({ kernels, experiment, folio, size, runCount }) => {
    const [a, b] = (named.length === 2 ? named : seriesOf(kernels)) as [string, string];
    const asked = { experiment, runCount, ...(folio !== undefined && { folio }), ...(size !== undefined && { size }) };
    return { ...asked, a: `kernel:${a}`, b: `kernel:${b}`, set: {}, memoryMb, cold, ...(accelerator !== undefined && { accelerator }) };
  });
}

async function visitComparison(request: CompareRequest, task: LabTask): Promise<ComparisonVisit> {
  const comparison = await compareSides(request, task);
  return { verdict: worstVerdict(comparison), comparison };
}

async function visitRun({ run, index, request }: AskedRun, task: LabTask): Promise<RunVisit> {
  const { result } = await runExperiment(request, task);
  const checkCount = result.steps.reduce((sum, step) => sum + step.checks.length, 0);
  const visit = { index, kernel: request.kernel, release: result.kernel.release, command: runArguments(request), run: result.run, checkCount };
  const { steps, missing } = shownOf(result, run);
  if (result.verdict === "pass" && missing.length > 0) {
    return { ...visit, verdict: "invalid", reason: `the run passed but has no ${missing.join(", no ")}`, steps };
  }
  return { ...visit, verdict: isPassedOver(result, run) ? "skip" : result.verdict, reason: result.verdict === "pass" ? "" : result.reason, steps };
}

/** A run that is about some kernels need not be possible on others. */
const isPassedOver = ({ verdict, kernel }: Result, { kernels }: TourRun): boolean =>
  verdict === "invalid" && kernels.length > 0 && !seriesOf(kernels).includes(kernel.name);

function shownOf({ steps, model }: Result, { shows }: TourRun): ReturnType<typeof chooseShown> {
  const generation = Object.values(generations).find(({ name }) => name === model.generation);
  // Before the guest's kernel was known nothing was run.
  return generation === undefined ? { steps: [], missing: [] } : chooseShown(steps, shows, generation.features.names);
}

function designsOf({ designs }: TourStop): DesignsReport | null {
  if (designs.length === 0) return null;
  const report = playDesigns();
  return { ...report, cases: report.cases.filter(({ kind }) => designs.includes(kind)) };
}
