import type { LiveStep, StepReading } from "../api/lab.ts";
import type { Observation } from "../workload/observation.ts";
import type { DoneStep } from "./steps.ts";

/** A step as it is told while the run goes on. `atMs` is the time since the run was asked for. */
export function liveStep({ op, text, durationMs, observation }: DoneStep, predicted: Observation, atMs: number): LiveStep {
  return { index: observation.step, op, text, atMs, durationMs, model: reading(predicted), kernel: reading(observation) };
}

const reading = ({ swapAreas, vmstat, gauges, folioStats, calls }: Observation): StepReading => ({
  usedKb: swapAreas.reduce((sum, { usedKb }) => sum + usedKb, 0),
  vmstat,
  gauges,
  folioStats: Object.fromEntries(Object.entries(folioStats)),
  calls,
});
