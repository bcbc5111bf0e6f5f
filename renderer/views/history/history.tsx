import { useSignal } from "@preact/signals";
import type { JSX, TargetedEvent } from "preact";
import { useRef } from "preact/hooks";
import type { ExportFormat, RunSummary } from "../../../src/api/lab.ts";
import { saveFile } from "../../parts/save.ts";
import { Empty, Failure, Loading } from "../../parts/states.tsx";
import { timeText } from "../../parts/time.ts";
import { VerdictMark } from "../../parts/verdict.tsx";
import { VirtualRows } from "../../parts/virtual-rows.tsx";
import { runs } from "../../state/lists.ts";
import { exportRun, importRun, restoreRun, said } from "../../state/run-actions.ts";
import { RemoveSheet, RenameSheet } from "./run-sheets.tsx";
import "./history.css";

const rowPx = 30;
const verdicts = ["all", "pass", "fail", "lost", "invalid"] as const;

const exports: readonly (readonly [format: ExportFormat, text: string])[] = [["archive", "whole bundle"], ["json", "JSON"], ["ktap", "KTAP"], ["mail", "text for a mail"]];

/** Every run there is: search, open again, rename, delete and have back, export and import. */
export function HistoryView({ onOpen }: { readonly onOpen: (name: string) => void }): JSX.Element {
  const letters = useSignal("");
  const verdict = useSignal<(typeof verdicts)[number]>("all");
  const chosen = useSignal("");
  const sheet = useSignal<"none" | "rename" | "remove">("none");
  const { value, error } = runs.loaded.value;
  const words = letters.value.toLowerCase().split(/\s+/).filter((word) => word !== "");
  const shown = (value?.runs ?? []).filter((run) => (verdict.value === "all" || (run.ok && run.verdict === verdict.value)) && words.every((word) => textOf(run).includes(word)));
  const index = shown.findIndex(({ name }) => name === chosen.value);
  const run = shown[index];
  const open = (): void => {
    if (run?.ok === true) onOpen(run.name);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (run === undefined) return;
    if (event.key === "Enter") open();
    if (event.key === "F2") sheet.value = "rename";
    if (event.key === "Delete") sheet.value = "remove";
  };
  return (
    <div class="history" data-pane="history">
      <header>
        <h1>History</h1>
        <input type="search" aria-label="Search runs" placeholder="Experiment, kernel, device, date" value={letters.value} onInput={(event) => (letters.value = event.currentTarget.value)} />
        <div class="segments" role="group" aria-label="Verdict">
          {verdicts.map((name) => (
            <button key={name} aria-pressed={verdict.value === name} onClick={() => (verdict.value = name)}>
              {name}
            </button>
          ))}
        </div>
        <span class="quiet history-count">{value === null ? "" : `${shown.length} of ${value.runs.length} runs${value.olderCount === 0 ? "" : `, ${value.olderCount} older`}`}</span>
        <button disabled={run?.ok !== true} title="Open  Enter" onClick={open}>Open</button>
        <button disabled={run === undefined} title="Rename  F2" onClick={() => (sheet.value = "rename")}>Rename</button>
        <button disabled={run === undefined} title="Delete  Del" onClick={() => (sheet.value = "remove")}>Delete</button>
        <ExportChoice run={run} />
        <ImportButton />
      </header>
      <Said />
      {error === "" ? null : <Failure message={error} />}
      {value === null && error === "" ? <Loading what="Reading runs…" /> : null}
      {value?.runs.length === 0 ? <Empty title="No runs yet">Every run is kept as a folder of its own, and listed here.</Empty> : null}
      {value !== null && value.runs.length > 0 ? (
        <div class="history-rows" onKeyDown={onKeyDown} onDblClick={open}>
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
      {run !== undefined && sheet.value === "rename" ? <RenameSheet run={run.name} label={run.label} onClose={() => (sheet.value = "none")} /> : null}
      {run !== undefined && sheet.value === "remove" ? <RemoveSheet run={run.name} label={run.label} onClose={() => (sheet.value = "none")} /> : null}
    </div>
  );
}

function ExportChoice({ run }: { readonly run: RunSummary | undefined }): JSX.Element {
  const choose = (event: TargetedEvent<HTMLSelectElement>): void => {
    const format = exports.find(([known]) => known === event.currentTarget.value)?.[0];
    event.currentTarget.value = "";
    if (format !== undefined && run !== undefined) void exportRun(run.name, format, saveFile);
  };
  return (
    <select aria-label="Export" value="" disabled={run === undefined} onChange={choose}>
      <option value="">Export…</option>
      {exports.map(([format, text]) => (
        <option key={format} value={format}>
          {text}
        </option>
      ))}
    </select>
  );
}

function ImportButton(): JSX.Element {
  const input = useRef<HTMLInputElement>(null);
  const take = (event: TargetedEvent<HTMLInputElement>): void => {
    const file = event.currentTarget.files?.[0];
    if (file !== undefined) void importRun(file, file.name);
    event.currentTarget.value = "";
  };
  return (
    <>
      <button onClick={() => input.current?.click()}>Import…</button>
      <input ref={input} type="file" hidden aria-label="An exported run" onChange={take} />
    </>
  );
}

/** What was done last, and the way back. */
function Said(): JSX.Element {
  const { text, isError, removed } = said.value;
  return (
    <p class={isError ? "history-said bad" : "history-said"} role={isError ? "alert" : "status"}>
      {text} {removed === "" ? null : <button onClick={() => void restoreRun(removed)}>Undo</button>}
    </p>
  );
}

const textOf = (run: RunSummary): string =>
  (run.ok ? [run.name, run.label, run.verdict, run.experiment, run.release, run.device, run.startedAt] : [run.name, run.label, run.problem]).join(" ").toLowerCase();

function Row({ run }: { readonly run: RunSummary }): JSX.Element {
  if (!run.ok) {
    return (
      <div class="history-row unreadable">
        <span role="gridcell">unreadable</span>
        <span role="gridcell" class="cut history-problem" title={run.problem}>{run.problem}</span>
        <RunName run={run} />
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
      <RunName run={run} />
    </div>
  );
}

/** What a person calls it, before its name. */
function RunName({ run: { name, label } }: { readonly run: RunSummary }): JSX.Element {
  return (
    <span role="gridcell" class="cut">
      {label === "" ? null : <b>{label} </b>}
      <span class={label === "" ? "mono" : "mono quiet"}>{name}</span>
    </span>
  );
}
