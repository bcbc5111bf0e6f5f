import { parse as parseToml } from "smol-toml";
import * as v from "valibot";
import type { KernelNames } from "../model/kernel-names.ts";
import { type DeviceName, deviceNames } from "./ops.ts";

/** The stops of the tour, as their files have them. They are shipped, not written by users: a mistake in one is a bug. */

const line = v.pipe(v.string(), v.nonEmpty());
/** Paragraphs, each in one string, however the file breaks its lines. */
const prose = v.pipe(
  v.string(),
  v.transform((text) => text.trim().split(/\n\s*\n/).map((paragraph) => paragraph.replaceAll(/\s+/g, " "))),
);
const handle = v.pipe(v.string(), v.regex(/^[a-z][a-z0-9-]{1,31}$/));

const showSchema = v.strictObject({
  /** Op of the step, the `nth` of its kind from 1, or each of them. */
  step: line,
  nth: v.optional(v.union([v.pipe(v.number(), v.integer(), v.minValue(1)), v.literal("each")]), 1),
  /**
   * Name of a check, or of what was only read where nothing is predicted. `{unmap}` in it stands for what the kernel's
   * generation calls the function of that role (`KernelNames`).
   */
  check: v.exactOptional(line),
  reading: v.exactOptional(line),
  /** Only some kernels have it; elsewhere there is no row. */
  some: v.optional(v.boolean(), false),
});

const runSchema = v.strictObject({
  /** One line: what is run. */
  title: line,
  experiment: handle,
  device: v.exactOptional(v.picklist(deviceNames)),
  folio: v.exactOptional(line),
  size: v.exactOptional(line),
  "swap-size": v.exactOptional(line),
  cpus: v.exactOptional(v.number()),
  set: v.optional(v.record(v.string(), v.string()), {}),
  /** The kernels it is about, by series, `newest` being the last of the catalogue; without it every kernel. */
  kernels: v.optional(v.array(line)),
  show: v.array(showSchema),
});

const raceSchema = v.strictObject({
  /** One line: what is asked. */
  title: line,
  scenario: handle,
  /** By the names of `Switches`. */
  switches: v.optional(v.record(v.string(), v.union([v.boolean(), v.string(), v.number()])), {}),
  expected: v.picklist(["broken", "holds"]),
  /** Show the order of steps, or everything that was proved. */
  whole: v.optional(v.boolean(), false),
});

const comparisonSchema = v.strictObject({
  title: line,
  /** Kernels by series, or `newest`. */
  kernels: v.pipe(v.array(line), v.length(2)),
  experiment: handle,
  folio: v.exactOptional(line),
  size: v.exactOptional(line),
  /** Runs of each side that are timed. */
  runs: v.number(),
});

const stopSchema = v.strictObject({
  name: handle,
  title: line,
  /** What was claimed or asked. */
  asked: prose,
  /** Why the numbers are what they are. */
  explained: prose,
  run: v.optional(v.array(runSchema), []),
  race: v.optional(v.array(raceSchema), []),
  compare: v.optional(v.array(comparisonSchema), []),
  /** Tables of what the designs cost on the model: cases of these kinds. */
  designs: v.optional(v.array(v.picklist(["folio", "situation"])), []),
  /** What was said and cannot be run. */
  card: v.optional(v.array(v.strictObject({ name: handle, title: line, text: prose })), []),
});

/** What a row shows of a run: the check, or the reading, with this name in the step chosen. */
export interface TourShow {
  readonly op: string;
  readonly nth: number | "each";
  readonly kind: "check" | "reading";
  readonly name: string;
  readonly some: boolean;
}

export interface TourRun {
  readonly title: string;
  readonly experiment: string;
  readonly device?: DeviceName;
  readonly folio?: string;
  readonly size?: string;
  readonly swapSize?: string;
  readonly cpus?: number;
  readonly set: Readonly<Record<string, string>>;
  /** Empty for every kernel. */
  readonly kernels: readonly string[];
  readonly shows: readonly TourShow[];
}

/** Every order of steps of a small model, and what must come of it. */
export interface TourRace {
  readonly title: string;
  readonly scenario: string;
  readonly switches: Readonly<Record<string, boolean | string | number>>;
  readonly expected: "broken" | "holds";
  readonly whole: boolean;
}

/** One experiment on two kernels, timed. */
export interface TourComparison {
  readonly title: string;
  readonly kernels: readonly string[];
  readonly experiment: string;
  readonly folio?: string;
  readonly size?: string;
  readonly runCount: number;
}

export interface TourCard {
  readonly name: string;
  readonly title: string;
  readonly text: readonly string[];
}

export interface TourStop {
  /** Place in the tour, from 1. */
  readonly number: number;
  readonly name: string;
  readonly title: string;
  /** Paragraphs. */
  readonly asked: readonly string[];
  readonly explained: readonly string[];
  readonly runs: readonly TourRun[];
  readonly races: readonly TourRace[];
  readonly comparisons: readonly TourComparison[];
  readonly designs: readonly ("folio" | "situation")[];
  readonly cards: readonly TourCard[];
}

function readShow({ step: op, nth, check, reading, some }: v.InferOutput<typeof showSchema>): TourShow {
  if ((check === undefined) === (reading === undefined)) throw new Error(`a row of step ${op} names a check or a reading, not ${check === undefined ? "none" : "both"}`);
  return { op, nth, some, kind: check === undefined ? "reading" : "check", name: (check ?? reading)! };
}

/** Reads the file of a stop. Throws what valibot and the TOML parser throw. */
export function parseTourStop(text: string, number: number): TourStop {
  const { run, race, compare, card, ...rest } = v.parse(stopSchema, parseToml(text));
  const runs = run.map(({ show, "swap-size": swapSize, kernels = [], ...parameters }): TourRun => ({
    ...parameters,
    ...(swapSize !== undefined && { swapSize }),
    kernels,
    shows: show.map(readShow),
  }));
  const comparisons = compare.map(({ runs: runCount, ...asked }) => ({ ...asked, runCount }));
  return { number, ...rest, runs, races: race, comparisons, cards: card };
}

/** What a show's name is on a kernel that calls its functions so; null when it has no function of the role. */
export function shownName({ name }: Pick<TourShow, "name">, names: KernelNames): string | null {
  const role = /\{(\w+)\}/.exec(name)?.[1];
  if (role === undefined) return name;
  if (!(role in names)) throw new Error(`there is no role "${role}" in KernelNames, which ${name} names`);
  const called = names[role as keyof KernelNames];
  return called === null ? null : name.replace(`{${role}}`, called);
}
