import type { GuestPlan } from "../../src/lab/guest-plan.ts";
import { type Figure, ratios } from "./figure.ts";
import { kernelNames, planTcgGuest, untilRestored, withGuest } from "./guests.ts";
import { repeat, type BenchTask } from "./task.ts";

const section = "start";

/** How soon a guest speaks: booted, and restored from its saved state. */
export async function measureStart(task: BenchTask): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const kernel of kernelNames) figures.push(...(await startFigures(kernel, task)));
  return figures;
}

async function startFigures(kernel: string, task: BenchTask): Promise<Figure[]> {
  // A guest that swaps to brd answers its first request as soon as it runs; with nvme a disk is plugged in before.
  const [plain, withDisk] = [await planTcgGuest(kernel, "brd", task), await planTcgGuest(kernel, "nvme", task)];
  const cold: number[] = [];
  const warm: number[] = [];
  const warmWithDisk: number[] = [];
  await repeat(task, task.repetitions.guests, `start of ${kernel}`, async () => {
    cold.push(await coldSeconds(plain, task));
    warm.push(await warmSeconds(plain, task));
    warmWithDisk.push(await warmSeconds(withDisk, task));
  });
  const base = { section, subject: `kernel ${kernel}` };
  return [
    { ...base, name: "cold: QEMU start to agent's hello", unit: "s", aim: 5, samples: cold },
    { ...base, name: "warm: QEMU start to first reply", unit: "s", aim: 0.5, samples: warm },
    { ...base, name: "  cold / warm", unit: "x", samples: ratios(cold, warm) },
    { ...base, name: "warm: QEMU start to nvme disk found", unit: "s", samples: warmWithDisk },
  ];
}

function coldSeconds(plan: GuestPlan, task: BenchTask): Promise<number> {
  return withGuest(plan, true, task, ({ helloMs }) => {
    if (helloMs === null) throw new Error("a guest that booted never said hello");
    return helloMs / 1000;
  });
}

/** From starting QEMU until the request for the swap device is answered: the first one after a restore. */
function warmSeconds(plan: GuestPlan, task: BenchTask): Promise<number> {
  return untilRestored(() => withGuest(plan, false, task, ({ start, readyMs }) => ({ start, value: readyMs / 1000 })));
}
