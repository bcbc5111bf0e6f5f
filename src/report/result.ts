import * as v from "valibot";

/**
 * The result of one run as it is written to `result.json` and printed by `--json`.
 * The schema's name carries its version; it changes whenever a reader of the old form would misread the new one.
 */
export const resultSchemaName = "swaplab.result/1";

/**
 * Upper bounds of what a result may hold. A result of our own stays far below them; one made by somebody else
 * cannot make a reader work or remember without end.
 */
export const resultLimits = {
  textBytes: 32 * 1024 * 1024,
  /** The longest string: the placement of a region, one run per page, of a million pages. */
  stringLength: 16 * 1024 * 1024,
  lineLength: 4096,
  stepCount: 10_000,
  checksPerStep: 4096,
  listLength: 1000,
} as const;

const finite = v.pipe(v.number(), v.finite());
const line = v.pipe(v.string(), v.maxLength(resultLimits.lineLength));
const lines = v.pipe(v.array(line), v.maxLength(resultLimits.listLength));
const scalar = v.union([finite, v.pipe(v.string(), v.maxLength(resultLimits.stringLength))]);

/**
 * One comparison. `exact` checks hold when both values are equal; `bounded` ones when `real` lies within
 * `low`..`high` (both included), with the reason for the bound; `invariant` ones say what must hold of the
 * real side alone, and `model` then repeats the required value.
 */
export const checkSchema = v.object({
  name: line,
  kind: v.picklist(["exact", "bounded", "invariant"]),
  model: scalar,
  real: scalar,
  ok: v.boolean(),
  low: v.optional(finite),
  high: v.optional(finite),
  reason: v.optional(line),
});

/** What was seen of a step of which nothing was predicted. */
export const readingSchema = v.object({ name: line, value: scalar });

/** A step of the run: one op, or the swapon that every run starts with. */
export const stepSchema = v.object({
  /** Position in the run, from 0. */
  index: finite,
  op: line,
  /** The op as a person would write it in one line. */
  text: line,
  /** From the request to the end of its answer: the op, the wait for writeback, and the telling of the state. */
  durationMs: finite,
  /**
   * Nanoseconds of the op itself by the guest's clock: its system call alone, or the touching of its pages; of `exit` until the
   * process was gone. Absent where nothing is done.
   */
  opNs: v.optional(finite),
  /** How long the guest stood still while its kernel's memory was read; absent where it was not. */
  memoryMs: v.optional(finite),
  checks: v.pipe(v.array(checkSchema), v.maxLength(resultLimits.checksPerStep)),
  /** Counters and state by the names that checks give them; only where nothing was predicted: of a person's own program, from a storm on. */
  readings: v.optional(v.pipe(v.array(readingSchema), v.maxLength(resultLimits.checksPerStep))),
});

/** One of a program's output streams. */
const streamSchema = v.object({
  /** Everything that was printed, and what of it the bundle has. */
  sizeBytes: finite,
  keptBytes: finite,
  /** The last lines. */
  lines,
});

/** A person's own program, and what became of it. */
const programSchema = v.object({
  /** As it was given, and with which arguments. */
  path: line,
  args: lines,
  sha256: line,
  sizeBytes: finite,
  /** Loader, libraries and interpreters that were found for it, and files that were asked for. */
  libraries: lines,
  files: lines,
  timeoutMs: finite,
  /** `none` when that is not known: the guest was lost, or it came to nothing. */
  end: v.picklist(["exit", "signal", "timeout", "refused", "none"]),
  /** The same in words; empty when it is not known. */
  endText: line,
  exitCode: v.nullable(finite),
  /** `SIGSEGV`; empty where none ended it. */
  signal: line,
  /** Processes that lived on after it had exited and were ended, and those that memory ran out for. */
  leftBehind: finite,
  oomKills: finite,
  /** How often its guest was stopped and looked at while it ran. */
  pictures: finite,
  stdout: streamSchema,
  stderr: streamSchema,
});

const areaSchema = v.object({
  name: line,
  device: line,
  swapKb: finite,
  /** Null where it is left to the kernel. */
  priority: v.nullable(finite),
  /** As the guest's kernel sees the device; null when the run ended before. */
  rotational: v.optional(v.nullable(v.boolean())),
});

export const resultSchema = v.object({
  schema: v.literal(resultSchemaName),
  /** The run's name, also the name of its folder. */
  run: line,
  startedAt: line,
  verdict: v.picklist(["pass", "fail", "lost", "invalid"]),
  /** One or two sentences: for `fail` the first divergence. */
  reason: line,
  experiment: v.object({
    name: line,
    title: line,
    /** `nvme`; `nvme and brd` where the areas are on different ones. */
    device: line,
    /** True when the guest's kernel calls a swap device rotating; null when the run ended before it was seen. */
    rotational: v.nullable(v.boolean()),
    /** What made the kernel see it so, where there was a choice: an option of QEMU, an attribute in the guest. */
    rotationalCause: v.optional(line),
    /** Of all areas. */
    swapKb: finite,
    /** The areas where there are several. */
    areas: v.optional(v.pipe(v.array(areaSchema), v.maxLength(resultLimits.listLength))),
    /** Parameters as given or defaulted: size, folio, … */
    parameters: v.record(line, line),
  }),
  kernel: v.object({
    /** What was asked for: a series or a path. */
    name: line,
    release: line,
    packageVersion: line,
    sha256: line,
    /** The generation that the guest's probing found; empty when the run ended before. */
    generation: line,
    /** What the generation stands for in a few words. */
    features: line,
  }),
  /** The arguments that repeat this run, `run` first. */
  command: lines,
  /** The generation whose model predicted, and whether a person forced it. */
  model: v.object({ generation: line, forced: v.boolean() }),
  host: v.object({
    /** `tcg` or `kvm`. */
    accelerator: line,
    acceleratorReason: line,
    /** Where the guest's clock counted its instructions in place of the host's time. */
    clock: v.optional(v.literal("instructions")),
    /** QEMU's version: `7.2.22`. */
    qemu: line,
    /** The guest's CPUs and memory. */
    cpuCount: finite,
    memoryMb: finite,
    /** `restored` from a saved state or `booted`. */
    start: v.picklist(["restored", "booted", "none"]),
  }),
  /** Everything the model was told about the guest. */
  assumptions: lines,
  /** Things a person should know that are not checks: probes the kernel refused, garbage on the wire, a repeated run. */
  remarks: lines,
  timings: v.object({ bootMs: finite, toVerdictMs: finite }),
  firstDivergence: v.nullable(
    v.object({ step: finite, op: line, metric: line, model: scalar, real: scalar }),
  ),
  steps: v.pipe(v.array(stepSchema), v.maxLength(resultLimits.stepCount)),
  /** The program that was run in place of an experiment. */
  program: v.optional(programSchema),
  /** The guest's last console lines when it was lost. */
  lastWords: lines,
});

export type Check = v.InferOutput<typeof checkSchema>;
export type Reading = v.InferOutput<typeof readingSchema>;
export type ProgramResult = v.InferOutput<typeof programSchema>;
export type Step = v.InferOutput<typeof stepSchema>;
export type Result = v.InferOutput<typeof resultSchema>;
