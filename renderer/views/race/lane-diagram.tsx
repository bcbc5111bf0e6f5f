import type { Signal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Trace } from "../../../src/races/trace.ts";
import { brokenText, changesOf } from "../../../src/report/race-text.ts";
import { laneRange, moveStep } from "./lanes.ts";

/** A lane an actor, a row a step. The arrow keys go from step to step. */
export function LaneDiagram({ trace, step }: { readonly trace: Trace; readonly step: Signal<number> }): JSX.Element {
  const { lanes, steps } = trace;
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" }), [step.value, trace]);
  const onKeyDown = (event: KeyboardEvent): void => {
    const next = event.ctrlKey || event.metaKey || event.altKey ? null : moveStep(event.key, step.value, steps.length);
    if (next === null) return;
    event.preventDefault();
    step.value = next;
  };
  const columns = { gridTemplateColumns: `36px ${lanes.map(lanePx).map((px) => `${px}px`).join(" ")} minmax(0, 1fr)` };
  return (
    <div class="lanes">
      <div class="lane-row lane-heads" style={columns} aria-hidden="true">
        <span />
        {lanes.map((name) => (
          <span key={name} class="lane-head">{name}</span>
        ))}
        <span />
      </div>
      <div ref={list} class="lane-steps" role="listbox" aria-label="Steps in order" aria-activedescendant={`lane-step-${step.value}`} tabIndex={0} data-pane="lanes" onKeyDown={onKeyDown}>
        {steps.map(({ lane, name, broken, touches }, index) => (
          <div
            key={index}
            id={`lane-step-${index}`}
            class={`lane-row lane-step${broken.length > 0 ? " broken" : ""}${index > 0 && steps[index - 1]!.lane !== lane ? " turns" : ""}`}
            style={columns}
            role="option"
            aria-selected={index === step.value}
            onClick={() => (step.value = index)}
          >
            <span class="lane-number number">{index + 1}</span>
            {lanes.map((actor, place) => (
              <LaneCell key={actor} isHere={place === lane} isBroken={broken.length > 0} part={laneRange(trace, place, index)} />
            ))}
            <span class="lane-text">
              <span class="unseen">{`${lanes[lane]}: `}</span>
              <code class="lane-name">{name}</code>
              {changesOf(trace, index).map((change) => (
                <code key={change} class="lane-change">{change.replace(" -> ", " → ")}</code>
              ))}
              {broken.length === 0 ? null : <strong class="lane-broken">{touches === "" ? broken.join("; ") : brokenText(trace, steps[index]!)}</strong>}
            </span>
          </div>
        ))}
      </div>
    </div>
  );
}

/** Every row is a grid of its own: lanes are as wide as their names, whatever is in the rows. */
const lanePx = (name: string): number => Math.max(48, 20 + 8 * name.length);

/** The actor's line, thick from its first step to its last, with a mark where it takes this step. */
function LaneCell({ isHere, isBroken, part }: { readonly isHere: boolean; readonly isBroken: boolean; readonly part: "before" | "within" | "after" }): JSX.Element {
  return (
    <span class={`lane-cell ${part}`} aria-hidden="true">
      {isHere ? <span class={isBroken ? "lane-mark bad" : "lane-mark"}>{isBroken ? "✕" : ""}</span> : null}
    </span>
  );
}
