import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { Failure, Loading } from "../../parts/states.tsx";
import { changeRace, chooseRace, explore, mutants, race, raceForm, raceList, raceStep, scenario, showsMutants, tryMutants } from "../../state/races.ts";
import { Mutants } from "./mutants.tsx";
import { RaceFormView } from "./race-form.tsx";
import { RaceResult } from "./race-result.tsx";
import "./race.css";

/** Races with swapoff: every order of the steps of a few actors is tried, and one that fails is drawn. */
export function RaceView(): JSX.Element {
  const { value, error } = raceList.loaded.value;
  const first = value?.scenarios[0]?.name;
  useEffect(() => {
    if (first !== undefined && raceForm.peek().scenario === "") chooseRace(first);
  }, [first]);
  if (value === null) return <div class="race-page">{error === "" ? <Loading what="Reading the races…" /> : <Failure message={error}><button onClick={() => void raceList.load()}>Try again</button></Failure>}</div>;
  return (
    <div class="race-page">
      <nav class="race-list" aria-label="Races" data-pane="races">
        <h2>Races</h2>
        <ul>
          {value.scenarios.map(({ name, title }) => (
            <li key={name}>
              <button class="plain" aria-current={!showsMutants.value && raceForm.value.scenario === name ? "true" : undefined} onClick={() => chooseRace(name)}>
                <b>{name}</b>
                <span class="quiet">{title}</span>
              </button>
            </li>
          ))}
          <li>
            <button class="plain" aria-current={showsMutants.value ? "true" : undefined} onClick={tryMutants}>
              <b>What every ordering is for</b>
              <span class="quiet">takes each away, one at a time, and sees what breaks</span>
            </button>
          </li>
        </ul>
      </nav>
      {showsMutants.value ? <Mutants job={mutants} /> : <OneRace />}
    </div>
  );
}

function OneRace(): JSX.Element {
  const found = scenario.value;
  const error = race.error.value;
  const report = race.reply.value;
  // Of the race before, while the first answer of this one is on its way, nothing is shown.
  const isOther = report !== null && report.scenario !== found?.name;
  return (
    <div class="race-one">
      {found === null ? null : <RaceFormView scenario={found} form={raceForm.value} isBusy={race.isBusy.value} onChange={changeRace} onExplore={explore} onStop={() => race.stop()} />}
      {error !== "" ? <Failure message={error} /> : report === null || isOther ? <Loading what={race.stage.value === "" ? "Exploring…" : race.stage.value} /> : <RaceResult report={report} step={raceStep} stage={race.isBusy.value ? race.stage.value || "exploring" : ""} />}
    </div>
  );
}
