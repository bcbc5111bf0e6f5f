import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Generation } from "../../src/model/features.ts";
import { x86_64 } from "../../src/model/geometry.ts";
import { Meter } from "../../src/model/meter.ts";
import type { SwapArea } from "../../src/model/swap-area.ts";
import { SwapCore } from "../../src/model/swap-core.ts";
import { oneArea } from "../../src/workload/areas-fixture.ts";
import { Machine } from "../../src/workload/machine.ts";
import type { Op } from "../../src/workload/ops.ts";
import type { Figure } from "./figure.ts";
import { repeat, type BenchTask } from "./task.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;
const sweepMs = 20;

/** Everything that lives in this process: objects, and the buffers behind typed arrays. */
export async function livingBytes(): Promise<number> {
  // Buffers are let go by another thread, some time after what they belonged to.
  for (let pass = 0; pass < 2; pass++) {
    collectGarbage();
    await sleep(sweepMs);
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Slots of a swap area that stay free in the fullest of the states, so that no scan comes to its end. */
const spareSlots = 2048;

/** What the state of an area should take at most. */
const aimBytes = 2;

/**
 * Bytes that the model keeps for each slot of an area: for the area alone, whose size does not depend on what is in it; with
 * the index of its swap cache; and in a whole machine, with the page tables and the folios that use it.
 */
export async function stateFigures(generation: Generation, areaSlots: number, task: BenchTask): Promise<Figure[]> {
  const pmd = 1 << x86_64.pmdOrder;
  // A small state is made several times over, so that what the engine does for itself meanwhile does not count.
  const states: readonly State[] = [
    { name: "per slot: state of a 1 GiB area", aim: aimBytes, copies: 32, make: () => unusedArea(generation, areaSlots) },
    { name: "  and its swap cache's index, all cached", copies: 8, make: () => cachedArea(generation, areaSlots) },
    {
      name: `  and page tables, folios of order ${x86_64.pmdOrder}`,
      copies: 1,
      make: () => fullArea(generation, areaSlots, x86_64.pmdOrder, areaSlots - 4 * pmd),
    },
    { name: "  and page tables, folios of order 0", copies: 1, make: () => fullArea(generation, areaSlots, 0, areaSlots - spareSlots) },
  ];
  const figures: Figure[] = [];
  for (const { name, copies, make, ...limits } of states) {
    const samples: number[] = [];
    // What the engine itself keeps of the first time stays out.
    make();
    await repeat(task, task.repetitions.computations, `model ${generation.name}: ${name.trim()}`, async () => {
      const before = await livingBytes();
      const made = Array.from({ length: copies }, make);
      const bytes = (await livingBytes()) - before;
      // Naming them here keeps them alive until here.
      samples.push(bytes / (made.length * areaSlots));
    });
    figures.push({ section: "model", subject: `generation ${generation.name}`, name, unit: "B", ...limits, samples });
  }
  return figures;
}

interface State {
  readonly name: string;
  readonly aim?: number;
  readonly copies: number;
  readonly make: () => unknown;
}

function unusedArea({ features }: Generation, slotCount: number): SwapArea {
  const core = new SwapCore(features, x86_64, new Meter(), 1);
  return core.swapOn({ slotCount, synchronous: false, rotating: false, priority: null, ownNode: true, scanStarts: [] });
}

/** The cache's index holds something for every slot. */
function cachedArea(generation: Generation, slotCount: number): SwapArea {
  const area = unusedArea(generation, slotCount);
  for (let slot = 0; slot < slotCount; slot += area.clusterSlots) area.setCached(slot, Math.min(area.clusterSlots, slotCount - slot), slot);
  return area;
}

/** The whole model, page tables and folios included, after a page-out on a device that takes its time: everything is still cached. */
function fullArea(generation: Generation, swapPageCount: number, folioOrder: number, pageCount: number): unknown {
  const machine = new Machine({ generation, geometry: x86_64, scanStarts: [] }, oneArea(swapPageCount));
  const at = { in: "main", region: "a" } as const;
  const range = { firstPage: 0, pageCount };
  const ops: readonly Op[] = [
    { op: "map", ...at, pageCount, folioOrder, share: "private" },
    { op: "fill", ...at, range, pattern: { kind: "words" } },
    { op: "pageout", ...at, range },
  ];
  machine.start();
  for (const op of ops) {
    const { placements } = machine.execute(op);
    if (op.op !== "pageout") continue;
    const out = placements.flatMap(({ runs }) => runs).reduce((sum, run) => sum + (run.kind === "swap" ? run.pageCount : 0), 0);
    if (out !== pageCount) throw new Error(`${pageCount - out} pages did not go out`);
  }
  return machine;
}
