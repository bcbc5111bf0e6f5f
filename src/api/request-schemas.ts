import * as v from "valibot";
import { bundleFileNames } from "../report/bundle-file-names.ts";
import { cpuCountMax } from "../workload/ops.ts";
import type { ConsoleRequest, DesignMeasureRequest, MatrixRequest, ProgramRequest, RunRequest, VisitRequest } from "./lab.ts";
import { count, type FieldsOf, flag, line, list } from "./pieces.ts";

/** What a face asks for. Fields that a request does not know are refused. The meaning of each is in `lab.ts`. */

const accelerator = v.exactOptional(v.picklist(["tcg", "kvm"]));
/** A guest with less does not boot; the agent and the kernel leave little of it. */
const memoryMb = v.pipe(v.number(), v.integer(), v.minValue(64), v.maxValue(1024 * 1024));
const guestFields = { memoryMb, accelerator, cold: flag };

/** What two sides of a comparison can have in common. */
export const comparedFields = {
  device: v.exactOptional(line),
  folio: v.exactOptional(line),
  size: v.exactOptional(line),
  swapSize: v.exactOptional(line),
  cpus: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(cpuCountMax))),
  set: v.record(line, line),
  ...guestFields,
};

const runFields = {
  experiment: line,
  kernel: line,
  ...comparedFields,
  model: v.exactOptional(line),
  unprobed: v.exactOptional(flag),
  instructionClock: v.exactOptional(flag),
} satisfies FieldsOf<RunRequest>;

export const runRequestSchema = v.strictObject(runFields);

export const runJobSchema = v.strictObject({
  run: runRequestSchema,
  /** Keep the guest after the verdict: the call then goes on, with a shell on the guest's console, until its input ends. */
  keepGuest: flag,
});

/** A program has so many arguments and files, and a day. */
const wordsMax = 1000;
const timeoutMaxMs = 24 * 3_600_000;

export const programRequestSchema = v.strictObject({
  program: line,
  args: list(line, wordsMax),
  files: list(line, wordsMax),
  folder: line,
  timeoutMs: v.pipe(count, v.minValue(1), v.maxValue(timeoutMaxMs)),
  kernel: line,
  device: v.exactOptional(line),
  folio: v.exactOptional(line),
  swapSize: v.exactOptional(line),
  cpus: runFields.cpus,
  unprobed: runFields.unprobed,
  instructionClock: runFields.instructionClock,
  ...guestFields,
} satisfies FieldsOf<ProgramRequest>);

export const matrixRequestSchema = v.strictObject({
  kernels: list(line, 100),
  experiments: list(line, 1000),
  device: v.exactOptional(line),
  folio: v.exactOptional(line),
  ...guestFields,
} satisfies FieldsOf<MatrixRequest>);

export const consoleRequestSchema = v.strictObject({ kernel: line, device: v.exactOptional(line), ...guestFields } satisfies FieldsOf<ConsoleRequest>);

export const designMeasureRequestSchema = v.strictObject({ kernels: list(line, 100), fetch: flag, ...guestFields } satisfies FieldsOf<DesignMeasureRequest>);

export const visitRequestSchema = v.strictObject({ stop: line, kernels: list(line, 100), ...guestFields } satisfies FieldsOf<VisitRequest>);

/** Which runs to list. */
export const runQuerySchema = v.strictObject({
  /** At most so many of the newest. */
  newestCount: v.pipe(count, v.maxValue(10_000)),
  /** Words, every one of which is somewhere in what the list shows of a run. */
  words: v.exactOptional(line),
});

/** A workload's text, right or wrong. */
export const workloadText = v.pipe(v.string(), v.maxLength(256 * 1024));

/** Which part of which file of a run's bundle. */
export const fileRequestSchema = v.strictObject({
  run: line,
  file: v.picklist(bundleFileNames),
  fromByte: count,
  byteCount: v.pipe(count, v.maxValue(64 * 1024 * 1024)),
});

export const nothing = v.strictObject({});
