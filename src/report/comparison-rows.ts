import type { Comparison, MetricPair, StepPair } from "./comparison.ts";
import type { Check, Step } from "./result.ts";
import { isState, type CheckRow, tellingOf } from "./rows.ts";

/** What of a comparison is shown: what differs, and of it what tells most. */
export interface ComparedRows {
  readonly differing: readonly CheckRow[];
  /** Only where everything is asked for. */
  readonly equal: readonly CheckRow[];
  readonly hiddenDiffering: number;
  readonly hiddenEqual: number;
}

const maxDifferingPerStep = 8;
const maxDiffering = 40;

export function chooseComparedRows({ steps }: Pick<Comparison, "steps">, all: boolean): ComparedRows {
  const pairs = steps.flatMap((step) => step.metrics.map((metric) => ({ step, metric })));
  const differing = pairs.filter(({ metric }) => metric.differs);
  const equalCount = pairs.length - differing.length;
  const shownSteps = new Map(steps.map((step) => [step, shownStep(step)]));
  const rows = (step: StepPair, metrics: readonly MetricPair[]): CheckRow[] => metrics.map((metric) => ({ step: shownSteps.get(step)!, check: checkOf(metric) }));
  if (all) {
    const chosen = (differs: boolean): CheckRow[] => steps.flatMap((step) => rows(step, step.metrics.filter((metric) => metric.differs === differs)));
    return { differing: chosen(true), equal: chosen(false), hiddenDiffering: 0, hiddenEqual: 0 };
  }
  const before = new Map<string, string>();
  const telling = steps.flatMap((step) => rows(step, tellingPairs(step, before))).slice(0, maxDiffering);
  return { differing: telling, equal: [], hiddenDiffering: differing.length - telling.length, hiddenEqual: equalCount };
}

/** A state that differs as it did before the step tells nothing new. */
function tellingPairs({ metrics }: StepPair, before: Map<string, string>): MetricPair[] {
  const news = metrics.filter((metric) => {
    const { name, a, b, differs } = metric;
    const now = JSON.stringify([a, b]);
    const isNews = differs && !(isState(name) && before.get(name) === now);
    before.set(name, now);
    return isNews;
  });
  const weighed = news.map((metric) => ({ metric, ...tellingOf(metric.name) }));
  const best = weighed.sort((one, other) => other.weight - one.weight).slice(0, maxDifferingPerStep);
  return best.sort((one, other) => one.rank - other.rank).map(({ metric }) => metric);
}

/** Tables show checks; here side A stands where the model does, and side B where the kernel does. */
const checkOf = ({ name, a, b, differs }: MetricPair): Check => ({ name, kind: "exact", model: a ?? "absent", real: b ?? "absent", ok: !differs });

const shownStep = ({ index, op, a, metrics }: StepPair): Step => ({ index, op, text: a, durationMs: 0, checks: metrics.map(checkOf) });
