import { parseDifference } from "../compare/difference.ts";
import { showScalar } from "./cells.ts";
import { areaNames, metricLabel } from "./labels.ts";
import { firstPlacementDifference, parsePlacement, type PlacementRun } from "./placement.ts";
import type { Result, Step } from "./result.ts";
import { fitMiddle, sanitize } from "./text.ts";

export type FirstDivergence = NonNullable<Result["firstDivergence"]>;

/** The first divergence in two sentences: where it is, and what each side says there. */
export function describeDivergence(divergence: FirstDivergence, steps: readonly Step[]): string {
  const step = steps.find((candidate) => candidate.index === divergence.step);
  const check = step?.checks.find(({ name }) => name === divergence.metric);
  if (divergence.metric === "program.end") return `The program ${sanitize(String(divergence.real))}.`;
  const op = fitMiddle(sanitize(step?.text ?? divergence.op), 60, "…");
  if (check?.kind === "invariant") return brokenInvariant(divergence, `step ${divergence.step} (${op})`, check.reason ?? "", step?.checks ?? []);
  const place = `Model and kernel first differ in step ${divergence.step} (${op}), in ${metricLabel(divergence.metric, areaNames(step?.checks ?? []))}.`;
  return `${place} ${placementSentence(divergence) ?? memorySentence(divergence) ?? valueSentence(divergence)}`;
}

/** What must hold of any kernel, whatever a model says. */
function brokenInvariant({ metric, model, real }: FirstDivergence, place: string, reason: string, checks: Step["checks"]): string {
  const show = (value: number | string): string => sanitize(String(value));
  const label = metricLabel(metric, areaNames(checks));
  return `After ${place} something does not hold that must: ${sanitize(reason)}. ${label} must be ${show(model)} and is ${show(real)}.`;
}

function valueSentence({ model, real }: FirstDivergence): string {
  const show = (value: number | string): string => fitMiddle(showScalar(value), 60, "…");
  return `The model says ${show(model)}, the kernel ${show(real)}.`;
}

function placementSentence({ metric, model, real }: FirstDivergence): string | null {
  if (!metric.startsWith("placement.") || typeof model !== "string" || typeof real !== "string") return null;
  const modelRuns = parsePlacement(model);
  const realRuns = parsePlacement(real);
  if (modelRuns === null || realRuns === null) return null;
  const difference = firstPlacementDifference(modelRuns, realRuns);
  if (difference === null) return null;
  return `The model has page ${difference.page} ${whereabouts(difference.model)}, the kernel ${whereabouts(difference.real)}.`;
}

function memorySentence({ metric, model, real }: FirstDivergence): string | null {
  if (!metric.startsWith("memory.") || typeof model !== "string" || typeof real !== "string") return null;
  const ours = parseDifference(model);
  const theirs = parseDifference(real);
  if (ours === null || theirs === null) return null;
  const others = ours.count === 1 ? "" : ` It is the first of ${ours.count} that differ.`;
  return `At ${sanitize(ours.place)} the model has "${sanitize(ours.words)}", the kernel "${sanitize(theirs.words)}".${others}`;
}

function whereabouts(run: PlacementRun | undefined): string {
  if (run === undefined) return "outside the region";
  if (run.state === "present") return "in memory";
  if (run.state === "none") return "not mapped";
  return run.swapType === null ? `in slot ${run.offset}` : `in slot ${run.offset} of swap type ${run.swapType}`;
}
