import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { defaultMemoryMb } from "../../src/api/request.ts";
import { openExperiment, parseExperiment } from "../../src/lab/experiments.ts";
import { generationOf, readBtf } from "../../src/lab/generation.ts";
import { readGuestFacts } from "../../src/lab/guest-facts.ts";
import { planGuest, startGuest } from "../../src/lab/guest-plan.ts";
import { KernelMemory } from "../../src/lab/kernel-memory.ts";
import { type DoneStep, WorkloadPlayer } from "../../src/lab/steps.ts";
import { openKernel } from "../../src/lab/kernels/open.ts";
import { SwapMemory } from "../../src/lab/swap-memory.ts";
import { x86_64 } from "../../src/model/geometry.ts";
import { predict } from "../../src/workload/predict.ts";
import type { Observation } from "../../src/workload/observation.ts";
import type { SwapState } from "../../src/workload/swap-state.ts";

export interface Asked {
  readonly experiment: string;
  readonly kernel: string;
  readonly device: string;
  readonly folio: string;
}

/** What the guest said of itself after a step, what its memory held then, and what the model says it holds. */
export interface SeenStep {
  readonly text: string;
  readonly observation: Observation;
  readonly memory: SwapState;
  readonly model: SwapState;
}

const task = { signal: new AbortController().signal, progress: () => {} };

/** An experiment in a guest, without any comparison. */
export async function playInGuest(folder: string, { experiment, kernel, device, folio }: Asked): Promise<SeenStep[]> {
  const { workload } = parseExperiment(openExperiment(experiment), { own: {}, device, folio });
  const plan = await planGuest({ kernel, memoryMb: defaultMemoryMb, devices: workload.areas.map((area) => area.device), cpuCount: workload.cpuCount }, task);
  const btf = await readBtf(plan.kernel.vmlinuxPath, plan.kernel.release);
  const scratchPath = join(folder, "scratch");
  await mkdir(scratchPath, { recursive: true });
  const guest = await startGuest(plan, { scratchPath, pathOf: (name) => join(folder, name) }, false, task);
  try {
    const memory = await SwapMemory.open(new KernelMemory(guest.machine, scratchPath), readGuestFacts(guest.messages, x86_64.pageSizeBytes / 1024), btf);
    const player = new WorkloadPlayer(guest.session, memory, workload, x86_64);
    await player.start(task.progress);
    await player.play(task.progress);
    await guest.session.finish();
    const starts = stateOf(player.steps[0]!).areas[0]!.cpuCursors.map(({ scan_start }) => Number(scan_start));
    const models: SwapState[] = [];
    const generation = generationOf(btf, plan.kernel.release);
    const facts = { generation, geometry: x86_64, scanStarts: generation.features.allocator === "free-list" ? starts : [] };
    predict(workload, facts, (machine) => models.push(machine.swapState()));
    return player.steps.map((step, index) => ({ text: step.text, observation: step.observation, memory: stateOf(step), model: models[index]! }));
  } finally {
    guest.session.close();
    await guest.machine.stop();
    await guest.log.close();
  }
}

function stateOf({ picture, text }: DoneStep): SwapState {
  if (picture === null) throw new Error(`the memory was not read after ${text}`);
  return picture.state;
}

/** A copy of a kernel in whose type information one name is another, of the same length. */
export async function writeRenamedKernel(path: string, series: string, from: string, to: string): Promise<void> {
  const { vmlinuxPath } = await openKernel(series, {});
  const bytes = await readFile(vmlinuxPath);
  let count = 0;
  for (let at = bytes.indexOf(`\0${from}\0`); at >= 0; at = bytes.indexOf(`\0${from}\0`, at + 1)) {
    bytes.write(to, at + 1, "latin1");
    count++;
  }
  if (count === 0 || from.length !== to.length) throw new Error(`"${from}" cannot become "${to}"`);
  await writeFile(path, bytes);
}
