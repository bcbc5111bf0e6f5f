import uPlot from "uplot";
import type { Reading } from "../../state/readings.ts";
import { type Chart, seriesColours } from "./charts.ts";

interface PlotSetting {
  readonly width: number;
  readonly height: number;
  readonly isDark: boolean;
  readonly latest: () => { readonly all: readonly Reading[]; readonly chosen: number };
  readonly choose: (step: number) => void;
}

const inks = { dark: { axis: "#9ba6b4", grid: "#2c333d", chosen: "#78b7f2" }, light: { axis: "#525c69", grid: "#e2e6ea", chosen: "#0a5aa8" } } as const;
const axisFont = '11px "DejaVu Sans Mono", monospace';

/** The kernel in a whole line, the model in a dashed one over it: where they agree there is one line to be seen. */
export function plotOptions(chart: Chart, setting: PlotSetting): uPlot.Options {
  const ink = inks[setting.isDark ? "dark" : "light"];
  const colours = seriesColours(setting.isDark);
  const stepped = uPlot.paths.stepped!({ align: 1 });
  const axis = { stroke: ink.axis, font: axisFont, grid: { stroke: ink.grid, width: 1 }, ticks: { show: false } };
  return {
    width: setting.width,
    height: setting.height,
    padding: [6, 14, 0, 0],
    legend: { show: false },
    cursor: { sync: { key: "run" }, drag: { x: false, y: false }, points: { size: 5 } },
    scales: { x: { time: false }, y: { range: (_, low, high) => [Math.min(0, low), high <= 0 ? 1 : high * 1.08] } },
    axes: [
      { ...axis, size: 20, gap: 2, values: (_, ticks) => ticks.map((tick) => `${tick} s`) },
      { ...axis, size: 52, gap: 4, values: (_, ticks) => ticks.map(shortNumber) },
    ],
    series: [
      {},
      ...chart.series.flatMap((_, index): uPlot.Series[] => {
        const stroke = colours[index % colours.length]!;
        return [
          { stroke, width: 2, paths: stepped, points: { show: false } },
          { stroke, width: 1, dash: [3, 3], paths: stepped, points: { show: true, size: 4, stroke, fill: stroke } },
        ];
      }),
    ],
    hooks: {
      drawAxes: [(plot) => markSteps(plot, setting.latest(), ink)],
      ready: [(plot) => plot.over.addEventListener("click", () => chooseNearest(plot, setting))],
    },
  };
}

/** A line where each step ends, a thick one for the chosen step. */
function markSteps(plot: uPlot, { all, chosen }: ReturnType<PlotSetting["latest"]>, ink: { readonly grid: string; readonly chosen: string }): void {
  const { ctx, bbox } = plot;
  ctx.save();
  for (const [place, { index, atMs }] of all.entries()) {
    const x = Math.round(plot.valToPos(atMs / 1000, "x", true));
    const isChosen = index === chosen || (place === all.length - 1 && chosen > index);
    ctx.fillStyle = isChosen ? ink.chosen : ink.grid;
    ctx.fillRect(x, bbox.top, isChosen ? 2 : 1, bbox.height);
  }
  ctx.restore();
}

function chooseNearest(plot: uPlot, { latest, choose }: PlotSetting): void {
  const place = plot.cursor.idx;
  const reading = place === null || place === undefined ? undefined : latest().all[place];
  if (reading !== undefined) choose(reading.index);
}

/** `16k`, `1.5M`: axes have little room. */
function shortNumber(value: number): string {
  const units = [[1e9, "G"], [1e6, "M"], [1e3, "k"]] as const;
  const unit = units.find(([size]) => Math.abs(value) >= size);
  return unit === undefined ? String(value) : `${Number((value / unit[0]).toPrecision(3))}${unit[1]}`;
}
