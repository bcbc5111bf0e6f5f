import type { LiveStep, StepReading } from "../api/lab.ts";
import type { Observation } from "../workload/observation.ts";
import type { DoneStep } from "./steps.ts";

/** What both sides count in a step, as it is told while the run goes on. */
export function liveStep({ op, text, durationMs, observation }: DoneStep, predicted: Observation): Omit<LiveStep, "atMs" | "map"> {
  return { index: observation.step, op, text, durationMs, model: reading(predicted), kernel: reading(observation) };
}

const reading = ({ swapAreas, vmstat, gauges, folioStats, calls }: Observation): StepReading => ({
  usedKb: swapAreas.reduce((sum, { usedKb }) => sum + usedKb, 0),
  vmstat,
  gauges,
  folioStats: Object.fromEntries(Object.entries(folioStats)),
  calls,
});
