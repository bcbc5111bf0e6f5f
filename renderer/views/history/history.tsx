import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import type { RunSummary } from "../../../src/api/lab.ts";
import { Empty, Failure, Loading } from "../../parts/states.tsx";
import { timeText } from "../../parts/time.ts";
import { VerdictMark } from "../../parts/verdict.tsx";
import { VirtualRows } from "../../parts/virtual-rows.tsx";
import { runs } from "../../state/lists.ts";
import "./history.css";

const rowPx = 30;
const verdicts = ["all", "pass", "fail", "lost", "invalid"] as const;

/** Every run there is: search, and open again. */
export function HistoryView({ onOpen }: { readonly onOpen: (name: string) => void }): JSX.Element {
  const letters = useSignal("");
  const verdict = useSignal<(typeof verdicts)[number]>("all");
  const chosen = useSignal("");
  const { value, error } = runs.loaded.value;
  const words = letters.value.toLowerCase().split(/\s+/).filter((word) => word !== "");
  const shown = (value?.runs ?? []).filter((run) => (verdict.value === "all" || (run.ok && run.verdict === verdict.value)) && words.every((word) => textOf(run).includes(word)));
  const index = shown.findIndex(({ name }) => name === chosen.value);
  const open = (name: string | undefined): void => {
    if (name !== undefined) onOpen(name);
  };
  return (
    <div class="history" data-pane="history">
      <header>
        <h1>History</h1>
        <input type="search" aria-label="Search runs" placeholder="Experiment, kernel, device, verdict, date" value={letters.value} onInput={(event) => (letters.value = event.currentTarget.value)} />
        <div class="segments" role="group" aria-label="Verdict">
          {verdicts.map((name) => (
            <button key={name} aria-pressed={verdict.value === name} onClick={() => (verdict.value = name)}>
              {name}
            </button>
          ))}
        </div>
        <span class="quiet history-count">{value === null ? "" : `${shown.length} of ${value.runs.length} runs${value.olderCount === 0 ? "" : `, ${value.olderCount} older ones not read`}`}</span>
        <button disabled={shown[index]?.ok !== true} onClick={() => open(chosen.value)}>Open</button>
      </header>
      {error === "" ? null : <Failure message={error} />}
      {value === null && error === "" ? <Loading what="Reading runs…" /> : null}
      {value?.runs.length === 0 ? <Empty title="No runs yet">Every run is kept as a folder of its own, and listed here.</Empty> : null}
      {value !== null && value.runs.length > 0 ? (
        <div
          class="history-rows"
          onKeyDown={(event) => {
            if (event.key === "Enter") open(chosen.value);
          }}
          onDblClick={() => open(chosen.value)}
        >
          <VirtualRows
            label="Runs, newest first"
            rowCount={shown.length}
            rowPx={rowPx}
            chosen={index < 0 ? null : index}
            onChoose={(row) => (chosen.value = shown[row]?.name ?? "")}
            heading={
              <div class="history-row">
                {["verdict", "started", "experiment", "kernel", "device", "run"].map((name) => (
                  <span key={name} role="columnheader">{name}</span>
                ))}
              </div>
            }
            row={(row) => <Row run={shown[row]!} />}
          />
        </div>
      ) : null}
    </div>
  );
}

const textOf = (run: RunSummary): string =>
  (run.ok ? [run.name, run.verdict, run.experiment, run.release, run.device, run.startedAt] : [run.name, run.problem]).join(" ").toLowerCase();

function Row({ run }: { readonly run: RunSummary }): JSX.Element {
  if (!run.ok) {
    return (
      <div class="history-row unreadable">
        <span role="gridcell">unreadable</span>
        <span role="gridcell" class="cut history-problem" title={run.problem}>{run.problem}</span>
        <span role="gridcell" class="mono">{run.name}</span>
      </div>
    );
  }
  return (
    <div class="history-row">
      <span role="gridcell"><VerdictMark verdict={run.verdict} /></span>
      <span role="gridcell" class="mono">{timeText(run.startedAt)}</span>
      <span role="gridcell" class="cut">{run.experiment}</span>
      <span role="gridcell" class="mono cut">{run.release}</span>
      <span role="gridcell" class="cut">{run.device}</span>
      <span role="gridcell" class="mono cut">{run.name}</span>
    </div>
  );
}
