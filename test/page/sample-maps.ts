import { x86_64, clusterSlotCount } from "../../src/model/geometry.ts";
import { generations } from "../../src/model/features.ts";
import { MapRecorder, mapMagic } from "../../src/report/slot-maps/recording.ts";
import type { SideState } from "../../src/report/slot-maps/side-map.ts";
import { openExperiment, parseExperiment } from "../../src/lab/experiments.ts";
import { swapStateOf } from "../../src/workload/model-state.ts";
import { predict } from "../../src/workload/predict.ts";
import { slotWord } from "../../src/workload/slot-word.ts";
import type { SwapState } from "../../src/workload/swap-state.ts";

/** The slot that differs in the samples, after the page-out. */
export const differingSlot = 519;
const differingStep = 3;

/** Frames of the slot maps of the default experiment: the model beside itself, but for one slot. */
export function sampleFrames(): Uint8Array[] {
  const { workload } = parseExperiment(openExperiment("munmap-after-pageout"), { own: {} });
  const sides: SideState[] = [];
  const states: SwapState[] = [];
  const run = predict(workload, { generation: generations["6.12"], geometry: x86_64, scanStarts: [] }, ({ core }) => states.push(swapStateOf(core)));
  for (const [index, { placements }] of run.steps.entries()) sides.push({ state: states[index]!, placements });
  const recorder = new MapRecorder(clusterSlotCount(x86_64));
  return sides.map((model, step) => recorder.add(model, step === differingStep ? changed(model) : model)!);
}

function changed({ state, placements }: SideState): SideState {
  const areas = state.areas.map((area) => ({ ...area, slots: area.slots.with(differingSlot, slotWord.held) }));
  return { state: { ...state, areas }, placements };
}

/** Frames of one step of an area of that many slots, every third of them in use in runs of different lengths. */
export function largeFrames(slotCount: number): Uint8Array[] {
  const slots = Uint32Array.from({ length: slotCount }, (_, slot) => ((slot >> 5) % 3 === 0 ? [1, slotWord.held, slotWord.held | 2][(slot >> 7) % 3]! : slotWord.free));
  const area = { swapType: 0, slots, folioSlots: new Uint16Array(slotCount), zeroes: null, clusters: null, lists: {}, fragCounts: null, cpuCursors: [], sharedCursors: null, usedSlots: 0, available: null, lowestSlot: null, highestSlot: null };
  const state: SwapState = { freeSlots: 0, totalSlots: slotCount, cpus: [], areas: [area] };
  const kernel: SwapState = { ...state, areas: [{ ...area, slots: slots.with(slotCount - 2, 7) }] };
  return [new MapRecorder(clusterSlotCount(x86_64)).add({ state, placements: [] }, { state: kernel, placements: [] })!];
}

export function mapFile(frames: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat([mapMagic, ...frames]);
}
