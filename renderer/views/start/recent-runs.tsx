import type { JSX } from "preact";
import { timeText } from "../../parts/time.ts";
import { VerdictMark } from "../../parts/verdict.tsx";
import { runs } from "../../state/lists.ts";
import { openRun, outcome } from "../../state/shown.ts";
import "./recent-runs.css";

const shownMax = 12;

/** The newest runs; all of them are in the history. */
export function RecentRuns({ onAll }: { readonly onAll: () => void }): JSX.Element {
  const { value } = runs.loaded.value;
  const shown = (value?.runs ?? []).filter((run) => run.ok).slice(0, shownMax);
  return (
    <section class="recent" aria-label="Recent runs" data-pane="recent">
      <header>
        <h2>Recent</h2>
        <button class="plain" onClick={onAll}>
          All
        </button>
      </header>
      {shown.length === 0 ? <p class="recent-none quiet">{value === null ? "" : "Runs will be listed here."}</p> : null}
      <ul>
        {shown.map((run) => (
          <li key={run.name}>
            <button class="plain" aria-current={outcome.value?.result.run === run.name ? "true" : undefined} title={`${run.name}: ${run.experiment}, ${run.release}, ${run.device}`} onClick={() => void openRun(run.name)}>
              <VerdictMark verdict={run.verdict} isShort />
              <span class="mono">{timeText(run.startedAt)}</span>
              <span class="cut">{run.label === "" ? run.experiment : run.label}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
