import * as v from "valibot";
import { comparedKinds, type ComparedSide, type Comparison, comparisonSchemaName, type MetricPair, type StepPair, type StepTiming, type TimedSide } from "../report/comparison.ts";
import { resultLimits, resultSchema } from "../report/result.ts";
import type { CompareRequest } from "./lab.ts";
import { count, type FieldsOf, finite, flag, line, list } from "./pieces.ts";
import { comparedFields } from "./request-schemas.ts";
import { timedRunsMax } from "./request.ts";

/** Two sides beside each other. The meaning of each field is in `lab.ts` and `report/comparison.ts`. */

export const compareRequestSchema = v.strictObject({
  a: line,
  b: line,
  experiment: v.exactOptional(line),
  kernel: v.exactOptional(line),
  ...comparedFields,
  runCount: v.pipe(count, v.maxValue(timedRunsMax)),
  hostClock: v.exactOptional(flag),
} satisfies FieldsOf<CompareRequest>);

const metricValue = v.nullable(v.union([finite, v.pipe(v.string(), v.maxLength(resultLimits.stringLength))]));

const metricPairSchema = v.object({ name: line, a: metricValue, b: metricValue, difference: v.nullable(finite), differs: flag } satisfies FieldsOf<MetricPair>);
const stepPairSchema = v.object({ index: count, op: line, a: line, b: line, metrics: list(metricPairSchema, 2 * resultLimits.checksPerStep) } satisfies FieldsOf<StepPair>);

const timedSideSchema = v.object({ values: list(finite), mean: finite, sd: finite } satisfies FieldsOf<TimedSide>);
const stepTimingSchema = v.object({
  index: count,
  op: line,
  a: timedSideSchema,
  b: timedSideSchema,
  change: v.nullable(v.object({ difference: finite, degreesOfFreedom: finite, p: finite, low: finite, high: finite, isSignificant: flag })),
} satisfies FieldsOf<StepTiming>);

const { steps: _, ...headFields } = resultSchema.entries;
const sideSchema = v.object({
  label: line,
  run: v.object({ ...headFields, checkCount: count, differingCount: count }),
  timedRuns: list(v.object({ run: line, verdict: resultSchema.entries.verdict, reason: line })),
} satisfies FieldsOf<ComparedSide>);

export const comparisonSchema = v.object({
  schema: v.literal(comparisonSchemaName),
  startedAt: line,
  kind: v.picklist(comparedKinds),
  command: list(line),
  remarks: list(line),
  a: sideSchema,
  b: sideSchema,
  steps: list(stepPairSchema, resultLimits.stepCount),
  parting: line,
  timings: list(stepTimingSchema, resultLimits.stepCount),
  runCount: count,
  clock: v.picklist(["host", "instructions"]),
  isComplete: flag,
} satisfies FieldsOf<Comparison>);
