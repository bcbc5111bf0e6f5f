import { computed, effect, signal } from "@preact/signals";
import type { RunOutcome } from "../../src/api/lab.ts";
import type { Step } from "../../src/report/result.ts";
import { currentRequest, form } from "./form.ts";
import { errorText, lab } from "./connection.ts";
import { liveReading, type Reading, resultReadings } from "./readings.ts";
import { isBusy, running, RunningRun } from "./run.ts";

/** What the lab's place shows: the run of this window, or an older one that was opened. */
const opened = signal<RunOutcome | null>(null);
/** A run that could not be opened or begun. */
export const openError = signal("");
export const opening = signal("");

export const outcome = computed(() => opened.value ?? running.value?.outcome.value ?? null);
export const result = computed(() => outcome.value?.result ?? null);
/** The run whose console and stages are shown; null for one that was opened. */
export const live = computed(() => (opened.value === null ? running.value : null));

export const readings = computed((): readonly Reading[] => (result.value === null ? (live.value?.steps.value.map(liveReading) ?? []) : resultReadings(result.value)));

/** A step on the time line. */
export interface StepMark {
  readonly index: number;
  readonly op: string;
  readonly text: string;
  readonly durationMs: number;
  /** Checks that differ; null until they have been made. */
  readonly differing: number | null;
}

const markOf = ({ index, op, text, durationMs, checks }: Step): StepMark => ({ index, op, text, durationMs, differing: checks.filter(({ ok }) => !ok).length });

export const stepMarks = computed((): readonly StepMark[] => {
  if (result.value !== null) return result.value.steps.map(markOf);
  return live.value?.steps.value.map(({ index, op, text, durationMs }) => ({ index, op, text, durationMs, differing: null })) ?? [];
});

/** Null follows the newest step, or the first that differs. */
const chosenStep = signal<number | null>(null);

export const stepIndex = computed(() => {
  const marks = stepMarks.value;
  if (chosenStep.value !== null && chosenStep.value < marks.length) return chosenStep.value;
  return result.value?.firstDivergence?.step ?? lastWithPages() ?? Math.max(0, marks.length - 1);
});

/** A run that passed ends with everything freed: the step before that is the one with something to see. */
function lastWithPages(): number | null {
  if (result.value === null) return null;
  const used = readings.value.findLast(({ values }) => (values.get("used_kb")?.kernel ?? 0) > 0);
  return used?.index ?? null;
}

export const step = computed((): Step | null => result.value?.steps[stepIndex.value] ?? null);

export function chooseStep(index: number): void {
  const last = stepMarks.value.length - 1;
  if (last >= 0) chosenStep.value = Math.max(0, Math.min(last, index));
}

/** A run is looked at from its own best place. */
effect(() => {
  void outcome.value;
  chosenStep.value = null;
});

export function startRun(): void {
  if (isBusy.value) return;
  opened.value = null;
  openError.value = "";
  try {
    running.value = new RunningRun(currentRequest(), form.value.keepsGuest);
  } catch (error) {
    openError.value = errorText(error);
  }
}

export async function openRun(name: string): Promise<void> {
  opening.value = name;
  openError.value = "";
  try {
    const found = await lab().call("runs.open", { run: name });
    // Another may have been asked for meanwhile.
    if (opening.value === name) opened.value = found;
  } catch (error) {
    if (opening.value === name) openError.value = errorText(error);
  } finally {
    if (opening.value === name) opening.value = "";
  }
}

/** Back to the run of this window. */
export function showOwnRun(): void {
  opened.value = null;
}
