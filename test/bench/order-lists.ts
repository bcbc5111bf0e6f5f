import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runChecked } from "../../src/lab/process.ts";
import type { BenchTask } from "./task.ts";

/** The same allocator in C, to know what the machine could do. */

// This module is bundled into dist/.
const sourcePath = fileURLToPath(new URL("../test/bench/order-lists.c", import.meta.url));
const deadlineMs = 120_000;

export interface SequenceOutcome {
  /** Of the slots that the first round handed out. */
  readonly checksum: number;
  readonly slotsPerSecond: number;
}

export async function buildOrderLists({ folder, signal }: BenchTask): Promise<string> {
  const path = join(folder, "order-lists");
  await runChecked("gcc", ["-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror", "-o", path, sourcePath], { deadlineMs, signal });
  return path;
}

export async function playOrderLists(path: string, areaSlots: number, order: number, durationMs: number, { signal }: BenchTask): Promise<SequenceOutcome> {
  const { stdout } = await runChecked(path, [String(areaSlots), String(order), String(durationMs)], { deadlineMs, signal });
  const [checksum = 0, slots = 0, tookNs = 0] = stdout.trim().split(" ").map(Number);
  return { checksum, slotsPerSecond: slots / (tookNs / 1e9) };
}
