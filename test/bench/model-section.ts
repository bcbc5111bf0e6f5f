import { setImmediate as nextTurn } from "node:timers/promises";
import { defaultExperiment } from "../../src/api/request.ts";
import { openExperiment, parseExperiment } from "../../src/lab/experiments.ts";
import { generationNames, generations, type Generation } from "../../src/model/features.ts";
import { x86_64 } from "../../src/model/geometry.ts";
import { SwapArea } from "../../src/model/swap-area.ts";
import { predict } from "../../src/workload/predict.ts";
import { type Figure, ratios } from "./figure.ts";
import { processorMs, runFor } from "./processor-time.ts";
import { buildOrderLists, playModel, playOrderLists } from "./sequence-run.ts";
import { SlotSequence } from "./slot-sequence.ts";
import { livingBytes, stateFigures } from "./state-size.ts";
import { repeat, type BenchTask } from "./task.ts";

/** 64 MiB, as the shipped experiments have it: in larger areas 6.1 comes to scans whose start is drawn at random. */
const areaSlots = 2 ** 14;
/** 1 GiB, where what is kept once does not count. */
const largeAreaSlots = 2 ** 18;
const orders = [0, 4, 9] as const;
/** A sample lasts about this long: long against a tick of the host's scheduler. */
const sampleMs = 400;
/** Until what runs often is compiled. */
const warmUpMs = 200;

const section = "model";

/** The model's own speed and size, without a guest. */
export async function measureModel(task: BenchTask): Promise<Figure[]> {
  const rivalPath = await buildOrderLists(task);
  const figures: Figure[] = [];
  for (const name of generationNames) {
    const generation = generations[name];
    // Until 6.9 only folios of PMD size have a run of slots; the pages of smaller ones go one by one.
    for (const order of orders.filter((candidate) => generation.features.wholeFolioOrders === "any" || candidate === 0 || candidate === x86_64.pmdOrder)) {
      figures.push(...(await slotFigures(generation, order, rivalPath, task)));
    }
    figures.push(await predictFigure(generation, task));
    figures.push(...(await stateFigures(generation, largeAreaSlots, task)));
  }
  figures.push(...(await hugeAreaFigures(task)));
  return figures;
}

async function slotFigures(generation: Generation, order: number, rivalPath: string, task: BenchTask): Promise<Figure[]> {
  const own: number[] = [];
  const rival: number[] = [];
  const hasRival = generation.features.allocator === "order-lists";
  const subject = `generation ${generation.name}`;
  await repeat(task, task.repetitions.computations, `model ${generation.name}: slots of order ${order}`, async () => {
    const request = { areaSlots, order, durationMs: sampleMs };
    const ours = await playModel(generation.name, request, task);
    own.push(ours.slotsPerSecond / 1e6);
    if (!hasRival) return;
    const theirs = await playOrderLists(rivalPath, request, task);
    if (theirs.checksum !== ours.checksum) throw new Error(`order ${order}: the model and order-lists.c handed out different slots`);
    rival.push(theirs.slotsPerSecond / 1e6);
  });
  const base = { section, subject };
  const figures: Figure[] = [{ ...base, name: `slots of order ${order} allocated, freed`, unit: "M/s", samples: own }];
  if (hasRival) {
    figures.push({ ...base, name: "  the same in C", unit: "M/s", samples: rival });
    figures.push({ ...base, name: "  model / C", unit: "x", samples: ratios(own, rival) });
  }
  return figures;
}

/** 1 TiB: 268 million slots. */
const hugeAreaSlots = 2 ** 28;
const hugeOrders = [0, 9] as const;

/** Done in so many portions, so that an interrupt does not have to wait for the end. */
const hugePortions = 64;

/** Seconds of processor time that all portions, counted from 1, take together. */
async function timed({ signal }: BenchTask, portion: (part: number) => void): Promise<number> {
  let tookMs = 0;
  for (let part = 1; part <= hugePortions; part++) {
    const startedAtMs = processorMs();
    portion(part);
    tookMs += processorMs() - startedAtMs;
    await nextTurn();
    signal.throwIfAborted();
  }
  return tookMs / 1000;
}

/** A whole terabyte of slots handed out and given back, and what that takes of memory. */
async function hugeAreaFigures(task: BenchTask): Promise<Figure[]> {
  const { features } = generations["7.3"];
  const base = { section, subject: "a 1 TiB area, generation 7.3" };
  // Before anything as large has been made and let go: how the engine takes that off its books is its own affair.
  const bytesBefore = await livingBytes();
  const area = new SwapArea({ swapType: 0, slotCount: hugeAreaSlots, synchronous: false, rotating: false, priority: -1, scanStarts: [] }, x86_64, features);
  const gib = ((await livingBytes()) - bytesBefore) / 2 ** 30;
  const figures: Figure[] = [{ ...base, name: `memory of ${area.clusterCount} clusters`, unit: "GiB", aim: 1, samples: [gib] }];
  for (const order of hugeOrders) {
    const fillS: number[] = [];
    const freeS: number[] = [];
    await repeat(task, 1, `a 1 TiB area filled and freed, order ${order}`, async () => {
      const sequence = new SlotSequence(features, hugeAreaSlots, order);
      const runs = hugeAreaSlots >> order;
      const portion = runs / hugePortions;
      let count = 0;
      fillS.push(await timed(task, (part) => (count = sequence.fill(count, part === hugePortions ? Infinity : part * portion))));
      const total = count;
      freeS.push(await timed(task, (part) => sequence.empty(Math.min(total, part * portion), (part - 1) * portion)));
    });
    figures.push(
      { ...base, name: `filled with runs of order ${order}`, unit: "s", samples: fillS },
      { ...base, name: "  and freed", unit: "s", samples: freeS },
    );
  }
  return figures;
}

/** The default experiment, predicted again and again. The first time in a process takes many times longer: the engine compiles then. */
async function predictFigure(generation: Generation, task: BenchTask): Promise<Figure> {
  const { workload } = parseExperiment(openExperiment(defaultExperiment), { own: {} });
  const facts = { generation, geometry: x86_64, synchronous: false, rotating: false, scanStarts: [] };
  const samples: number[] = [];
  await repeat(task, task.repetitions.computations, `model ${generation.name}: predicting ${defaultExperiment}`, () => {
    runFor(warmUpMs, () => predict(workload, facts));
    const { tookMs, count } = runFor(sampleMs, () => predict(workload, facts));
    samples.push(tookMs / count);
  });
  return { section, subject: `generation ${generation.name}`, name: "default experiment predicted", unit: "ms", samples };
}
