import { setTimeout as later } from "node:timers/promises";
import type { Lab, LiveStep, RunRequest, RunTask } from "../../src/api/lab.ts";
import type { Result } from "../../src/report/result.ts";
import { fakeLab } from "../fake-lab.ts";
import { failResult } from "../sample-results.ts";
import { differingSlot, mapFile, sampleFrames } from "./sample-maps.ts";

/** A run as the page sees one, without a guest: stages, a console, steps with their maps, and a result that fails. */

const slotCheck = {
  name: "memory.swap0.slots",
  kind: "exact" as const,
  model: `slot ${differingSlot}: cached, 1 reference`,
  real: `slot ${differingSlot}: cached, no reference`,
  ok: false,
};

export function sampleResult(): Result {
  const result = failResult();
  return { ...result, steps: result.steps.map((step) => (step.index === 3 ? { ...step, checks: [...step.checks, slotCheck] } : step)) };
}

export interface SampleLab extends Lab {
  readonly requests: RunRequest[];
}

/** `stepMs` is how long each step takes. */
export function sampleLab({ result = sampleResult(), frames = sampleFrames(), stepMs = 20, consoleText = "Linux version 6.12\r\n", more = {} }: { result?: Result; frames?: readonly Uint8Array[]; stepMs?: number; consoleText?: string; more?: Partial<Lab> } = {}): SampleLab {
  const requests: RunRequest[] = [];
  const outcome = { result, bundlePath: "/runs/x" };
  const run = async (request: RunRequest, task: RunTask) => {
    requests.push(request);
    task.progress("restore", "waiting for the guest's first message");
    task.onConsole?.(new TextEncoder().encode(consoleText));
    for (const step of result.steps) {
      task.progress(step.op, step.text);
      await later(stepMs, undefined, { signal: task.signal as AbortSignal });
      task.onStep?.(liveStep(step, frames));
    }
    return outcome;
  };
  const readRunFile: Lab["readRunFile"] = async (_, file) => {
    const bytes = file === "slot-maps.bin" ? mapFile(frames) : new TextEncoder().encode(`${file} of the run\r\n`);
    return { bytes, sizeBytes: bytes.length };
  };
  return { ...fakeLab({ result }), run, readRunFile, ...more, requests };
}

function liveStep({ index, op, text, durationMs }: Result["steps"][number], frames: readonly Uint8Array[]): LiveStep {
  const side = { usedKb: index === 3 ? 16_384 : 0, vmstat: { pswpout: index === 3 ? 4096 : 0 }, gauges: { nr_swapcached: 0 }, folioStats: {}, calls: {} };
  return { index, op, text, atMs: 100 * (index + 1), durationMs, model: side, kernel: side, map: frames[index] ?? null };
}
