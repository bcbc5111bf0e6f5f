import { meanDifference, type MeanDifference, type Sample, sampleOf } from "../compare/welch.ts";
import { isMemory } from "./labels.ts";
import type { Check, Result, Step } from "./result.ts";

/** Two runs of one workload side by side: what each kernel did, step by step, and how long it took. */

export const comparisonSchemaName = "swaplab.comparison/1";

export const comparedKinds = ["kernel", "device", "folio", "run"] as const;
/** What the two sides differ in. */
export type ComparedKind = (typeof comparedKinds)[number];

/** A metric of one step as each side's kernel showed it. */
export interface MetricPair {
  /** As the check of a result is called: `calls.__try_to_reclaim_swap`. */
  readonly name: string;
  /** Null on a side that does not have it: its kernel has no such function, its workload no such region. */
  readonly a: number | string | null;
  readonly b: number | string | null;
  /** Side b less side a, where both are numbers. */
  readonly difference: number | null;
  /** False too where one side does not have it and on the other nothing happened. */
  readonly differs: boolean;
}

export interface StepPair {
  readonly index: number;
  readonly op: string;
  /** The op as each side had it, in one line. */
  readonly a: string;
  readonly b: string;
  readonly metrics: readonly MetricPair[];
}

/** Steps as far as both sides have the same op in the same place. */
export interface PairedSteps {
  readonly steps: readonly StepPair[];
  /** Why the rest is not compared; empty where nothing is left over, and where there is nothing to compare. */
  readonly parting: string;
}

export interface TimedSide extends Omit<Sample, "count"> {
  /** Nanoseconds of the op alone, one for each run, in the order of the runs. */
  readonly values: readonly number[];
}

/** How long one step took on each side, in nanoseconds of the guests' clocks. */
export interface StepTiming {
  readonly index: number;
  readonly op: string;
  readonly a: TimedSide;
  readonly b: TimedSide;
  /** Welch's t test; null where there are too few runs to tell. */
  readonly change: MeanDifference | null;
}

/** A run without its steps. */
export type RunHead = Omit<Result, "steps"> & { readonly checkCount: number; readonly differingCount: number };

export interface ComparedSide {
  /** As it was asked for: `6.12`, `nvme`, `64kB`, a run's name. */
  readonly label: string;
  /** The run whose metrics are compared. */
  readonly run: RunHead;
  /** The runs that were timed, in order. */
  readonly timedRuns: readonly { readonly run: string; readonly verdict: Result["verdict"]; readonly reason: string }[];
}

export interface Comparison extends PairedSteps {
  readonly schema: typeof comparisonSchemaName;
  readonly startedAt: string;
  readonly kind: ComparedKind;
  /** The arguments that repeat it, `compare` first. */
  readonly command: readonly string[];
  readonly remarks: readonly string[];
  readonly a: ComparedSide;
  readonly b: ComparedSide;
  /** Empty where no runs were asked for. */
  readonly timings: readonly StepTiming[];
  /** Timed runs that were asked for, on each side. */
  readonly runCount: number;
  /** What the guests' clocks go by in the timed runs. */
  readonly clock: "host" | "instructions";
  /** False when it was stopped before all of them. */
  readonly isComplete: boolean;
}

/** Lays what the kernels of two runs did side by side; what the models said plays no part. */
export function pairSteps(a: Result, b: Result): PairedSteps {
  const parts = a.steps.findIndex(({ op }, index) => b.steps[index]?.op !== op);
  const count = parts < 0 ? a.steps.length : parts;
  const steps = a.steps.slice(0, count).map((step, index) => pairStep(step, b.steps[index]!));
  return { steps, parting: partingText(a.steps[count], b.steps[count], count) };
}

const partingText = (a: Step | undefined, b: Step | undefined, place: number): string =>
  place === 0 || (a === undefined && b === undefined) ? "" : `not compared from step ${place} on, where ${goesOn("the first side", a)} and ${goesOn("the second", b)}`;

const goesOn = (side: string, step: Step | undefined): string => (step === undefined ? `${side} ends` : `${side} goes on with ${step.op}`);

function pairStep(a: Step, b: Step): StepPair {
  const [ours, theirs] = [valuesOf(a), valuesOf(b)];
  const names = [...new Set([...ours.keys(), ...theirs.keys()])].filter((name) => !isMemory({ name }) || (ours.has(name) && theirs.has(name)));
  return { index: a.index, op: a.op, a: a.text, b: b.text, metrics: names.map((name) => pair(name, ours.get(name) ?? null, theirs.get(name) ?? null)) };
}

/**
 * What each check saw. Of the kernel's memory only numbers, and above only those that both kernels keep: of rows of slots,
 * clusters and lists a check that holds says no more than how many there are.
 */
function valuesOf({ checks }: Step): Map<string, number | string> {
  const comparable = (check: Check): boolean => !isMemory(check) || typeof check.real === "number";
  return new Map(checks.filter(comparable).map(({ name, real }) => [name, real]));
}

function pair(name: string, a: number | string | null, b: number | string | null): MetricPair {
  const difference = typeof a === "number" && typeof b === "number" ? b - a : null;
  return { name, a, b, difference, differs: a === null || b === null ? !isNothing(a ?? b) : a !== b };
}

const isNothing = (value: number | string | null): boolean => value === 0 || value === "" || value === "none" || value === "absent";

/** The steps of timed runs: their means, their spread, and what Welch's test says of the difference. */
export function timeSteps(a: readonly Result[], b: readonly Result[]): StepTiming[] {
  const steps = a[0]?.steps ?? [];
  return steps.flatMap(({ index, op }) => {
    const [ours, theirs] = [timesOf(a, index, op), timesOf(b, index, op)];
    if (ours.length === 0 || theirs.length === 0) return [];
    const [first, second] = [sampleOf(ours), sampleOf(theirs)];
    const side = (values: readonly number[], { mean, sd }: Sample): TimedSide => ({ values, mean, sd });
    return { index, op, a: side(ours, first), b: side(theirs, second), change: meanDifference(first, second) };
  });
}

function timesOf(results: readonly Result[], index: number, op: string): number[] {
  return results.flatMap(({ steps }) => {
    const step = steps[index];
    return step?.op === op && step.opNs !== undefined ? [step.opNs] : [];
  });
}

export function headOf({ steps, ...head }: Result): RunHead {
  const checks = steps.flatMap((step) => step.checks);
  return { ...head, checkCount: checks.length, differingCount: checks.filter(({ ok }) => !ok).length };
}

/** The worst that became of any of its runs, for the exit code: a kernel that did something else before one that was lost. */
export function worstVerdict({ a, b }: Pick<Comparison, "a" | "b">): Result["verdict"] {
  const all = [a, b].flatMap(({ run, timedRuns }) => [run.verdict, ...timedRuns.map(({ verdict }) => verdict)]);
  return (["fail", "lost", "invalid"] as const).find((verdict) => all.includes(verdict)) ?? "pass";
}
