import { type Reading, runningValues, usedName } from "../../state/readings.ts";

/** A plot: a few counters that are looked at together. */
export interface Chart {
  readonly title: string;
  readonly series: readonly { readonly name: string; readonly label: string }[];
}

/** Lines that a plot can have before nobody tells them apart. */
const seriesMax = 4;

/** The plots in which something happens. */
export function chooseCharts(readings: readonly Reading[]): Chart[] {
  if (readings.length === 0) return [];
  const moving = new Map<string, number>();
  for (const { values } of readings) {
    for (const [name, { model, kernel }] of values) moving.set(name, (moving.get(name) ?? 0) + Math.abs(model) + Math.abs(kernel));
  }
  const busiest = (pattern: RegExp): string[] =>
    [...moving].filter(([name, sum]) => sum > 0 && pattern.test(name)).sort((a, b) => b[1] - a[1]).map(([name]) => name).slice(0, seriesMax);
  const chart = (title: string, names: readonly string[], label: (name: string) => string): Chart[] =>
    names.length === 0 ? [] : [{ title, series: names.map((name) => ({ name, label: label(name) })) }];
  const counter = (name: string): string => name.slice(name.indexOf(".") + 1);
  const size = (name: string): string => name.split(".")[1] ?? name;
  return [
    ...chart("Swap, kB", moving.has(usedName) ? [usedName] : [], () => "in use"),
    ...chart("SwapCached, pages", moving.has("gauge.nr_swapcached") ? ["gauge.nr_swapcached"] : [], () => "in the swap cache"),
    ...chart("Pages", ["vmstat.pswpout", "vmstat.pswpin"].filter((name) => moving.has(name)), counter),
    ...chart("Folios out", busiest(/^folio\..*\.swpout$/), size),
    ...chart("Fallback", busiest(/^folio\..*_fallback$|^vmstat\.thp_swpout_fallback$/), size),
    ...chart("Calls", busiest(/^calls\./), counter),
  ];
}

/** Of each series the kernel and the model, over seconds. */
export function plotData(chart: Chart, readings: readonly Reading[]): [number[], ...number[][]] {
  return [readings.map(({ atMs }) => atMs / 1000), ...chart.series.flatMap(({ name }) => {
    const { model, kernel } = runningValues(readings, name);
    return [kernel, model];
  })];
}

export const seriesColours = (isDark: boolean): readonly string[] => (isDark ? ["#4b8fe0", "#eeb440", "#2fa884", "#d877a8"] : ["#2763a8", "#a86a00", "#147a5c", "#b2487f"]);
