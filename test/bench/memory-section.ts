import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { compareSwapState } from "../../src/compare/memory.ts";
import { generationOf, readBtf } from "../../src/lab/generation.ts";
import { readGuestFacts } from "../../src/lab/guest-facts.ts";
import { KernelMemory } from "../../src/lab/kernel-memory.ts";
import { WorkloadPlayer } from "../../src/lab/steps.ts";
import { SwapMemory } from "../../src/lab/swap-memory.ts";
import { x86_64 } from "../../src/model/geometry.ts";
import type { Op, Workload } from "../../src/workload/ops.ts";
import { oneArea } from "../../src/workload/areas-fixture.ts";
import { Machine } from "../../src/workload/machine.ts";
import type { Figure } from "./figure.ts";
import { planTcgGuest, withGuest } from "./guests.ts";
import { repeat, type BenchTask } from "./task.ts";

const section = "memory";
/** One of each family: bytes and trees, bytes and tables, tables alone. */
const kernelNames = ["6.12", "6.18", "7.3"] as const;
const device = "nvme";
/** 1 GiB. */
const areaSlots = 2 ** 18;
/** 256 MiB are out, as base pages, which takes a reader the most of everything. */
const pageCount = 2 ** 16;
/** A picture is taken so often for each guest. */
const picturesPerGuest = 5;

/** How long the guest stands still while its swap core is read, and how long it takes to lay that beside the model. */
export async function measureMemory(task: BenchTask): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const kernel of kernelNames) figures.push(...(await memoryFigures(kernel, task)));
  return figures;
}

function workload(): Workload {
  const at = { in: "main", region: "a", cpu: 0 } as const;
  const range = { firstPage: 0, pageCount };
  const ops: readonly Op[] = [
    { op: "map", ...at, pageCount, folioOrder: 0, share: "private" },
    { op: "fill", ...at, range, pattern: { kind: "words" } },
    { op: "pageout", ...at, range },
  ];
  return { name: "bench", title: "", ops, ...oneArea(areaSlots, device) };
}

async function memoryFigures(kernel: string, task: BenchTask): Promise<Figure[]> {
  const plan = await planTcgGuest(kernel, device, task);
  const btf = await readBtf(plan.kernel.vmlinuxPath, plan.kernel.release);
  const generation = generationOf(btf, plan.kernel.release);
  const { ops, ...rest } = workload();
  const machine = new Machine({ generation, geometry: x86_64, scanStarts: [] }, rest);
  machine.start();
  for (const op of ops) machine.execute(op);

  const stoppedMs: number[] = [];
  const comparedMs: number[] = [];
  const bothMs: number[] = [];
  await repeat(task, Math.ceil(task.repetitions.guests / 3), `the memory of ${kernel}`, () =>
    withGuest(plan, false, task, async ({ machine: guest, session, messages }) => {
      const scratchPath = join(task.folder, `memory-${kernel}`);
      await mkdir(scratchPath, { recursive: true });
      const memory = await SwapMemory.open(new KernelMemory(guest, scratchPath, task.signal), readGuestFacts(messages, x86_64.pageSizeBytes / 1024), btf);
      const player = new WorkloadPlayer(session, null, workload(), x86_64);
      await player.start(() => undefined);
      await player.play(() => undefined);
      for (let index = 0; index < picturesPerGuest; index++) {
        const startedAtMs = performance.now();
        const picture = await memory.take();
        const takenAtMs = performance.now();
        const differing = compareSwapState(machine.swapState(), picture.state).filter(({ ok }) => !ok);
        const endedAtMs = performance.now();
        if (differing.length > 0) throw new Error(`${kernel} and the model differ in ${differing.map(({ name }) => name).join(", ")}`);
        stoppedMs.push(picture.stoppedMs);
        comparedMs.push(endedAtMs - takenAtMs);
        bothMs.push(endedAtMs - startedAtMs);
      }
    }),
  );
  const base = { section, subject: `kernel ${kernel}, a 1 GiB area with 256 MiB out` };
  return [
    { ...base, name: "guest stopped and read", unit: "ms", samples: stoppedMs },
    { ...base, name: "compared with the model", unit: "ms", samples: comparedMs },
    { ...base, name: "both", unit: "ms", aim: 100, samples: bothMs },
  ];
}
