import type { KernelNames } from "../model/kernel-names.ts";
import { checkNameFor, type TourShow } from "../workload/tour-stop.ts";
import type { Check, Step } from "./result.ts";

/** The few checks of a run that a stop shows. */
export interface ShownSteps {
  /** All steps, each with the checks chosen from it, in the order in which the stop names them. */
  readonly steps: readonly Step[];
  /** What the stop names and the run does not have, in words. */
  readonly missing: readonly string[];
}

export function chooseShown(steps: readonly Step[], shows: readonly TourShow[], names: KernelNames): ShownSteps {
  const chosen = new Map<Step, Check[]>(steps.map((step) => [step, []]));
  const missing: string[] = [];
  for (const { op, nth, check, some } of shows) {
    const ofThisOp = steps.filter((step) => step.op === op);
    const meant = nth === "each" ? ofThisOp : ofThisOp.slice(nth - 1, nth);
    const name = checkNameFor(check, names);
    const where = `step ${op}${nth === 1 || nth === "each" ? "" : ` number ${nth}`}`;
    if (meant.length === 0) missing.push(where);
    for (const step of meant) {
      const found = step.checks.find((candidate) => candidate.name === name);
      if (found !== undefined) chosen.get(step)!.push(found);
      else if (!some) missing.push(`${name ?? check} in ${where}`);
    }
  }
  return { steps: steps.map((step) => ({ ...step, checks: chosen.get(step)! })), missing };
}
