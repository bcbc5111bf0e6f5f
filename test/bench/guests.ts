import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import type { LabTask } from "../../src/api/lab.ts";
import { defaultMemoryMb } from "../../src/api/request.ts";
import { type GuestPlan, planGuest, startGuest } from "../../src/lab/guest-plan.ts";
import type { PreparedGuest } from "../../src/lab/start.ts";
import type { DeviceName } from "../../src/workload/ops.ts";
import type { BenchTask } from "./task.ts";

/** The series that are measured. */
export const kernelNames = ["6.1", "6.12"] as const;

const quietly = ({ signal }: BenchTask): LabTask => ({ signal, progress: () => undefined });

/** TCG is what every host has; figures of two hosts could not be held together otherwise. */
export function planTcgGuest(kernel: string, device: DeviceName, task: BenchTask): Promise<GuestPlan> {
  return planGuest({ kernel, devices: [device], memoryMb: defaultMemoryMb, accelerator: "tcg", cpuCount: 1 }, quietly(task));
}

/** Starts a guest, hands it over, and ends it. */
export async function withGuest<Value>(plan: GuestPlan, cold: boolean, task: BenchTask, work: (guest: PreparedGuest) => Promise<Value> | Value): Promise<Value> {
  const folder = await mkdtemp(join(task.folder, "guest-"));
  try {
    const files = { scratchPath: folder, pathOf: (file: string) => join(folder, file) };
    const guest = await startGuest(plan, files, cold, quietly(task));
    try {
      return await work(guest);
    } finally {
      guest.session.close();
      await guest.machine.stop();
      await guest.log.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A saved state may be pushed out of the cache by runs beside this one: then the guest has booted, and saved it again. */
const attemptsMax = 4;

/** Does it again until it was a start from a saved state. */
export async function untilRestored<Value>(once: () => Promise<{ start: string; value: Value }>): Promise<Value> {
  for (let attempt = 1; attempt <= attemptsMax; attempt++) {
    const { start, value } = await once();
    if (start === "restored") return value;
  }
  throw new Error(`${attemptsMax} guests in a row booted, though their state should have been saved`);
}
