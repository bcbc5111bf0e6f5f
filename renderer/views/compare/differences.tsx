import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { chooseComparedRows } from "../../../src/report/comparison-rows.ts";
import type { Comparison } from "../../../src/report/comparison.ts";
import { areaNames, metricLabel } from "../../../src/report/labels.ts";
import type { Check, Step } from "../../../src/report/result.ts";
import type { CheckRow } from "../../../src/report/rows.ts";
import { differenceText, valueLines } from "./compare-words.ts";

/** More rows come when they are asked for: a window draws so many at once with ease. */
const rowsAtOnce = 1000;

/** What differs in every step, and with `all` what is equal. */
export function Differences({ comparison, all }: { readonly comparison: Comparison; readonly all: boolean }): JSX.Element | null {
  const limit = useSignal(rowsAtOnce);
  const { differing, equal, hiddenDiffering, hiddenEqual } = chooseComparedRows(comparison, all);
  if (comparison.steps.length === 0) return null;
  const equalLimit = Math.max(0, limit.value - differing.length);
  const left = Math.max(0, differing.length + equal.length - limit.value);
  const hidden = [...(hiddenDiffering > 0 ? [`${hiddenDiffering} more that differ`] : []), ...(hiddenEqual > 0 ? [`${hiddenEqual} that are equal`] : [])];
  return (
    <>
      {differing.length === 0 ? null : <MetricTable title="What differs" rows={differing.slice(0, limit.value)} comparison={comparison} />}
      {equal.length === 0 || equalLimit === 0 ? null : <MetricTable title="Equal on both sides" rows={equal.slice(0, equalLimit)} comparison={comparison} />}
      {hidden.length === 0 ? null : <p class="compare-note quiet">{`Not shown: ${hidden.join(", ")}.`}</p>}
      {left === 0 ? null : <button onClick={() => (limit.value += rowsAtOnce)}>{`${left} more`}</button>}
    </>
  );
}

interface TableProps {
  readonly title: string;
  readonly rows: readonly CheckRow[];
  readonly comparison: Comparison;
}

function MetricTable({ title, rows, comparison: { a, b, steps } }: TableProps): JSX.Element {
  const ofSteps = new Map<Step, Check[]>();
  for (const { step, check } of rows) ofSteps.set(step, [...(ofSteps.get(step) ?? []), check]);
  const theirs = new Map(steps.map((step) => [step.index, step.b]));
  return (
    <table class="compare-table">
      <caption>{title}</caption>
      <thead>
        <tr>
          <th scope="col">metric</th>
          <th scope="col" class="number">{`A ${a.label}`}</th>
          <th scope="col" class="number">{`B ${b.label}`}</th>
          <th scope="col" class="number">difference</th>
        </tr>
      </thead>
      {[...ofSteps].map(([step, checks]) => (
        <StepRows key={step.index} step={step} their={theirs.get(step.index) ?? step.text} checks={checks} />
      ))}
    </table>
  );
}

/** Here, as in every table of a comparison, side A stands where the model does, and side B where the kernel does. */
function StepRows({ step, their, checks }: { readonly step: Step; readonly their: string; readonly checks: readonly Check[] }): JSX.Element {
  const areas = areaNames(step.checks);
  return (
    <tbody>
      <tr>
        <th scope="rowgroup" colSpan={4}>{`Step ${step.index}, ${step.text === their ? step.text : `${step.text}; B: ${their}`}`}</th>
      </tr>
      {checks.map(({ name, model, real, ok }) => (
        <tr key={name} class={ok ? "" : "differs"}>
          <th scope="row">{metricLabel(name, areas)}</th>
          <Value name={name} value={model} />
          <Value name={name} value={real} />
          <td class="number">{ok ? "" : differenceText(model, real)}</td>
        </tr>
      ))}
    </tbody>
  );
}

function Value({ name, value }: { readonly name: string; readonly value: number | string }): JSX.Element {
  return (
    <td class="number">
      {valueLines(name, value).map((line, index) => (
        <div key={index}>{line}</div>
      ))}
    </td>
  );
}
