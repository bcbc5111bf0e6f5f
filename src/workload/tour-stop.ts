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
  /** Name of a check. `{unmap}` in it stands for what the kernel's generation calls the function of that role (`KernelNames`). */
  check: line,
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

const stopSchema = v.strictObject({
  name: handle,
  title: line,
  /** What was claimed or asked. */
  asked: prose,
  /** Why the numbers are what they are. */
  explained: prose,
  run: v.optional(v.array(runSchema), []),
  /** Tables of what the designs cost on the model: cases of these kinds. */
  designs: v.optional(v.array(v.picklist(["folio", "situation"])), []),
  /** What was said and cannot be run. */
  card: v.optional(v.array(v.strictObject({ name: handle, title: line, text: prose })), []),
});

/** What a row shows of a run: the check with this name in the step chosen. */
export interface TourShow {
  readonly op: string;
  readonly nth: number | "each";
  readonly check: string;
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
  readonly designs: readonly ("folio" | "situation")[];
  readonly cards: readonly TourCard[];
}

/** Reads the file of a stop. Throws what valibot and the TOML parser throw. */
export function parseTourStop(text: string, number: number): TourStop {
  const { run, card, ...rest } = v.parse(stopSchema, parseToml(text));
  const runs = run.map(({ show, "swap-size": swapSize, kernels = [], ...parameters }): TourRun => ({
    ...parameters,
    ...(swapSize !== undefined && { swapSize }),
    kernels,
    shows: show.map(({ step, ...shown }) => ({ op: step, ...shown })),
  }));
  return { number, ...rest, runs, cards: card };
}

/** The name of a check on a kernel that calls its functions so; null when it has no function of the role. */
export function checkNameFor(check: string, names: KernelNames): string | null {
  const role = /\{(\w+)\}/.exec(check)?.[1];
  if (role === undefined) return check;
  if (!(role in names)) throw new Error(`there is no role "${role}" in KernelNames, which the check ${check} names`);
  const name = names[role as keyof KernelNames];
  return name === null ? null : check.replace(`{${role}}`, name);
}
