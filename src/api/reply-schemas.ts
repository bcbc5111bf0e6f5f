import * as v from "valibot";
import { resultSchema } from "../report/result.ts";
import type { Matrix, MatrixCell } from "../report/matrix.ts";
import type { WhoCatches } from "../report/who-catches.ts";
import type { DoctorItem, ExperimentCheck, ExperimentText, KernelSummary, LiveStep, RunList, RunOutcome, RunSummary, StepReading } from "./lab.ts";
import { bytes, counters, count, type FieldsOf, finite, flag, line, list, text } from "./pieces.ts";

/** What the lab answers. The meaning of each field is with the type of the same name in `lab.ts` and `report/`. */



export const runSummarySchema = v.variant("ok", [
  v.object({
    ok: v.literal(true),
    name: line,
    label: line,
    verdict: v.picklist(["pass", "fail", "lost", "invalid"]),
    experiment: line,
    release: line,
    device: line,
    startedAt: line,
  } satisfies FieldsOf<Extract<RunSummary, { ok: true }>>),
  v.object({ ok: v.literal(false), name: line, label: line, problem: line } satisfies FieldsOf<Extract<RunSummary, { ok: false }>>),
]);

/** An experiment as a list shows it. */
export const experimentSchema = v.object({
  name: line,
  title: line,
  isOwn: flag,
  /** The first mistake in it; empty when there is none. */
  problem: line,
  /** The newest run of it; null when there is none. */
  lastRun: v.nullable(runSummarySchema),
});

export const experimentTextSchema = v.object({ name: line, isOwn: flag, text } satisfies FieldsOf<ExperimentText>);

export const experimentCheckSchema = v.variant("ok", [
  v.object({
    ok: v.literal(true),
    name: line,
    title: line,
    about: text,
    parameters: v.record(line, line),
    steps: list(line, 100_000),
  } satisfies FieldsOf<Extract<ExperimentCheck, { ok: true }>>),
  v.object({ ok: v.literal(false), line: count, field: line, problem: line } satisfies FieldsOf<Extract<ExperimentCheck, { ok: false }>>),
]);

export const runListSchema = v.object({ runs: list(runSummarySchema), olderCount: count } satisfies FieldsOf<RunList>);

export const runOutcomeSchema = v.object({ result: resultSchema, bundlePath: line } satisfies FieldsOf<RunOutcome>);

export const kernelSchema = v.object({ series: line, release: line, packageVersion: line, fetched: flag, detail: line } satisfies FieldsOf<KernelSummary>);

export const doctorItemSchema = v.object({ name: line, status: v.picklist(["ok", "warning", "missing"]), detail: line, next: line } satisfies FieldsOf<DoctorItem>);

/** What is being done now, and what it waits for. Where bytes are fetched, how many of how many. */
export const stageEventSchema = v.object({
  kind: v.literal("stage"),
  stage: line,
  detail: line,
  amount: v.exactOptional(v.object({ doneBytes: finite, totalBytes: finite })),
});

const readingSchema = v.object({
  usedKb: finite,
  vmstat: counters,
  gauges: counters,
  folioStats: v.record(line, counters),
  calls: counters,
} satisfies FieldsOf<StepReading>);

/** A step that the guest has just carried out, beside what the model says of it. */
export const stepEventSchema = v.object({
  kind: v.literal("step"),
  index: count,
  op: line,
  text: line,
  /** Since the run was asked for, milliseconds. */
  atMs: finite,
  durationMs: finite,
  model: readingSchema,
  kernel: readingSchema,
  map: v.nullable(bytes),
} satisfies FieldsOf<LiveStep & { kind: "step" }>);

/** The verdict is there and the bundle complete, and the guest still up. */
export const readyEventSchema = v.object({ kind: v.literal("ready"), outcome: runOutcomeSchema });

const matrixCellSchema = v.object({
  experiment: line,
  kernel: line,
  model: line,
  verdict: v.picklist(["pass", "fail", "lost", "invalid", "skip"]),
  reason: line,
  checkCount: count,
  memoryCheckCount: count,
  run: line,
} satisfies FieldsOf<MatrixCell>);

export const matrixSchema = v.object({
  schema: v.literal("swaplab.matrix/1"),
  startedAt: line,
  kernels: list(line),
  experiments: list(line),
  cells: list(matrixCellSchema),
  isComplete: flag,
} satisfies FieldsOf<Matrix>);

export const whoCatchesSchema = v.object({
  schema: v.literal("swaplab.who-catches/1"),
  startedAt: line,
  experiments: list(line),
  pairs: list(v.object({ kernel: line, generation: line, model: line, isSame: flag })),
  cells: list(matrixCellSchema),
  unknown: list(v.object({ kernel: line, reason: line })),
  isComplete: flag,
} satisfies FieldsOf<WhoCatches>);
