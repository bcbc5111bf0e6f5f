import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Exploration } from "../../src/races/explorer.ts";
import type { Model } from "../../src/races/model.ts";
import { scenarios } from "../../src/races/scenarios.ts";
import { defaultSwitches, type Variant } from "../../src/races/switches.ts";
import { buildSpin, searchWithSpin, type SpinPlace } from "../races/spin.ts";
import { type Figure, ratios } from "./figure.ts";
import { repeat, type BenchTask } from "./task.ts";

// This module is bundled into dist/.
const source = fileURLToPath(new URL("../test/races/swapoff.pml", import.meta.url));

/** Two million states: more than the processor's caches hold, and a few seconds. */
const variant: Variant = { ...defaultSwitches, fix: true, processes: 7, without: null };
/** The same code on fewer states, until it is compiled, as SPIN's search is before it starts. */
const warmUp: Variant = { ...variant, processes: 5 };
const statesAtATime = 100_000;

/** What SPIN's search is compiled with beside what makes the same of it: optimized, and breadth first as ours or depth first as it is by default. */
const rivals = [
  { name: "SPIN, breadth first", flags: ["-O2", "-DNOBOUNDCHECK", "-DBFS"] },
  { name: "SPIN, depth first", flags: ["-O2", "-DNOBOUNDCHECK"] },
] as const;

const section = "races";

/** States a second of processor time, ours and SPIN's, in the same space. */
export async function measureRaces(task: BenchTask): Promise<Figure[]> {
  const places: { place: SpinPlace; path: string }[] = [];
  for (const [index, { flags }] of rivals.entries()) {
    const place = { source, folder: join(task.folder, `spin-${index}`), signal: task.signal };
    places.push({ place, path: await buildSpin(variant, flags, place) });
  }
  await explore(modelOf(warmUp), task);
  const own: number[] = [];
  const theirs: number[][] = rivals.map(() => []);
  let stateCount = 0;
  await repeat(task, task.repetitions.computations, "races: swapoff, exhausted", async () => {
    const ours = await explore(modelOf(variant), task);
    stateCount = ours.stateCount;
    own.push(ours.stateCount / ours.tookS / 1e6);
    for (const [index, { path, place }] of places.entries()) {
      const search = await searchWithSpin(path, place);
      if (search.stateCount !== stateCount) throw new Error(`SPIN has ${search.stateCount} states, we have ${stateCount}`);
      theirs[index]!.push(search.stateCount / search.tookS / 1e6);
    }
  });
  const base = { section, subject: `${(stateCount / 1e6).toFixed(1)} million states` };
  return [
    { ...base, name: "states explored", unit: "M/s", samples: own },
    ...rivals.flatMap(({ name }, index): Figure[] => [
      { ...base, name: `  ${name}`, unit: "M/s", samples: theirs[index]! },
      { ...base, name: `  ours / ${name}`, unit: "x", samples: ratios(own, theirs[index]!) },
    ]),
  ];
}

const modelOf = (asked: Variant): Model => scenarios.find(({ name }) => name === "swapoff")!.build(asked);

async function explore(model: Model, { signal }: BenchTask): Promise<{ stateCount: number; tookS: number }> {
  const startedAt = process.cpuUsage();
  const exploration = new Exploration(model, { stateLimit: Infinity });
  while (exploration.advance(statesAtATime)) {
    await nextTurn();
    signal.throwIfAborted();
  }
  const { user, system } = process.cpuUsage(startedAt);
  return { stateCount: exploration.stateCount, tookS: (user + system) / 1e6 };
}
