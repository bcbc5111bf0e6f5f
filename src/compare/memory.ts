import type { Cursors } from "../model/allocator.ts";
import { clusterState } from "../model/cluster.ts";
import { slotWord } from "../workload/slot-word.ts";
import type { AreaState, ClusterStates, CpuState, SwapState } from "../workload/swap-state.ts";
import { type Check, exact } from "./check.ts";
import { differenceText } from "./difference.ts";
import { clusterWords, entryWords, folioWords, slotWords } from "./slot-words.ts";

/**
 * Lays the model's swap core beside the one in the kernel's memory, element by element. What only one of the two
 * generations has is left out: without a forced model both are of the same.
 */
export function compareSwapState(model: SwapState, real: SwapState): Check[] {
  const checks = [
    exact("memory.areas", model.areas.length, real.areas.length),
    exact("memory.free_slots", model.freeSlots, real.freeSlots),
    exact("memory.total_slots", model.totalSlots, real.totalSlots),
  ];
  for (const [cpu, state] of model.cpus.entries()) {
    const other = real.cpus[cpu];
    if (other !== undefined) checks.push(...compareCpu(`memory.cpu${cpu}`, state, other));
  }
  for (const area of model.areas) {
    const other = real.areas.find(({ swapType }) => swapType === area.swapType);
    if (other !== undefined) checks.push(...compareArea(`memory.swap${area.swapType}`, area, other));
  }
  return checks;
}

function compareCpu(name: string, model: CpuState, real: CpuState): Check[] {
  const checks: Check[] = [];
  if (model.slotsCache !== null && real.slotsCache !== null) {
    const [ours, theirs] = [model.slotsCache, real.slotsCache];
    checks.push(exact(`${name}.slots_cache.state`, onOff(ours.active), onOff(theirs.active)));
    checks.push(compareEntries(`${name}.slots_cache.to_hand_out`, ours.toHandOut, theirs.toHandOut));
    checks.push(compareEntries(`${name}.slots_cache.returned`, ours.returned, theirs.returned));
  }
  return [...checks, ...compareCursors(`${name}.cursor`, model.cursors, real.cursors, entryWords)];
}

const onOff = (active: boolean): string => (active ? "on" : "off");
const askedOrNot = (available: boolean): string => (available ? "asked" : "not asked");

function compareArea(name: string, model: AreaState, real: AreaState): Check[] {
  return [
    exact(`${name}.used_slots`, model.usedSlots, real.usedSlots),
    ...compareWhereKnown(`${name}.available`, model.available, real.available, askedOrNot),
    ...compareWhereKnown(`${name}.lowest_slot`, model.lowestSlot, real.lowestSlot),
    ...compareWhereKnown(`${name}.highest_slot`, model.highestSlot, real.highestSlot),
    compareSlots(`${name}.slots`, model.slots, real.slots),
    compareFolios(`${name}.folios`, model.folioSlots, real.folioSlots),
    ...compareZeroes(`${name}.zeroes`, model, real),
    ...compareClusters(`${name}.clusters`, model.clusters, real.clusters),
    ...compareLists(`${name}.list`, model.lists, real.lists),
    ...compareFragCounts(`${name}.frag_count`, model, real),
    ...model.cpuCursors.flatMap((cursors, cpu) => compareCursors(`${name}.cpu${cpu}.cursor`, cursors, real.cpuCursors[cpu] ?? null)),
    ...compareCursors(`${name}.cursor`, model.sharedCursors, real.sharedCursors),
  ];
}

/** One exact check, or none where a side does not have it. */
function compareWhereKnown<Value extends number | boolean>(name: string, model: Value | null, real: Value | null, words: (value: Value) => number | string = Number): Check[] {
  return model === null || real === null ? [] : [exact(name, words(model), words(real))];
}

/** Two rows of the same kind of thing, as numbers that are equal where the things are. */
interface Rows {
  /** What one of them is called. */
  readonly thing: string;
  readonly model: ArrayLike<number>;
  readonly real: ArrayLike<number>;
  /** One element of the model's row (side 0) or the kernel's (1) in words. */
  readonly words: (element: number, side: 0 | 1, index: number) => string;
  /** What both sides say when nothing differs. */
  readonly alike: () => string;
}

/** One exact check over all elements. Values are words, so whether it holds is decided by the elements, not by them. */
function compareRows(name: string, { thing, model, real, words, alike }: Rows): Check {
  const { first, count } = differences(model, real);
  if (count === 0) return exact(name, alike(), alike());
  const value = (row: ArrayLike<number>, side: 0 | 1): string =>
    differenceText({ place: `${thing} ${first}`, count, words: first < row.length ? words(row[first]!, side, first) : "past the end" });
  return { name, kind: "exact", model: value(model, 0), real: value(real, 1), ok: false };
}

/** The first place at which two rows differ, and how many do. A state has hundreds of thousands of places. */
function differences(model: ArrayLike<number>, real: ArrayLike<number>): { first: number; count: number } {
  const shared = Math.min(model.length, real.length);
  let first = shared;
  let count = Math.abs(model.length - real.length);
  for (let place = 0; place < shared; place++) {
    if (model[place] === real[place]) continue;
    if (first === shared) first = place;
    count++;
  }
  return { first, count };
}

