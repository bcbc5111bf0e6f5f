import type { StepReading } from "../../src/api/lab.ts";
import type { Result } from "../../src/report/result.ts";

/** What both sides counted up to a step, by the names of checks: for plots and for the table of calls. */
export interface Reading {
  readonly index: number;
  readonly op: string;
  /** When the step ended: since the run was asked for, or of an old run since its first step began. */
  readonly atMs: number;
  readonly values: ReadonlyMap<string, { readonly model: number; readonly kernel: number }>;
}

interface Step {
  readonly index: number;
  readonly op: string;
  readonly atMs: number;
  readonly model: StepReading;
  readonly kernel: StepReading;
}

/** Of a step that a running guest has just done. */
export function liveReading({ index, op, atMs, model, kernel }: Step): Reading {
  const [ours, theirs] = [flat(model), flat(kernel)];
  const values = new Map([...ours].flatMap(([name, value]) => (theirs.has(name) ? [[name, { model: value, kernel: theirs.get(name)! }]] : [])));
  return { index, op, atMs, values };
}

function flat({ usedKb, vmstat, gauges, folioStats, calls }: StepReading): Map<string, number> {
  const family = (name: string, counters: Readonly<Record<string, number>>): [string, number][] => Object.entries(counters).map(([counter, value]) => [`${name}.${counter}`, value]);
  return new Map([
    [usedName, usedKb],
    ...family("vmstat", vmstat),
    ...family("gauge", gauges),
    ...family("calls", calls),
    ...Object.entries(folioStats).flatMap(([size, counters]) => family(`folio.${size}`, counters)),
  ]);
}

/** kB in use of all areas together. */
export const usedName = "used_kb";

/** Of a run that is over, from its checks. */
export function resultReadings({ steps }: Result): Reading[] {
  let atMs = 0;
  return steps.map(({ index, op, durationMs, checks }) => {
    atMs += durationMs;
    const values = new Map<string, { model: number; kernel: number }>();
    const used = { model: 0, kernel: 0 };
    for (const { name, model, real } of checks) {
      if (typeof model !== "number" || typeof real !== "number") continue;
      if (/^(?:vmstat|gauge|calls|folio)\./.test(name)) values.set(name, { model, kernel: real });
      if (!/^swap\d+\.used_kb$/.test(name)) continue;
      used.model += model;
      used.kernel += real;
    }
    values.set(usedName, used);
    return { index, op, atMs, values };
  });
}

/** Sums of a counter over the steps so far; a gauge stands as it is. */
export function runningValues(readings: readonly Reading[], name: string): { model: number[]; kernel: number[] } {
  const isGauge = name === usedName || name.startsWith("gauge.");
  const sum = { model: 0, kernel: 0 };
  const rows = { model: [] as number[], kernel: [] as number[] };
  for (const { values } of readings) {
    const value = values.get(name) ?? { model: 0, kernel: 0 };
    for (const side of ["model", "kernel"] as const) {
      sum[side] = isGauge ? value[side] : sum[side] + value[side];
      rows[side].push(sum[side]);
    }
  }
  return rows;
}
