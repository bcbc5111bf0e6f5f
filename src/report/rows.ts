import type { Check, Reading, Result, Step } from "./result.ts";

/** A check of one step. */
export interface CheckRow {
  readonly step: Step;
  readonly check: Check;
}

/** What was seen of a step of which nothing was predicted. */
interface ReadingRow {
  readonly step: Step;
  readonly reading: Reading;
}

/** A line of the table. */
export type Row = CheckRow | ReadingRow;

export interface RowChoice {
  readonly rows: readonly Row[];
  /** Checks left out because they differ too, and because they hold. */
  readonly hiddenDiffering: number;
  readonly hiddenEqual: number;
  readonly hiddenReadings: number;
}

/** A run against a wrong model can differ in hundreds of places; the first ones tell what is wrong. */
const maxDifferingRows = 20;
const maxEqualRows = 12;
const maxEqualRowsPerStep = 3;

/**
 * The rows a person is shown: all of them, or the differing ones, or when there are none the most telling ones. Of a program
 * the readings tell; that everything holds which must is one word.
 */
export function chooseRows(result: Result, all: boolean): RowChoice {
  const everyRow = result.steps.flatMap((step) => step.checks.map((check) => ({ step, check })));
  const readings = result.steps.flatMap((step) => (step.readings ?? []).map((reading) => ({ step, reading })));
  if (all) return { rows: inSteps([...everyRow, ...readings]), hiddenDiffering: 0, hiddenEqual: 0, hiddenReadings: 0 };
  // How a program ended is said in words.
  const differing = everyRow.filter(({ check }) => !check.ok && check.name !== "program.end");
  const checks = differing.length > 0 ? differing.slice(0, maxDifferingRows) : result.program === undefined ? tellingRows(result.steps) : [];
  const shown = tellingReadings(readings);
  return {
    rows: inSteps([...checks, ...shown]),
    hiddenDiffering: Math.max(0, differing.length - maxDifferingRows),
    hiddenEqual: everyRow.length - Math.max(differing.length, checks.length),
    hiddenReadings: readings.length - shown.length,
  };
}

const inSteps = (rows: readonly Row[]): Row[] => rows.toSorted((a, b) => a.step.index - b.step.index);

/** Of each step those in which something happened, in the order of the tellings. */
function tellingReadings(rows: readonly ReadingRow[]): ReadingRow[] {
  const weighed = rows.flatMap((row) => {
    const rank = tellings.findIndex(({ metric }) => metric.test(row.reading.name));
    return rank === -1 || row.reading.value === 0 ? [] : [{ row, rank, weight: tellings[rank]!.weight }];
  });
  const best = weighed.toSorted((a, b) => b.weight - a.weight).slice(0, maxEqualRows);
  return best.toSorted((a, b) => a.rank - b.rank).map(({ row }) => row);
}

function tellingRows(steps: readonly Step[]): CheckRow[] {
  const weighed = weighSteps(steps).filter((rows) => rows.length > 0);
  const perStep = Math.min(maxEqualRowsPerStep, Math.max(1, Math.floor(maxEqualRows / Math.max(1, weighed.length))));
  const chosen: CheckRow[] = [];
  for (const rows of weighed) {
    const best = [...rows].sort((a, b) => b.weight - a.weight).slice(0, perStep);
    chosen.push(...best.sort((a, b) => a.rank - b.rank).map(({ step, check }) => ({ step, check })));
  }
  return chosen.slice(0, maxEqualRows);
}

interface WeighedRow extends CheckRow {
  readonly weight: number;
  /** Place among the tellings. */
  readonly rank: number;
}

/** Per step the rows in which something happened. A state that is as it was before the step tells nothing. */
function weighSteps(steps: readonly Step[]): WeighedRow[][] {
  const before = new Map<string, number | string>();
  return steps.map((step) => {
    const rows: WeighedRow[] = [];
    for (const check of step.checks) {
      const { rank, weight } = tellingOf(check.name);
      if (weight > 0 && happened(check, before.get(check.name), step.op)) rows.push({ step, check, weight, rank });
      if (isState(check.name)) before.set(check.name, check.real);
    }
    return rows;
  });
}

/** How much a metric tells a person who asks what the swap core did; the rank is its place within a step. */
export function tellingOf(name: string): { weight: number; rank: number } {
  const rank = tellings.findIndex(({ metric }) => metric.test(name));
  return { weight: tellings[rank]?.weight ?? 0, rank };
}

/** Metrics that say how things stand after a step, and so stay as they are until something happens. */
export const isState = (name: string): boolean => /^(placement|gauge|swap|swap\d+|memory)\./.test(name);

function happened(check: Check, before: number | string | undefined, op: string): boolean {
  const value = check.real;
  if (check.name.startsWith("placement.")) {
    const swapped = (text: number | string | undefined): boolean => String(text ?? "").includes("@");
    return value !== before && (swapped(value) || swapped(before));
  }
  if (check.name.endsWith(".area")) return value !== before;
  if (isState(check.name)) return before !== undefined && value !== before;
  if (check.name === "wrong_pages") return op === "read" || value !== 0;
  return value !== 0 && value !== "" && value !== "none";
}

/** A metric that people look for when they ask what the swap core did. */
interface Telling {
  readonly metric: RegExp;
  /** The higher, the sooner it is shown when not all can be. */
  readonly weight: number;
}

/** In the order in which a step shows them: what went out or came in, where to, by which calls, what is left. */
const tellings: readonly Telling[] = [
  { metric: /^errno$/, weight: 110 },
  { metric: /^vmstat\.pswpout$/, weight: 90 },
  { metric: /^vmstat\.swpout_zero$/, weight: 84 },
  { metric: /^vmstat\.pswpin$/, weight: 78 },
  { metric: /^vmstat\.thp_swpout_fallback$/, weight: 95 },
  { metric: /^vmstat\./, weight: 40 },
  { metric: /^folio\..*\.swpout$/, weight: 85 },
  { metric: /^folio\..*_fallback$/, weight: 94 },
  { metric: /^folio\./, weight: 30 },
  { metric: /^placement\./, weight: 100 },
  { metric: /^calls\.free_swap_and_cache/, weight: 82 },
  { metric: /^calls\.__try_to_reclaim_swap$/, weight: 80 },
  { metric: /^calls\./, weight: 25 },
  { metric: /^returns\./, weight: 35 },
  { metric: /^wrong_pages$/, weight: 76 },
  { metric: /^gauge\.nr_swapcached$/, weight: 50 },
  { metric: /^swap\d+\.area$/, weight: 86 },
  { metric: /^swap\d+\.used_kb$/, weight: 74 },
  { metric: /^swap\.areas$/, weight: 60 },
  { metric: /^memory\.swap\d+\.slots$/, weight: 45 },
  { metric: /^memory\.swap\d+\.(folios|clusters)$/, weight: 38 },
  { metric: /^memory\./, weight: 15 },
];