function countOf(row: Uint8Array | Uint32Array, value: number): number {
  let count = 0;
  for (let place = 0; place < row.length; place++) if (row[place] === value) count++;
  return count;
}

function compareSlots(name: string, model: Uint32Array, real: Uint32Array): Check {
  return compareRows(name, { thing: "slot", model, real, words: slotWords, alike: () => `${countOf(model, slotWord.free)} of ${model.length} free` });
}

function compareFolios(name: string, model: Uint16Array, real: Uint16Array): Check {
  const folioCount = (): number => {
    let folios = 0;
    for (let slot = 0; slot < model.length; slot += Math.max(1, model[slot]!)) if (model[slot] !== 0) folios++;
    return folios;
  };
  return compareRows(name, { thing: "slot", model, real, words: folioWords, alike: () => `${folioCount()} in the cache` });
}

function compareZeroes(name: string, { zeroes: model }: AreaState, { zeroes: real }: AreaState): Check[] {
  if (model === null || real === null) return [];
  const words = (bit: number): string => (bit === 1 ? "zeroes" : "written");
  const alike = (): string => `${countOf(bitsOf(model), 1)} marked`;
  // Bit by bit only when some byte differs.
  const [ours, theirs] = differences(model, real).count === 0 ? [model, real] : [bitsOf(model), bitsOf(real)];
  return [compareRows(name, { thing: "slot", model: ours, real: theirs, words, alike })];
}

/** One byte a bit, lowest bits first. */
function bitsOf(bytes: Uint8Array): Uint8Array {
  const bits = new Uint8Array(bytes.length * 8);
  for (let index = 0; index < bytes.length; index++) {
    if (bytes[index] === 0) continue;
    for (let bit = 0; bit < 8; bit++) bits[index * 8 + bit] = (bytes[index]! >> bit) & 1;
  }
  return bits;
}

/** Without order lists on one side a cluster's state is only whether it is free. */
function compareClusters(name: string, model: ClusterStates | null, real: ClusterStates | null): Check[] {
  if (model === null || real === null) return [];
  const order = model.order !== null && real.order !== null;
  const huge = model.huge !== null && real.huge !== null;
  const table = model.table !== null && real.table !== null;
  const shown = (states: ClusterStates): ClusterStates => ({
    used: states.used,
    state: order ? states.state : states.state.map((state) => (state === clusterState.free ? clusterState.free : clusterState.none)),
    order: order ? states.order : null,
    huge: huge ? states.huge : null,
    table: table ? states.table : null,
  });
  const [ours, theirs] = [shown(model), shown(real)];
  return [
    compareRows(name, {
      thing: "cluster",
      model: clusterNumbers(ours),
      real: clusterNumbers(theirs),
      words: (_, side, cluster) => clusterWords(side === 0 ? ours : theirs, cluster),
      alike: () => `${countOf(ours.state, clusterState.free)} of ${ours.used.length} free`,
    }),
  ];
}

/** Everything about a cluster in one number: its count takes at most 16 bits. */
function clusterNumbers({ used, state, order, huge, table }: ClusterStates): Float64Array {
  const parts = [state, order, huge, table].filter((row) => row !== null);
  return Float64Array.from(used, (count, cluster) => parts.reduce((number, row) => number * 256 + row[cluster]!, count));
}

/** Lists that are empty on both sides are passed over. */
function compareLists(name: string, model: AreaState["lists"], real: AreaState["lists"]): Check[] {
  return Object.keys(model).flatMap((list) => {
    const ours = model[list]!;
    const theirs = real[list];
    if (theirs === undefined || ours.length + theirs.length === 0) return [];
    const words = (cluster: number): string => `cluster ${cluster}`;
    return [compareRows(`${name}.${list}`, { thing: "place", model: ours, real: theirs, words, alike: () => `${ours.length} in order` })];
  });
}

function compareEntries(name: string, model: readonly number[], real: readonly number[]): Check {
  return compareRows(name, { thing: "place", model, real, words: entryWords, alike: () => (model.length === 0 ? "empty" : `${model.length} in order`) });
}

function compareFragCounts(name: string, { fragCounts: model }: AreaState, { fragCounts: real }: AreaState): Check[] {
  if (model === null || real === null) return [];
  return model.flatMap((count, order) => {
    const other = real[order] ?? 0;
    return count === 0 && other === 0 ? [] : [exact(`${name}.${order}`, count, other)];
  });
}

/** What either side does not know, or what means nothing now, is passed over; so are orders that nobody asked for. */
function compareCursors(name: string, model: Cursors | null, real: Cursors | null, words: (slot: number) => number | string = Number): Check[] {
  if (model === null || real === null) return [];
  return Object.keys(model).flatMap((cursor) => {
    // Kernel 6.12 keeps one too, and never looks at it on a device with clusters.
    if (cursor === "scan_start" && real["cluster"] === undefined) return [];
    const ours = model[cursor] ?? null;
    const theirs = real[cursor] ?? null;
    if (ours === null || theirs === null || (ours === "none" && theirs === "none")) return [];
    const shown = (slot: number | "none"): number | string => (slot === "none" ? slot : words(slot));
    return [exact(`${name}.${cursor}`, shown(ours), shown(theirs))];
  });
}
