import type { JSX } from "preact";
import { nanosecondsText, percent, shownTimings, spreadText, timingNotes } from "../../../src/report/comparison-timings.ts";
import type { Comparison, StepTiming } from "../../../src/report/comparison.ts";
import { plural } from "../../../src/report/text.ts";

/** How long each step took on either side; nothing where nothing was timed. */
export function Timings({ comparison, all }: { readonly comparison: Comparison; readonly all: boolean }): JSX.Element | null {
  const { a, b, runCount, isComplete } = comparison;
  const shown = shownTimings(comparison, all);
  const cut = isComplete ? null : <p class="compare-note">{`Stopped before all ${plural(runCount, "run")} a side were done.`}</p>;
  if (shown.length === 0) return cut;
  return (
    <>
      <table class="compare-table">
        <caption>Time</caption>
        <thead>
          <tr>
            <th scope="col">step</th>
            <th scope="col" class="number">{`A ${a.label}, mean`}</th>
            <th scope="col" class="number">sd</th>
            <th scope="col" class="number">{`B ${b.label}, mean`}</th>
            <th scope="col" class="number">sd</th>
            <th scope="col" class="number">change</th>
            <th scope="col" class="number">95 % interval</th>
          </tr>
        </thead>
        <tbody>
          {shown.map((timing) => (
            <TimingRow key={timing.index} timing={timing} />
          ))}
        </tbody>
      </table>
      {timingNotes(comparison, shown).map((text) => (
        <p key={text} class="compare-note quiet">{text}</p>
      ))}
      {cut}
    </>
  );
}

function TimingRow({ timing: { index, op, a, b, change } }: { readonly timing: StepTiming }): JSX.Element {
  return (
    <tr class={change?.isSignificant ? "significant" : ""}>
      <th scope="row">{`${index} ${op}`}</th>
      <td class="number">{nanosecondsText(a.mean)}</td>
      <td class="number">{spreadText(a)}</td>
      <td class="number">{nanosecondsText(b.mean)}</td>
      <td class="number">{spreadText(b)}</td>
      <td class="number">
        {percent((b.mean - a.mean) / a.mean)} <span class="compare-mark">{change?.isSignificant ? "*" : ""}</span>
      </td>
      <td class="number">{change === null ? "" : `${percent(change.low / a.mean, "")} .. ${percent(change.high / a.mean)}`}</td>
    </tr>
  );
}
