import type { JSX } from "preact";
import { commandLine } from "../../../src/report/command.ts";
import { raceText, switchSettings } from "../../../src/report/race-text.ts";
import { raceFinding } from "../../../src/report/tour-text.ts";
import type { RaceVisit } from "../../../src/report/tour.ts";
import type { TourRace } from "../../../src/workload/tour-stop.ts";
import { CopyButton } from "../../parts/copy.tsx";
import { VerdictMark } from "../../parts/verdict.tsx";
import { textLook } from "./text-look.ts";

/** A race of the stop and, once it was explored, what came of it. */
export function RaceSection({ race, visit }: { readonly race: TourRace; readonly visit: RaceVisit | undefined }): JSX.Element {
  return (
    <section class="tour-run" aria-label={race.title}>
      <h2>{race.title}</h2>
      {visit === undefined ? <p class="quiet">{[`race ${race.scenario}`, ...switchSettings(race.switches)].join("  ·  ")}</p> : <Explored race={race} visit={visit} />}
    </section>
  );
}

function Explored({ race, visit }: { readonly race: TourRace; readonly visit: RaceVisit }): JSX.Element {
  const { verdict, report, command } = visit;
  return (
    <div class="tour-visit">
      <header>
        <VerdictMark verdict={verdict} />
        {raceFinding(visit, race).map((text, place) => (
          <span key={text} class={place === 0 ? "" : "quiet"}>{text}</span>
        ))}
        <span class="tour-visit-buttons">
          <CopyButton text={() => commandLine(command)} label="Copy command" />
        </span>
      </header>
      {race.whole ? <pre tabIndex={0} aria-label={`${race.title}, as text`}>{raceText(report, textLook, false).join("\n")}</pre> : null}
    </div>
  );
}
