import type { Command } from "./shell/commands.ts";
import type { PaletteItem } from "./shell/palette.tsx";
import { goTo, place } from "./shell/place.ts";
import { lenses } from "./slot-map/cells.ts";
import { editExperiment, isEditing, leaveEditor, newExperiment, runDraft, save } from "./state/editor.ts";
import { changeForm, form } from "./state/form.ts";
import { experiments, kernels, runs } from "./state/lists.ts";
import { mapState } from "./state/maps.ts";
import { canRun, isBusy, running } from "./state/run.ts";
import { chooseStep, openRun, result, startRun, stepIndex, stepMarks } from "./state/shown.ts";
import { isFolded, showTab, tabNames, tabTitles } from "./views/run/tabs.tsx";
import { onlyDiffering } from "./views/side-by-side/checks.tsx";

/** What can be done in the lab's place, each with its key. */

const zoomStep = 1.6;
const isThere = (): boolean => place.value === "lab" && !isEditing.value;
const hasMaps = (): boolean => isThere() && mapState.pair.value !== null;
const hasSteps = (): boolean => isThere() && stepMarks.value.length > 0;
const lensNames = { state: "state", order: "order", owner: "owner", age: "age" } as const;

export const labCommands: readonly Command[] = [
  { id: "run.start", name: "Run", group: "Run", keys: ["R", "Mod+Enter"], isEnabled: () => canRun.value, run: () => {
      goTo("lab");
      if (isEditing.value) void runDraft();
      else startRun();
    } },
  { id: "run.stop", name: "Stop the run, or end the kept guest", group: "Run", keys: ["Mod+."], isEnabled: () => isBusy.value, run: () => running.value?.stop() },
  { id: "experiment.edit", name: "Edit the experiment", group: "Run", keys: ["E"], isEnabled: isThere, run: () => editExperiment(form.value.experiment) },
  { id: "experiment.new", name: "New experiment", group: "Run", keys: [], run: () => {
      goTo("lab");
      newExperiment();
    } },
  { id: "experiment.save", name: "Save the experiment", group: "Run", keys: ["Mod+S"], isEnabled: () => place.value === "lab" && isEditing.value, run: () => save() },
  { id: "step.next", name: "Next step", group: "Steps and slots", keys: ["]"], isEnabled: hasSteps, run: () => chooseStep(stepIndex.value + 1) },
  { id: "step.previous", name: "Previous step", group: "Steps and slots", keys: ["["], isEnabled: hasSteps, run: () => chooseStep(stepIndex.value - 1) },
  { id: "step.first", name: "First step", group: "Steps and slots", keys: ["{"], isEnabled: hasSteps, run: () => chooseStep(0) },
  { id: "step.last", name: "Last step", group: "Steps and slots", keys: ["}"], isEnabled: hasSteps, run: () => chooseStep(stepMarks.value.length - 1) },
  {
    id: "step.first-difference",
    name: "First step that differs",
    group: "Steps and slots",
    keys: ["F"],
    isEnabled: () => isThere() && result.value?.firstDivergence != null,
    run: () => chooseStep(result.value?.firstDivergence?.step ?? 0),
  },
  { id: "slot.next-difference", name: "Next slot that differs", group: "Steps and slots", keys: ["N"], isEnabled: hasMaps, run: () => mapState.chooseDifference(1) },
  { id: "slot.previous-difference", name: "Previous slot that differs", group: "Steps and slots", keys: ["P"], isEnabled: hasMaps, run: () => mapState.chooseDifference(-1) },
  { id: "checks.only-differing", name: "Checks: differences only", group: "Steps and slots", keys: ["D"], isEnabled: isThere, run: () => (onlyDiffering.value = !onlyDiffering.value) },
  ...lenses.map((lens, index): Command => ({ id: `map.${lens}`, name: `Colour by ${lensNames[lens]}`, group: "Map", keys: [String(index + 1)], isEnabled: hasMaps, run: () => (mapState.lens.value = lens) })),
  { id: "map.table", name: "Table or maps", group: "Map", keys: ["T"], isEnabled: hasMaps, run: () => (mapState.isTable.value = !mapState.isTable.value) },
  { id: "map.larger", name: "Larger", group: "Map", keys: ["+", "="], isEnabled: hasMaps, run: () => mapState.zoom(zoomStep) },
  { id: "map.smaller", name: "Smaller", group: "Map", keys: ["-"], isEnabled: hasMaps, run: () => mapState.zoom(1 / zoomStep) },
  { id: "map.all", name: "The whole area", group: "Map", keys: ["0"], isEnabled: hasMaps, run: () => mapState.showAll() },
  ...tabNames.map((name, index): Command => ({ id: `tab.${name}`, name: `Show ${tabTitles[name].toLowerCase()}`, group: "Run", keys: [`Shift+F${index + 1}`], isEnabled: isThere, run: () => showTab(name) })),
  { id: "tab.fold", name: "Fold away or open what is below the maps", group: "Run", keys: ["B"], isEnabled: isThere, run: () => (isFolded.value = !isFolded.value) },
];

/** Experiments, kernels and runs for the palette. */
export function labItems(): PaletteItem[] {
  const inLab = (act: () => void) => (): void => {
    goTo("lab");
    leaveEditor(act);
  };
  return [
    ...(experiments.loaded.value.value ?? []).map(({ name, title }) => ({ id: `experiment ${name}`, kind: "experiment", name, detail: title, key: undefined, choose: inLab(() => changeForm({ experiment: name })) })),
    ...(kernels.loaded.value.value ?? []).map(({ series, release }) => ({ id: `kernel ${series}`, kind: "kernel", name: `kernel ${series}`, detail: release, key: undefined, choose: inLab(() => changeForm({ kernel: series })) })),
    ...(runs.loaded.value.value?.runs ?? []).flatMap((run) =>
      run.ok ? [{ id: `run ${run.name}`, kind: "run", name: run.name, detail: `${run.verdict}, ${run.experiment}, ${run.release}`, key: undefined, choose: inLab(() => void openRun(run.name)) }] : [],
    ),
  ];
}
