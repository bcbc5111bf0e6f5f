import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { mailLook } from "../../../src/report/look.ts";
import { designsTable } from "../../../src/report/designs.ts";
import { plural } from "../../../src/report/text.ts";
import { visitText } from "../../../src/report/tour-text.ts";
import type { StopVisit } from "../../../src/report/tour.ts";
import type { TourRun, TourStop } from "../../../src/workload/tour-stop.ts";
import { CopyButton } from "../../parts/copy.tsx";
import { Choice } from "../../parts/field.tsx";
import { Failure, Turning } from "../../parts/states.tsx";
import { kernels } from "../../state/lists.ts";
import { failedVisit, moveStop, visit, visiting, visits, visitStop } from "../../state/tour.ts";
import { ComparisonSection } from "./comparison-section.tsx";
import { RaceSection } from "./race-section.tsx";
import { RunVisitView } from "./run-visit.tsx";
import { textLook } from "./text-look.ts";

interface StopPageProps {
  readonly stop: TourStop;
  readonly stopCount: number;
  readonly onOpen: (run: string) => void;
}

/** What was asked, what shows it, what came of it, and why. */
export function StopPage({ stop, stopCount, onOpen }: StopPageProps): JSX.Element {
  const found = visits.value.get(stop.name) ?? null;
  const failed = failedVisit.value?.name === stop.name ? failedVisit.value.error : "";
  return (
    <article>
      <header>
        <p class="quiet">{`Stop ${stop.number} of ${stopCount}`}</p>
        <h1>{stop.title}</h1>
      </header>
      <section aria-label="What was asked">
        {stop.asked.map((text) => (
          <p key={text}>{text}</p>
        ))}
      </section>
      {plans(stop).length === 0 ? null : <RunHere stop={stop} found={found} />}
      {failed === "" ? null : <Failure message={failed} />}
      {stop.races.map((race, index) => (
        <RaceSection key={race.title} race={race} visit={found?.races[index]} />
      ))}
      {stop.runs.map((run, index) => (
        <RunOfStop key={run.title} run={run} index={index} found={found} onOpen={onOpen} />
      ))}
      {stop.comparisons.map((asked, index) => (
        <ComparisonSection key={asked.title} asked={asked} visit={found?.comparisons[index]} isLeftOut={found?.isComplete === true && found.comparisons.length === 0} />
      ))}
      {found?.designs == null ? null : <pre tabIndex={0} aria-label="What the designs cost">{designsTable(found.designs, textLook, false).join("\n")}</pre>}
      <section aria-label="Why it is so">
        <h2>Why it is so</h2>
        {stop.explained.map((text) => (
          <p key={text}>{text}</p>
        ))}
      </section>
      {stop.cards.length === 0 ? null : (
        <section aria-label="Also said">
          <h2>Also said</h2>
          <div class="tour-cards">
            {stop.cards.map(({ name, title, text }) => (
              <section key={name} class="tour-card">
                <h3>{title}</h3>
                {text.map((paragraph) => (
                  <p key={paragraph}>{paragraph}</p>
                ))}
              </section>
            ))}
          </div>
        </section>
      )}
      <footer>
        <button disabled={stop.number === 1} onClick={() => moveStop(-1)}>← Stop before</button>
        <button disabled={stop.number === stopCount} onClick={() => moveStop(1)}>Next stop →</button>
      </footer>
    </article>
  );
}

/** What a visit does, a sentence for each kind; none where there is only text. */
function plans({ races, runs, comparisons }: TourStop): string[] {
  return [
    ...(races.length === 0 ? [] : [`${plural(races.length, "race")}: every order of steps is tried.`]),
    ...(runs.length === 0 ? [] : [`${plural(runs.length, "experiment")}: the model says what will happen, then kernels do it.`]),
    ...(comparisons.length === 0 ? [] : [`${plural(comparisons.length, "comparison")}: two kernels do the same, one beside the other.`]),
  ];
}

/** The button that visits the stop, and what it is doing. */
function RunHere({ stop, found }: { readonly stop: TourStop; readonly found: StopVisit | null }): JSX.Element {
  const kernel = useSignal("");
  const isHere = visiting.value === stop.name;
  const isElsewhere = visiting.value !== "" && !isHere;
  const choices = [["", "those it is about"] as const, ...(kernels.loaded.value.value ?? []).map(({ series, fetched }) => [series, fetched ? series : `${series} (to be fetched)`] as const)];
  return (
    <div class="tour-run-here">
      {stop.runs.length + stop.comparisons.length === 0 ? null : <Choice label="Kernels" width={170} value={kernel.value} choices={choices} onChange={(value) => (kernel.value = value)} />}
      {isHere ? (
        <button class="danger" disabled={visit.isStopping.value} onClick={() => visit.stop()}>{visit.isStopping.value ? "Stopping…" : "Stop"}</button>
      ) : (
        <button class="main" disabled={isElsewhere} onClick={() => void visitStop(stop.name, kernel.value)}>{found === null ? "Run here" : "Run again"}</button>
      )}
      <p class="quiet" role="status">
        {isHere ? (
          <>
            <Turning /> {visit.stage.value === "" ? "Starting…" : visit.stage.value}
          </>
        ) : isElsewhere ? (
          "Another stop is running."
        ) : found === null ? (
          plans(stop).join(" ")
        ) : found.isComplete ? "" : "It was stopped before its last run."}
      </p>
      {found === null ? null : <CopyButton text={() => `${visitText(found, mailLook).join("\n")}\n`} label="Copy for a mail" />}
    </div>
  );
}

function RunOfStop({ run, index, found, onOpen }: { readonly run: TourRun; readonly index: number; readonly found: StopVisit | null; readonly onOpen: (run: string) => void }): JSX.Element {
  const visited = found?.runs.filter((one) => one.index === index) ?? [];
  const facts = [run.experiment, run.device, run.folio, run.size, run.cpus === undefined ? undefined : `${run.cpus} vCPUs`, run.kernels.length === 0 ? "every kernel" : `kernels ${run.kernels.join(", ")}`];
  return (
    <section class="tour-run" aria-label={run.title}>
      <h2>{run.title}</h2>
      {visited.length === 0 ? <p class="quiet">{facts.filter((fact) => fact !== undefined).join("  ·  ")}</p> : visited.map((one) => <RunVisitView key={one.kernel} visit={one} onOpen={onOpen} />)}
    </section>
  );
}
