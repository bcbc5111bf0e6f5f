import type { Comparison, RunHead } from "../../../src/report/comparison.ts";
import { parsePlacement, showRun } from "../../../src/report/placement.ts";
import { fitEnd, plural } from "../../../src/report/text.ts";

/** How much differs in a line, and out of how much in another. */
export function differenceWords({ steps }: Pick<Comparison, "steps">): { headline: string; counts: string } {
  if (steps.length === 0) return { headline: "No step was carried out on both sides", counts: "There is nothing to compare." };
  const metricCount = steps.reduce((sum, { metrics }) => sum + metrics.length, 0);
  const differing = steps.map(({ metrics }) => metrics.filter(({ differs }) => differs).length);
  const differingCount = differing.reduce((sum, count) => sum + count, 0);
  const stepCount = differing.filter((count) => count > 0).length;
  const counts = `${metricCount - differingCount} of ${plural(metricCount, "counter, call or placement", "counters, calls and placements")} are equal, in ${plural(steps.length, "step")}.`;
  return { headline: differingCount === 0 ? "Nothing differs" : `${differingCount} ${differingCount === 1 ? "differs" : "differ"}, in ${plural(stepCount, "step")}`, counts };
}

export const verdictCounts = ({ checkCount, differingCount }: RunHead): string =>
  checkCount === 0 ? "nothing was compared with the model" : `${plural(checkCount, "check")}, ${differingCount === 0 ? "all as the model says" : `${differingCount} differ from the model`}`;

const shownRuns = 6;
const valueColumns = 60;

/** A value in lines: of a placement its runs of slots, one a line. */
export function valueLines(name: string, value: number | string): string[] {
  const runs = name.startsWith("placement.") ? parsePlacement(String(value)) : null;
  if (runs === null) return [fitEnd(String(value), valueColumns, "…")];
  const more = runs.length - shownRuns;
  return [...runs.slice(0, shownRuns).map(showRun), ...(more > 0 ? [`and ${plural(more, "more run")}`] : [])];
}

/** `+8`, `-3`; empty where there is none to be had. */
export function differenceText(a: number | string, b: number | string): string {
  if (typeof a !== "number" || typeof b !== "number") return "";
  const difference = b - a;
  return difference > 0 ? `+${difference}` : String(difference);
}
