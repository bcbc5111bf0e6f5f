import type { TourStop } from "../workload/tour-stop.ts";
import type { Comparison } from "./comparison.ts";
import type { DesignsReport } from "./designs.ts";
import type { RaceReport } from "./race.ts";
import type { Result, Step } from "./result.ts";

/** What a visit of the tour's stops came to, as `tour --json` writes it. */
export const tourSchemaName = "swaplab.tour/1";
/** The stops without a visit. */
export const tourStopsSchemaName = "swaplab.tour-stops/1";

/** One run of a stop on one kernel. */
export interface RunVisit {
  /** Which of the stop's runs, from 0. */
  readonly index: number;
  /** What was asked for: a series or a path. */
  readonly kernel: string;
  readonly release: string;
  /** The arguments that repeat it alone. */
  readonly command: readonly string[];
  /** `skip`: the run is not about this kernel, which lacks what it needs. */
  readonly verdict: Result["verdict"] | "skip";
  /** Why it is no pass; empty for one that is. */
  readonly reason: string;
  /** Name of the run, to open all of it; empty when it was not kept. */
  readonly run: string;
  readonly checkCount: number;
  /** All steps, with only the checks that the stop shows. */
  readonly steps: readonly Step[];
}

/** What exploring one of the stop's races came to. */
export interface RaceVisit {
  readonly command: readonly string[];
  /** A fail when it is not what the stop says; `invalid` when not everything was tried. */
  readonly verdict: Result["verdict"];
  readonly report: RaceReport;
}

/** Two kernels beside each other. */
export interface ComparisonVisit {
  /** That of the worse side. */
  readonly verdict: Result["verdict"];
  readonly comparison: Comparison;
}

export interface StopVisit {
  readonly stop: TourStop;
  readonly verdict: Result["verdict"];
  readonly runs: readonly RunVisit[];
  readonly races: readonly RaceVisit[];
  /** None where somebody named other than two kernels. */
  readonly comparisons: readonly ComparisonVisit[];
  /** The cases of the designs that the stop shows; null where it shows none. */
  readonly designs: DesignsReport | null;
  /** False when it was stopped before its last run. */
  readonly isComplete: boolean;
}

export interface TourReport {
  readonly schema: typeof tourSchemaName;
  readonly startedAt: string;
  readonly verdict: Result["verdict"];
  readonly stops: readonly StopVisit[];
  readonly isComplete: boolean;
}

/** What is worst decides: a fail, then a guest that was lost, then what could not be judged. */
export const verdictOfAll = (verdicts: readonly RunVisit["verdict"][]): Result["verdict"] =>
  (["fail", "lost", "invalid"] as const).find((verdict) => verdicts.includes(verdict)) ?? "pass";
