import * as v from "valibot";
import { stepSchema } from "../report/result.ts";
import type { ComparisonVisit, RaceVisit, RunVisit, StopVisit } from "../report/tour.ts";
import { deviceNames } from "../workload/ops.ts";
import type { TourCard, TourComparison, TourRace, TourRun, TourShow, TourStop } from "../workload/tour-stop.ts";
import { comparisonSchema } from "./compare-schemas.ts";
import { designsSchema } from "./design-schemas.ts";
import { count, finite, type FieldsOf, flag, line, list } from "./pieces.ts";
import { raceReportSchema } from "./race-schemas.ts";

/** The stops of the tour and what a visit gives; see `workload/tour-stop.ts` and `report/tour.ts`. */

const show = v.object({ op: line, nth: v.union([count, v.literal("each")]), kind: v.picklist(["check", "reading"]), name: line, some: flag } satisfies FieldsOf<TourShow>);

const run = v.object({
  title: line,
  experiment: line,
  device: v.exactOptional(v.picklist(deviceNames)),
  folio: v.exactOptional(line),
  size: v.exactOptional(line),
  swapSize: v.exactOptional(line),
  cpus: v.exactOptional(finite),
  set: v.record(line, line),
  kernels: list(line),
  shows: list(show),
} satisfies FieldsOf<TourRun>);

const race = v.object({
  title: line,
  scenario: line,
  switches: v.record(line, v.union([flag, line, finite])),
  expected: v.picklist(["broken", "holds"]),
  whole: flag,
} satisfies FieldsOf<TourRace>);

const comparison = v.object({
  title: line,
  kernels: list(line),
  experiment: line,
  folio: v.exactOptional(line),
  size: v.exactOptional(line),
  runCount: count,
} satisfies FieldsOf<TourComparison>);

const card = v.object({ name: line, title: line, text: list(line) } satisfies FieldsOf<TourCard>);

export const tourStopSchema = v.object({
  number: count,
  name: line,
  title: line,
  asked: list(line),
  explained: list(line),
  runs: list(run),
  races: list(race),
  comparisons: list(comparison),
  designs: list(v.picklist(["folio", "situation"])),
  cards: list(card),
} satisfies FieldsOf<TourStop>);

const verdict = v.picklist(["pass", "fail", "lost", "invalid"]);

const runVisit = v.object({
  index: count,
  kernel: line,
  release: line,
  command: list(line),
  verdict: v.picklist(["pass", "fail", "lost", "invalid", "skip"]),
  reason: line,
  run: line,
  checkCount: count,
  steps: list(stepSchema),
} satisfies FieldsOf<RunVisit>);

export const stopVisitSchema = v.object({
  stop: tourStopSchema,
  verdict,
  runs: list(runVisit),
  races: list(v.object({ command: list(line), verdict, report: raceReportSchema } satisfies FieldsOf<RaceVisit>)),
  comparisons: list(v.object({ verdict, comparison: comparisonSchema } satisfies FieldsOf<ComparisonVisit>)),
  designs: v.nullable(designsSchema),
  isComplete: flag,
} satisfies FieldsOf<StopVisit>);
