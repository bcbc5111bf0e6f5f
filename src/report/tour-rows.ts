import type { KernelNames } from "../model/kernel-names.ts";
import { shownName, type TourShow } from "../workload/tour-stop.ts";
import type { Check, Reading, Step } from "./result.ts";

/** The few checks and readings of a run that a stop shows. */
export interface ShownSteps {
  /** All steps, each with what was chosen from it, in the order in which the stop names it. */
  readonly steps: readonly Step[];
  /** What the stop names and the run does not have, in words. */
  readonly missing: readonly string[];
}

export function chooseShown(steps: readonly Step[], shows: readonly TourShow[], names: KernelNames): ShownSteps {
  const checks = new Map<Step, Check[]>(steps.map((step) => [step, []]));
  const readings = new Map<Step, Reading[]>(steps.map((step) => [step, []]));
  const missing: string[] = [];
  for (const show of shows) {
    const { op, nth, kind, some } = show;
    const ofThisOp = steps.filter((step) => step.op === op);
    const meant = nth === "each" ? ofThisOp : ofThisOp.slice(nth - 1, nth);
    const name = shownName(show, names);
    const where = `step ${op}${nth === 1 || nth === "each" ? "" : ` number ${nth}`}`;
    if (meant.length === 0) missing.push(where);
    for (const step of meant) {
      if (kind === "reading" && name !== null && step.readings !== undefined) {
        // What did not happen has no reading.
        readings.get(step)!.push(step.readings.find((reading) => reading.name === name) ?? { name, value: name.startsWith("returns.") ? "none" : 0 });
        continue;
      }
      const found = step.checks.find((candidate) => candidate.name === name);
      if (kind === "check" && found !== undefined) checks.get(step)!.push(found);
      else if (!some) missing.push(`${name ?? show.name} in ${where}`);
    }
  }
  return { steps: steps.map((step) => trimmed(step, checks.get(step)!, readings.get(step)!)), missing };
}

function trimmed(step: Step, checks: Check[], readings: Reading[]): Step {
  const { index, op, text, durationMs } = step;
  return { index, op, text, durationMs, checks, ...(readings.length > 0 && { readings }) };
}
