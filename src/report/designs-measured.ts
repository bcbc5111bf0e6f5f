import type { DesignCase } from "./designs.ts";
import type { Look } from "./look.ts";
import type { Check, Result, Step } from "./result.ts";
import { fitEnd, padLeft, padRight, sanitize, wrap } from "./text.ts";

/** What a guest counted in the step that a case looks at, beside what the model had said. */
export interface DesignMeasurement {
  /** The case's name. */
  readonly name: string;
  /** As it was asked for: a series or a path. */
  readonly kernel: string;
  readonly release: string;
  /** Of the whole run, every check in it. `none` when it was not tried. */
  readonly verdict: Result["verdict"] | "none";
  /** Why there are no numbers; empty when there are. */
  readonly reason: string;
  /** Name of the run, empty when there is none. */
  readonly run: string;
  readonly counts: Readonly<Partial<Record<CountName, Count>>>;
}

export interface Count {
  readonly model: number;
  readonly kernel: number;
}

export const countNames = ["calls", "pins", "lookups", "freed"] as const;
export type CountName = (typeof countNames)[number];

/** The function through which a range of swap entries is unmapped, by release. */
const unmapFunctions = ["free_swap_and_cache", "free_swap_and_cache_nr", "swap_put_entries_direct"];

/** What of a step's checks bears on the case. A function that this kernel does not let be probed gives no count. */
export function stepCounts(step: Step): DesignMeasurement["counts"] {
  const named = (name: string): Check | undefined => step.checks.find((check) => check.name === name);
  const calls = unmapFunctions.map((name) => named(`calls.${name}`)).find((check) => check !== undefined);
  const found: [CountName, Count | null][] = [
    ["calls", numbers(calls)],
    ["pins", numbers(named("calls.get_swap_device"))],
    ["lookups", numbers(named("calls.__try_to_reclaim_swap"))],
    ["freed", freed(named("returns.__try_to_reclaim_swap"))],
  ];
  return Object.fromEntries(found.filter(([, count]) => count !== null));
}

function numbers(check: Check | undefined): Count | null {
  return typeof check?.model === "number" && typeof check.real === "number" ? { model: check.model, kernel: check.real } : null;
}

/** Positive return values are folios freed: `-512:1 16:256` has 256 of them. */
function freed(check: Check | undefined): Count | null {
  if (check === undefined) return null;
  const count = (text: string): number =>
    text.split(" ").reduce((sum, part) => {
      const match = /^(\d+):(\d+)$/.exec(part);
      return match === null || match[1] === "0" ? sum : sum + Number(match[2]);
    }, 0);
  return { model: count(String(check.model)), kernel: count(String(check.real)) };
}

const titleColumns = 29;
const countColumns = 10;

/** A block for each kernel. Where model and kernel part, both are shown. */
export function measuredTable(cases: readonly DesignCase[], measurements: readonly DesignMeasurement[], look: Look): string[] {
  const kernels = [...new Set(measurements.map(({ kernel }) => kernel))];
  return kernels.flatMap((kernel, index) => {
    const own = measurements.filter((measurement) => measurement.kernel === kernel);
    return [...(index === 0 ? [] : [""]), ...kernelBlock(kernel, cases, own, look)];
  });
}

function kernelBlock(kernel: string, cases: readonly DesignCase[], measurements: readonly DesignMeasurement[], { columns, paint, symbols }: Look): string[] {
  const measured = measurements.filter(({ reason }) => reason === "");
  const reasons = [...new Set(measurements.flatMap(({ reason }) => (reason === "" ? [] : [reason])))];
  const notes = reasons.flatMap((reason) => wrap(`not measured on ${sanitize(kernel)}${titlesOf(cases, measurements, reason)}: ${sanitize(reason)}`, columns, "  "));
  if (measured.length === 0) return notes;
  const release = sanitize(measured[0]!.release);
  const rows = measured.map((measurement) => {
    const differs = countNames.some((name) => measurement.counts[name]?.model !== measurement.counts[name]?.kernel);
    const cells = countNames.map((name) => padLeft(countText(measurement.counts[name], symbols.differs), countColumns)).join("");
    const mark = differs || measurement.verdict !== "pass" ? paint.bad(symbols.differs) : paint.good(symbols.equal);
    return `${padRight(fitEnd(titleOf(cases, measurement.name), titleColumns, symbols.ellipsis), titleColumns)}${cells} ${mark}`;
  });
  const failed = measured.filter(({ verdict }) => verdict !== "pass");
  return [
    paint.strong(fitEnd(`measured on ${release}`, columns, symbols.ellipsis)),
    paint.quiet(padRight("", titleColumns) + countNames.map((name) => padLeft(name, countColumns)).join("")),
    ...rows,
    ...notes,
    ...failed.flatMap(({ name, verdict, run }) => wrap(`${titleOf(cases, name)}: the run as a whole is ${verdict}; open: npm start -- show ${sanitize(run)}`, columns, "  ")),
  ];
}

const titleOf = (cases: readonly DesignCase[], name: string): string => cases.find((candidate) => candidate.name === name)?.title ?? sanitize(name);

/** Of the cases without numbers for this reason; nothing where it is all of them. */
const titlesOf = (cases: readonly DesignCase[], measurements: readonly DesignMeasurement[], reason: string): string => {
  const without = measurements.filter((measurement) => measurement.reason === reason);
  return without.length === cases.length ? "" : `: ${without.map(({ name }) => titleOf(cases, name)).join("; ")}`;
};

function countText(count: Count | undefined, differs: string): string {
  if (count === undefined) return "-";
  return count.model === count.kernel ? String(count.kernel) : `${count.model}${differs}${count.kernel}`;
}
