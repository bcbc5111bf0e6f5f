import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { acceleratorText, countsText, deviceText, kernelText, modelText } from "../../../src/report/summary.ts";
import { formatDuration } from "../../../src/report/text.ts";
import { useNow } from "../../parts/now.ts";
import { Turning } from "../../parts/states.tsx";
import { VerdictMark } from "../../parts/verdict.tsx";
import { running, type RunningRun, type Stage } from "../../state/run.ts";
import { chooseStep, live, result, showOwnRun, stepIndex, type StepMark, stepMarks } from "../../state/shown.ts";
import "./time-line.css";

/** A workload has at most thousands of steps, a window room for some. */
const shownMax = 200;

/** The spine of the window: how the guest came up, each step, the verdict. A chosen step moves everything else. */
export function TimeLine(): JSX.Element {
  const marks = stepMarks.value;
  const run = live.value;
  const chosen = stepIndex.value;
  // Those around the chosen one; the slider and the keys reach the others.
  const first = Math.max(0, Math.min(chosen - shownMax / 2, marks.length - shownMax));
  const after = marks.length - first - shownMax;
  const strip = useRef<HTMLOListElement>(null);
  useEffect(() => strip.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" }), [chosen, marks.length, result.value]);
  return (
    <section class="time-line" aria-label="Steps" data-pane="steps">
      <Start run={run} />
      <ol ref={strip}>
        {first > 0 ? <li class="more-steps quiet">{`${first} before`}</li> : null}
        {marks.slice(first, first + shownMax).map((mark) => (
          <StepButton key={mark.index} mark={mark} isChosen={mark.index === chosen} />
        ))}
        {after > 0 ? <li class="more-steps quiet">{`${after} after`}</li> : null}
        {run !== null && result.value === null ? <Pending run={run} /> : null}
      </ol>
      <End />
    </section>
  );
}

/** The verdict, what it rests on, and the way back to a run that goes on meanwhile. */
function End(): JSX.Element {
  const outcome = result.value;
  const isElsewhere = running.value !== null && live.value === null;
  if (outcome === null) return <div class="time-line-end" />;
  const counts = countsText(outcome);
  const facts = [outcome.run, counts, kernelText(outcome), `model ${modelText(outcome)}`, deviceText(outcome), acceleratorText(outcome), `verdict after ${formatDuration(outcome.timings.toVerdictMs)}`];
  return (
    <div class="time-line-end" title={facts.join("\n")}>
      <p>
        <VerdictMark verdict={outcome.verdict} /> <span class="quiet">{outcome.run}</span>
      </p>
      {isElsewhere ? <button class="plain own-run" onClick={showOwnRun}>To this window’s run</button> : <p class="quiet">{counts}</p>}
    </div>
  );
}

function StepButton({ mark, isChosen }: { readonly mark: StepMark; readonly isChosen: boolean }): JSX.Element {
  const { index, op, text, durationMs, differing } = mark;
  const isBad = differing !== null && differing > 0;
  return (
    <li>
      <button class={`plain step ${isBad ? "bad" : ""}`} aria-current={isChosen ? "step" : undefined} title={`Step ${index}: ${text}`} onClick={() => chooseStep(index)}>
        <span class="step-dot" aria-hidden="true" />
        <span class="step-op">{op}</span>
        <span class="step-time mono">{isBad ? `≠ ${differing}` : formatDuration(durationMs)}</span>
      </button>
    </li>
  );
}

/** How the guest came up: `restored 0.3 s`, or the stages that are on their way. */
function Start({ run }: { readonly run: RunningRun | null }): JSX.Element {
  const outcome = result.value;
  if (outcome !== null) {
    const { host, timings, kernel } = outcome;
    const start = host.start === "none" ? "not started" : `${host.start} ${formatDuration(timings.bootMs)}`;
    return (
      <div class="time-line-start">
        <span class="cut">{kernel.release === "" ? kernel.name : kernel.release}</span>
        <span class="quiet cut">{start}</span>
      </div>
    );
  }
  if (run === null) return <div class="time-line-start quiet">Nothing has run yet.</div>;
  const stages = run.stages.value.filter(({ endedMs }) => endedMs !== null);
  const steps = new Set(run.steps.value.map(({ op }) => op));
  return (
    <div class="time-line-start stages">
      {stages.filter(({ name }) => !steps.has(name)).map((stage) => (
        <span key={stage.startedMs}>
          {stage.name} <span class="mono quiet">{formatDuration(stage.endedMs! - stage.startedMs)}</span>
        </span>
      ))}
    </div>
  );
}

/** What is being done now, for how long, and what it waits for; where bytes come in, with a bar. */
function Pending({ run }: { readonly run: RunningRun }): JSX.Element | null {
  const nowMs = useNow();
  if (run.phase.value === "ended") return null;
  const stage: Stage | undefined = run.stages.value.at(-1);
  const isStopping = run.phase.value === "stopping";
  const sinceMs = isStopping ? run.stopAskedMs.value! : (stage?.startedMs ?? run.startedMs);
  return (
    <li class="pending" role="status">
      <Turning />
      <span>{isStopping ? "stopping" : (stage?.name ?? "starting")}</span>
      <span class="mono">{formatDuration(Math.max(0, nowMs - sinceMs))}</span>
      <span class="quiet cut">{isStopping ? "the guest is asked to quit, then ended" : (stage?.detail ?? "")}</span>
      {stage?.amount == null ? null : <progress value={stage.amount.doneBytes} max={stage.amount.totalBytes} aria-label={stage.detail} />}
    </li>
  );
}
