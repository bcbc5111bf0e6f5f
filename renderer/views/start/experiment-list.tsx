import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { RunSummary } from "../../../src/api/lab.ts";
import { Failure, Loading } from "../../parts/states.tsx";
import { VerdictMark } from "../../parts/verdict.tsx";
import { changeForm, form } from "../../state/form.ts";
import { experiments, runs } from "../../state/lists.ts";
import "./experiment-list.css";

/** What can be run, each with the verdict it had last. A double click runs it. */
export function ExperimentList({ onRun, onNew }: { readonly onRun: () => void; readonly onNew: () => void }): JSX.Element {
  const letters = useSignal("");
  const { value, error } = experiments.loaded.value;
  const last = lastVerdicts(runs.loaded.value.value?.runs ?? []);
  const wanted = letters.value.trim().toLowerCase();
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => list.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" }), [value, form.value.experiment]);
  const shown = (value ?? []).filter(({ name, title }) => name.includes(wanted) || title.toLowerCase().includes(wanted));
  return (
    <section class="experiments" aria-label="Experiments" data-pane="experiments">
      <header>
        <h2>Experiments</h2>
        <input type="search" aria-label="Search experiments" placeholder="Search" value={letters.value} onInput={(event) => (letters.value = event.currentTarget.value)} />
        <button class="plain" title="Write an experiment of your own" onClick={onNew}>
          New
        </button>
      </header>
      {value === null ? error === "" ? <Loading what="Reading experiments…" /> : <Failure message={error} /> : null}
      <ul ref={list}>
        {shown.map(({ name, title, isOwn, problem }) => (
          <li key={name}>
            <button
              class="plain"
              aria-current={form.value.experiment === name ? "true" : undefined}
              title={problem === "" ? title : problem}
              onClick={() => changeForm({ experiment: name })}
              onDblClick={onRun}
            >
              <span class="experiment-verdict">{last.has(name) ? <VerdictMark verdict={last.get(name)!} isShort /> : null}</span>
              <span class={problem === "" ? "cut" : "cut experiment-broken"}>
                {name}
                {isOwn ? <span class="quiet"> own</span> : null}
              </span>
            </button>
          </li>
        ))}
      </ul>
      {value !== null && shown.length === 0 ? <p class="experiments-none quiet">No experiment has “{letters.value}” in its name or title.</p> : null}
    </section>
  );
}

type Judged = Extract<RunSummary, { ok: true }>;

/** Runs are listed newest first. */
function lastVerdicts(all: readonly RunSummary[]): Map<string, Judged["verdict"]> {
  const last = new Map<string, Judged["verdict"]>();
  for (const run of all) if (run.ok && !last.has(run.experiment)) last.set(run.experiment, run.verdict);
  return last;
}
