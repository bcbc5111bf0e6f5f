import "uplot/dist/uPlot.min.css";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import { isDark } from "../../shell/theme.ts";
import { Empty } from "../../parts/states.tsx";
import { type Reading, runningValues } from "../../state/readings.ts";
import { chooseStep, readings, result, stepIndex } from "../../state/shown.ts";
import { chooseCharts, type Chart, plotData, seriesColours } from "./charts.ts";
import { plotOptions } from "./plot-options.ts";
import "./plots.css";

/** What was counted, over time, model and kernel in one plot each. A click chooses the step. */
export function Plots(): JSX.Element {
  const all = readings.value;
  const charts = chooseCharts(all);
  if (charts.length === 0 && result.value !== null) return <Empty title="Nothing to plot">The run ended before its first step.</Empty>;
  if (charts.length === 0) return <Empty title="Nothing to plot yet">Swap in use, pages out and in, folios, calls: from the first step on.</Empty>;
  return (
    <div class="plots">
      {charts.map((chart) => (
        <Plot key={chart.title} chart={chart} all={all} />
      ))}
    </div>
  );
}

const chartHeightPx = 118;

function Plot({ chart, all }: { readonly chart: Chart; readonly all: readonly Reading[] }): JSX.Element {
  const holder = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const dark = isDark.value;
  const names = chart.series.map(({ name }) => name).join(" ");
  const latest = useRef({ all, chosen: stepIndex.value });
  latest.current = { all, chosen: stepIndex.value };

  useEffect(() => {
    const element = holder.current;
    if (element === null) return undefined;
    const made = new uPlot(
      plotOptions(chart, { width: element.clientWidth || 280, height: chartHeightPx, isDark: dark, latest: () => latest.current, choose: chooseStep }),
      plotData(chart, latest.current.all),
      element,
    );
    plot.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: chartHeightPx }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
    };
  }, [names, dark]);
  useEffect(() => plot.current?.setData(plotData(chart, all)), [all]);
  const chosen = stepIndex.value;
  useEffect(() => plot.current?.redraw(false), [chosen]);

  return (
    <figure class={chart.series.length > 2 ? "plot wide" : "plot"}>
      <figcaption>
        <b>{chart.title}</b>
        {chart.series.map(({ name, label }, index) => {
          const values = runningValues(all, name);
          const [ours, theirs] = [values.model[chosen], values.kernel[chosen]];
          return (
            <span key={name} class={ours === theirs ? "" : "plot-differs"}>
              <span class="plot-swatch" style={{ background: seriesColours(dark)[index] }} aria-hidden="true" />
              {label} <span class="mono">{ours === theirs ? theirs : `${ours} ≠ ${theirs}`}</span>
            </span>
          );
        })}
      </figcaption>
      <div ref={holder} role="img" aria-label={`${chart.title} after each step: ${chart.series.map(({ name, label }) => `${label} ${runningValues(all, name).kernel.join(", ")}`).join("; ")}`} />
    </figure>
  );
}
