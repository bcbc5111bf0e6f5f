import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runChecked } from "../../src/lab/process.ts";
import type { BenchTask } from "./task.ts";

/** The sequence of slot-sequence.ts, played by the model and, to know what the machine could do, by the same allocator in C. */

// This module is bundled into dist/.
const sourcePath = fileURLToPath(new URL("../test/bench/order-lists.c", import.meta.url));
const modelPath = fileURLToPath(new URL("bench-slots.mjs", import.meta.url));
const deadlineMs = 120_000;

export interface SequenceOutcome {
  /** Of the slots that the first round handed out. */
  readonly checksum: number;
  readonly slotsPerSecond: number;
}

export interface SequenceRequest {
  readonly areaSlots: number;
  readonly order: number;
  readonly durationMs: number;
}

export async function buildOrderLists({ folder, signal }: BenchTask): Promise<string> {
  const path = join(folder, "order-lists");
  await runChecked("gcc", ["-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror", "-o", path, sourcePath], { deadlineMs, signal });
  return path;
}

export const playOrderLists = async (path: string, request: SequenceRequest, task: BenchTask): Promise<SequenceOutcome> => play(path, argumentsOf(request), task);

export const playModel = async (generation: string, request: SequenceRequest, task: BenchTask): Promise<SequenceOutcome> =>
  play(process.execPath, [modelPath, ...argumentsOf(request), generation], task);

const argumentsOf = ({ areaSlots, order, durationMs }: SequenceRequest): string[] => [areaSlots, order, durationMs].map(String);

async function play(program: string, args: readonly string[], { signal }: BenchTask): Promise<SequenceOutcome> {
  const { stdout } = await runChecked(program, args, { deadlineMs, signal });
  const [checksum = 0, slots = 0, tookNs = 0] = stdout.trim().split(" ").map(Number);
  return { checksum, slotsPerSecond: slots / (tookNs / 1e9) };
}
