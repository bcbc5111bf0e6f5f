import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { commandLine } from "../../../src/report/command.ts";
import type { ComparedSide, Comparison } from "../../../src/report/comparison.ts";
import { comparisonLines } from "../../../src/report/comparison-text.ts";
import { mailLook } from "../../../src/report/look.ts";
import { deviceText, kernelText } from "../../../src/report/summary.ts";
import { plural } from "../../../src/report/text.ts";
import { CopyButton } from "../../parts/copy.tsx";
import { VerdictMark } from "../../parts/verdict.tsx";
import { differenceWords, verdictCounts } from "./compare-words.ts";
import { Differences } from "./differences.tsx";
import { Timings } from "./timings.tsx";

interface ResultProps {
  readonly comparison: Comparison;
  /** Another one is on its way. */
  readonly isStale: boolean;
  readonly onOpen: (run: string) => void;
}

/** Verdicts, times and what differs. */
export function CompareResult({ comparison, isStale, onOpen }: ResultProps): JSX.Element {
  const { a, b, remarks, parting, command } = comparison;
  const showsAll = useSignal(false);
  const { headline, counts } = differenceWords(comparison);
  const repeat = commandLine(command);
  return (
    <section class={isStale ? "compare-result stale" : "compare-result"} aria-label="Result" aria-busy={isStale}>
      <header class="compare-head">
        <div role="status">
          <p><b>{headline}</b></p>
          <p class="quiet">{counts}</p>
        </div>
        <span class="compare-buttons">
          <button aria-pressed={showsAll.value} onClick={() => (showsAll.value = !showsAll.value)}>Show all</button>
          <CopyButton text={() => `${comparisonLines(comparison, mailLook, false).join("\n")}\n`} label="Copy for a mail" />
        </span>
      </header>
      <div class="compare-body" tabIndex={0} data-pane="compare-result" role="region" aria-label="What was compared">
        <table class="compare-sides">
          <caption class="unseen">The two sides</caption>
          <tbody>
            <Side letter="A" side={a} onOpen={onOpen} />
            <Side letter="B" side={b} onOpen={onOpen} />
          </tbody>
        </table>
        {[...remarks, parting].filter((text) => text !== "").map((text) => (
          <p key={text} class="compare-note">{text}</p>
        ))}
        <Timings comparison={comparison} all={showsAll.value} />
        <Differences comparison={comparison} all={showsAll.value} />
        <p class="compare-command">
          <code>{repeat}</code> <CopyButton text={() => repeat} />
        </p>
      </div>
    </section>
  );
}

function Side({ letter, side, onOpen }: { readonly letter: string; readonly side: ComparedSide; readonly onOpen: (run: string) => void }): JSX.Element {
  const { label, run, timedRuns } = side;
  const odd = timedRuns.filter(({ verdict }) => verdict !== "pass");
  return (
    <tr>
      <th scope="row">
        <span class="quiet">{letter}</span> {label}
      </th>
      <td>
        <VerdictMark verdict={run.verdict} />
      </td>
      <td>
        <p>{verdictCounts(run)}{timedRuns.length === 0 ? "" : `, ${plural(timedRuns.length, "timed run")}`}</p>
        {run.verdict === "pass" || run.reason === "" ? null : <p class="compare-reason">{run.reason}</p>}
        {[...new Set(odd.map(({ verdict, reason }) => `a timed run is ${verdict}: ${reason}`))].map((text) => (
          <p key={text} class="compare-reason">{text}</p>
        ))}
      </td>
      <td>
        <p>{run.experiment.name}</p>
        <p class="quiet">{`${kernelText(run)}, ${deviceText(run)}`}</p>
      </td>
      <td class="compare-open">
        {run.run === "" ? <span class="quiet">not kept</span> : <button title="In the lab" onClick={() => onOpen(run.run)}>{`Open ${run.run}`}</button>}
      </td>
    </tr>
  );
}
