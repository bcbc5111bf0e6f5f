import type { JSX } from "preact";
import { areaNames } from "../../../src/report/labels.ts";
import { Empty, Loading } from "../../parts/states.tsx";
import { SlotMaps } from "../../slot-map/slot-maps.tsx";
import { areaIndex, areas, mapsError, mapState } from "../../state/maps.ts";
import { isBusy } from "../../state/run.ts";
import { chooseStep, live, opening, result, step, stepIndex, stepMarks } from "../../state/shown.ts";
import { Checks } from "./checks.tsx";
import "./side-by-side.css";

/** The heart: both sides' slots after the chosen step, and what was compared. */
export function SideBySide(): JSX.Element {
  return (
    <div class="side-by-side">
      <div class="side-maps">
        <MapsOrWhy />
      </div>
      <Checks />
    </div>
  );
}

function MapsOrWhy(): JSX.Element {
  const pair = mapState.pair.value;
  if (pair !== null) {
    return (
      <>
        <AreaChoice />
        <SlotMaps state={mapState} pair={pair}>
          <StepSlider />
        </SlotMaps>
      </>
    );
  }
  if (mapsError.value !== "") return <Empty title="No slot maps">{mapsError.value}</Empty>;
  if (opening.value !== "") return <Loading what={`Opening ${opening.value}…`} />;
  if (live.value !== null && isBusy.value) return <Loading what="The maps come with the first step." />;
  if (result.value !== null) return <Empty title="No slot maps">{result.value.steps.length === 0 ? "The run ended before its first step." : "This run has none."}</Empty>;
  return (
    <Empty title="Predicted, then watched">
      <p>
        Choose an experiment and press Run. A real kernel boots in QEMU and carries it out, while a model of its swap core says what it will do. Here every swap slot of both is drawn side by side,
        step by step, read out of the stopped kernel’s memory.
      </p>
    </Empty>
  );
}

/** Only where there are several. */
function AreaChoice(): JSX.Element | null {
  if (areas.value.length < 2) return null;
  const names = areaNames(step.value?.checks ?? []);
  return (
    <div class="area-choice" role="group" aria-label="Swap area">
      <span class="quiet">Swap area</span>
      {areas.value.map(({ swapType }, index) => (
        <button key={swapType} class="plain" aria-pressed={areaIndex.value === index} onClick={() => (areaIndex.value = index)}>
          {names.get(`swap${swapType}`) ?? `swap type ${swapType}`}
        </button>
      ))}
    </div>
  );
}

function StepSlider(): JSX.Element {
  const marks = stepMarks.value;
  const index = stepIndex.value;
  return (
    <label class="step-slider">
      <span class="quiet">step</span>
      <input type="range" min={0} max={Math.max(0, marks.length - 1)} value={index} aria-valuetext={`${index}: ${marks[index]?.text ?? ""}`} onInput={(event) => chooseStep(Number(event.currentTarget.value))} />
      <span class="mono cut" title={marks[index]?.text}>{`${index} ${marks[index]?.op ?? ""}`}</span>
    </label>
  );
}
