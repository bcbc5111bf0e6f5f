import type { Trace } from "../../../src/races/trace.ts";

/** Whether an actor has not begun, is on its way or is done after a step. */
export function laneRange({ steps }: Pick<Trace, "steps">, lane: number, index: number): "before" | "within" | "after" {
  const first = steps.findIndex((step) => step.lane === lane);
  const last = steps.findLastIndex((step) => step.lane === lane);
  return first < 0 || index < first ? "before" : index > last ? "after" : "within";
}

/** The step that a key leads to; null for a key that leads nowhere. */
export function moveStep(key: string, from: number, stepCount: number): number | null {
  const to = { ArrowDown: from + 1, ArrowRight: from + 1, ArrowUp: from - 1, ArrowLeft: from - 1, Home: 0, End: stepCount - 1 }[key];
  return to === undefined || stepCount === 0 ? null : Math.max(0, Math.min(stepCount - 1, to));
}
