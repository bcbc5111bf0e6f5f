import type { Comparison, StepTiming, TimedSide } from "./comparison.ts";
import type { Look } from "./look.ts";
import { fitEnd, padLeft, padRight, plural, sanitize, wrap } from "./text.ts";

/** Steps whose time nobody asks for. */
const unremarkable = new Set(["swapon", "map", "note"]);

const stepColumns = 10;
const sideColumns = 16;
const meanColumns = 9;
const changeColumns = 9;
const boundColumns = 7;

const clocks: Readonly<Record<Comparison["clock"], string>> = { host: "the host's time", instructions: "its instructions and not by the host's time" };

/** How long each step took on either side: means, relative standard deviations, the change and how sure it is. */
export function timingLines(comparison: Comparison, labels: readonly [string, string], look: Look, all: boolean): string[] {
  const { steps, runCount, isComplete } = comparison;
  const shown = shownTimings(comparison, all);
  if (shown.length === 0) return [];
  const { paint, symbols } = look;
  const label = (text: string): string => padLeft(fitEnd(text, sideColumns - 2, symbols.ellipsis), sideColumns);
  const heads = [
    `${" ".repeat(stepColumns)}${label(labels[0])}${label(labels[1])}`,
    padRight("step", stepColumns) + `${padLeft("mean", meanColumns)}${padLeft("sd", sideColumns - meanColumns)}`.repeat(2) + padLeft("change", changeColumns) + "      95 % interval",
  ];
  const notes = timingNotes(comparison, shown).join(" ");
  const cut = isComplete ? [] : wrap(`Stopped before all ${plural(runCount, "run")} a side were done.`, look.columns);
  const several = new Set(steps.map(({ op }) => op)).size < steps.length;
  return [...heads.map((line) => paint.quiet(line.trimEnd())), ...shown.map((timing) => timingLine(timing, several, look)), ...wrap(notes, look.columns).map(paint.quiet), ...cut];
}

/** Steps whose time is worth a line, or all that were timed. */
export const shownTimings = ({ timings }: Pick<Comparison, "timings">, all: boolean): readonly StepTiming[] => timings.filter(({ op }) => all || !unremarkable.has(op));

/** What the times are of, and what the marks beside them mean. */
export const timingNotes = ({ clock }: Pick<Comparison, "clock">, shown: readonly StepTiming[]): string[] => [
  `Time of the op alone by the guest's clock, which goes by ${clocks[clock]}. ${counts(shown)}, in turns, no calls counted.`,
  "sd: relative standard deviation. *: p < 0.05 by Welch's t test, each step by itself.",
];

function counts(timings: readonly StepTiming[]): string {
  const [a, b] = [timings[0]!.a.values.length, timings[0]!.b.values.length];
  return a === b ? `n = ${a} a side` : `n = ${a} and ${b}`;
}

function timingLine({ index, op, a, b, change }: StepTiming, several: boolean, { columns, paint, symbols }: Look): string {
  const step = padRight(fitEnd(several ? `${index} ${sanitize(op)}` : sanitize(op), stepColumns - 1, symbols.ellipsis), stepColumns);
  const changeText = padLeft(percent((b.mean - a.mean) / a.mean), changeColumns);
  const mark = change?.isSignificant ? "*" : " ";
  const interval = change === null ? "" : `${padLeft(percent(change.low / a.mean, ""), boundColumns)} ..${padLeft(percent(change.high / a.mean), boundColumns)}`;
  const line = fitEnd(`${step}${sideText(a)}${sideText(b)}${changeText} ${mark}${interval}`.trimEnd(), columns, symbols.ellipsis);
  return change?.isSignificant ? paint.strong(line) : line;
}

const sideText = ({ mean, sd, values }: TimedSide): string =>
  padLeft(nanosecondsText(mean), meanColumns) + padLeft(spreadText({ mean, sd, values }), sideColumns - meanColumns);

/** The relative standard deviation; `-` where there are too few runs for one. */
export const spreadText = ({ mean, sd, values }: TimedSide): string => (values.length < 2 ? "-" : `${((sd / mean) * 100).toFixed(1)}%`);

const units = ["ns", "us", "ms", "s"] as const;

/** Three digits or more, and a unit: `4.11 ms`, `312 us`. */
export function nanosecondsText(nanoseconds: number): string {
  let [value, unit] = [nanoseconds, 0];
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value.toFixed(value < 9.995 ? 2 : value < 99.95 ? 1 : 0)} ${units[unit]}`;
}

/** `+12.3%`; without decimals where they are lost in the number. */
export function percent(ratio: number, unit = "%"): string {
  const value = ratio * 100;
  const digits = Math.abs(value).toFixed(Math.abs(value) < 99.95 ? 1 : 0);
  return `${value < 0 ? "-" : "+"}${digits}${unit}`;
}
