import { expect, test } from "vitest";
import { failResult } from "../../../test/sample-results.ts";
import { resultReadings } from "../../state/readings.ts";
import { chooseCharts, plotData } from "./charts.ts";

const readings = resultReadings(failResult());

test("only what moves is plotted, the busiest calls first", () => {
  const charts = chooseCharts(readings);
  expect(charts.map(({ title }) => title)).toEqual(["Swap, kB", "SwapCached, pages", "Pages", "Folios out", "Calls"]);
  expect(charts.at(-1)!.series.map(({ label }) => label)).toEqual(["put_swap_folio", "__try_to_reclaim_swap", "free_swap_and_cache_nr"]);
  expect(chooseCharts([])).toEqual([]);
});

test("kernel and model side by side, over seconds", () => {
  const chart = { title: "", series: [{ name: "calls.free_swap_and_cache_nr", label: "" }] };
  expect(plotData(chart, readings)).toEqual([[0.012, 0.013, 0.223, 0.319, 0.437], [0, 0, 0, 0, 8], [0, 0, 0, 0, 0]]);
});
