import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Empty, Failure, Loading } from "../../parts/states.tsx";
import { VerdictMark } from "../../parts/verdict.tsx";
import { chooseStop, stop, tourStops, visiting, visits } from "../../state/tour.ts";
import { StopPage } from "./stop-page.tsx";
import "./tour.css";

/** The thread that the lab grew from, stop after stop. */
export function TourView({ onOpen }: { readonly onOpen: (run: string) => void }): JSX.Element {
  const { value, error } = tourStops.loaded.value;
  const page = useRef<HTMLDivElement>(null);
  const name = stop.value?.name;
  useEffect(() => {
    if (page.current !== null) page.current.scrollTop = 0;
  }, [name]);
  if (value === null) return <div class="tour">{error === "" ? <Loading what="Reading the tour…" /> : <Failure message={error}><button onClick={() => void tourStops.load()}>Try again</button></Failure>}</div>;
  return (
    <div class="tour">
      <nav class="tour-list" aria-label="Stops" data-pane="stops">
        <h2>Tour</h2>
        <ol>
          {value.map((one) => (
            <li key={one.name}>
              <button class="plain" aria-current={one.name === name ? "step" : undefined} onClick={() => chooseStop(one.name)}>
                <span class="tour-number number">{one.number}</span>
                <span>{one.title}</span>
                <span class="tour-mark">{visits.value.has(one.name) ? <VerdictMark verdict={visits.value.get(one.name)!.verdict} isShort /> : visiting.value === one.name ? "…" : ""}</span>
              </button>
            </li>
          ))}
        </ol>
      </nav>
      <div ref={page} class="tour-page" role="region" aria-label="Stop" tabIndex={0} data-pane="stop">
        {stop.value === null ? <Empty title="No stops">This lab has no tour.</Empty> : <StopPage key={name} stop={stop.value} stopCount={value.length} onOpen={onOpen} />}
      </div>
    </div>
  );
}
