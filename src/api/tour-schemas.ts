import * as v from "valibot";
import { stepSchema } from "../report/result.ts";
import type { RunVisit, StopVisit } from "../report/tour.ts";
import { deviceNames } from "../workload/ops.ts";
import type { TourCard, TourRun, TourShow, TourStop } from "../workload/tour-stop.ts";
import { designsSchema } from "./design-schemas.ts";
import { count, finite, type FieldsOf, flag, line, list } from "./pieces.ts";

/** The stops of the tour and what a visit gives; see `workload/tour-stop.ts` and `report/tour.ts`. */

const show = v.object({ op: line, nth: v.union([count, v.literal("each")]), check: line, some: flag } satisfies FieldsOf<TourShow>);

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

const card = v.object({ name: line, title: line, text: list(line) } satisfies FieldsOf<TourCard>);

export const tourStopSchema = v.object({
  number: count,
  name: line,
  title: line,
  asked: list(line),
  explained: list(line),
  runs: list(run),
  designs: list(v.picklist(["folio", "situation"])),
  cards: list(card),
} satisfies FieldsOf<TourStop>);

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
  verdict: v.picklist(["pass", "fail", "lost", "invalid"]),
  runs: list(runVisit),
  designs: v.nullable(designsSchema),
  isComplete: flag,
} satisfies FieldsOf<StopVisit>);
