import type { SwapArea } from "../../src/model/swap-area.ts";
import { type ClusterList, clusterState } from "../../src/model/cluster.ts";
import * as slotByte from "../../src/model/slot-byte.ts";
import { slotCount } from "../../src/model/slot-byte.ts";
import type { SwapCore } from "../../src/model/swap-core.ts";
import { entryOffset, entryType } from "../../src/model/entry.ts";
import type { NaiveArea, NaiveCluster } from "./area.ts";
import type { NaiveCore, Place } from "./core.ts";

/** What both cores hold, written down in one form, part by part. */
type Part = string | readonly string[];
export type CoreState = ReadonlyMap<string, Part>;

export function fastState(core: SwapCore): CoreState {
  const state = new Map<string, Part>();
  const { active, cpus } = core.slotsCache.contents;
  const places = (entries: readonly number[]): string => entries.map((entry) => `${entryType(entry)}:${entryOffset(entry)}`).join(" ");
  state.set("free, total, cached", [core.freePages, core.totalPages, core.cachedPages].join(" "));
  state.set("slots cache", `${active} ${cpus.map(({ ready, returned }) => `${places(ready)} | ${places(returned)}`).join("; ")}`);
  for (const [type, area] of core.areas.entries()) {
    if (area === null) continue;
    const name = `area ${type}`;
    state.set(`${name}, slots`, fastSlots(area));
    state.set(`${name}, bounds`, [area.inusePages, area.lowestSlot, area.highestSlot, area.priority, area.rank].join(" "));
    state.set(`${name}, cursors`, JSON.stringify(core.allocatorOf(area).cursors().map(fastCursor)));
    if (!area.hasClusters) continue;
    state.set(`${name}, clusters`, fastClusters(area));
    for (const [list, clusters] of fastLists(area)) state.set(`${name}, list ${list}`, clusters.join(" "));
  }
  return state;
}

export function naiveState(core: NaiveCore): CoreState {
  const state = new Map<string, Part>();
  const places = (list: readonly Place[]): string => list.map(({ area, slot }) => `${area.type}:${slot}`).join(" ");
  state.set("free, total, cached", [core.freeSlots, core.totalSlots, core.cachedPages].join(" "));
  state.set("slots cache", `${core.slotsCacheActive} ${core.cpuSlots.map(({ ready, returned }) => `${places(ready)} | ${places(returned)}`).join("; ")}`);
  for (const [type, area] of core.areas.entries()) {
    if (area === null) continue;
    const name = `area ${type}`;
    state.set(`${name}, slots`, area.slots.map(({ count, shared, held, folio, zero, bad }) => (bad ? "bad" : slotText(count, shared, held, folio?.id ?? -1, zero))));
    state.set(`${name}, bounds`, [area.inUse, area.lowest, area.highest, area.priority, area.rank].join(" "));
    state.set(`${name}, cursors`, JSON.stringify(core.allocators.get(area)!.cursors()));
    if (area.clusters.length === 0) continue;
    state.set(`${name}, clusters`, area.clusters.map((cluster) => naiveCluster(area, cluster)));
    for (const [list, clusters] of area.lists) if (clusters.length > 0) state.set(`${name}, list ${list}`, clusters.map(({ index }) => index).join(" "));
  }
  return state;
}

/** The first part in which they differ, with both values; null when they agree. */
export function firstDifference(fast: CoreState, naive: CoreState): string | null {
  for (const part of new Set([...fast.keys(), ...naive.keys()])) {
    const [one, other] = [fast.get(part), naive.get(part)];
    if (typeof one === "object" && typeof other === "object") {
      const index = one.findIndex((value, at) => value !== other[at]);
      if (index !== -1 || one.length !== other.length) return `${part}, number ${index}: fast ${one[index]}, naive ${other[index]}`;
    } else if (one !== other) return `${part}: fast ${String(one)}, naive ${String(other)}`;
  }
  return null;
}

const slotText = (count: number, shared: boolean, held: boolean, folio: number, zero: boolean): string =>
  `${shared ? "shared" : count}${held ? " held" : ""}${folio === -1 ? "" : ` folio ${folio}`}${zero ? " zero" : ""}`;

function fastSlots(area: SwapArea): string[] {
  const totals = area.largeCounts.totals();
  return Array.from(area.map, (byte, slot) => {
    if (slot === 0) return byte === slotByte.bad ? "bad" : `${byte}`;
    const shared = slotCount(byte) === slotByte.shared;
    return slotText(totals.get(slot) ?? slotCount(byte), shared, (byte & slotByte.hasCache) !== 0, area.cached(slot), area.isZero(slot));
  });
}

/** Cursors in the form of the naive allocators. */
function fastCursor(cursors: Readonly<Record<string, unknown>>): unknown {
  const slot = (value: unknown): unknown => (typeof value === "number" ? value : 0);
  const next = Object.entries(cursors).filter(([name]) => name.startsWith("next.")).map(([, value]) => slot(value));
  if ("cluster_nr" in cursors) return { next: cursors["cluster_next"], left: cursors["cluster_nr"] };
  if (!("scan_start" in cursors)) return next;
  return { own: next.length > 0 ? next : [slot(cursors["cluster_next"])], scanStart: cursors["scan_start"] };
}

const stateNames = ["off", "free", "nonfull", "frag", "full"];

function fastClusters(area: SwapArea): string[] {
  return area.clusters.map(({ used, state, order, huge }) => clusterText(used, stateNames[state]!, order, huge));
}

const naiveCluster = (area: NaiveArea, cluster: NaiveCluster): string =>
  clusterText(area.usedIn(cluster), area.listOf(cluster)?.split(" ")[0] ?? "off", cluster.order, cluster.huge);
const clusterText = (used: number, list: string, order: number, huge: boolean): string => `${used} used, ${list}, order ${order}${huge ? ", huge" : ""}`;

const indexesOf = (list: ClusterList): number[] => [...list].map(({ index }) => index);

function fastLists(area: SwapArea): [string, number[]][] {
  const lists: [string, number[]][] = [
    ["free", indexesOf(area.free)],
    ["full", indexesOf(area.full)],
    ...area.nonfull.map((list, order): [string, number[]] => [`nonfull ${order}`, indexesOf(list)]),
    ...area.frag.map((list, order): [string, number[]] => [`frag ${order}`, indexesOf(list)]),
  ];
  return lists.filter(([, clusters]) => clusters.length > 0);
}

/**
 * What the fast core says at two places, held against itself: counts against the slots they count, lists against states,
 * the swap cache against its folios. Gives what does not fit.
 */
export function pairProblems(core: SwapCore): string[] {
  const problems: string[] = [];
  const hold = (what: string, one: unknown, other: unknown): void => {
    if (one !== other) problems.push(`${what}: ${String(one)} and ${String(other)}`);
  };
  const areas = core.areas.filter((area) => area !== null);
  hold("free slots, and those of all areas that are not in use", core.freePages, core.totalPages - areas.reduce((sum, area) => sum + area.inusePages, 0));
  let cached = 0;
  for (const area of areas) {
    const inUse = Array.from(area.map).filter((byte, slot) => slot > 0 && byte !== slotByte.free).length;
    hold("slots in use, and slots that are not free", area.inusePages, inUse);
    hold("the area is asked, and has room", area.available, area.inusePages < area.usablePages);
    cached += cachedSlots(core, area, hold);
    if (area.hasClusters) holdClusters(core, area, hold);
  }
  hold("pages in the swap cache, and slots with a folio", core.cachedPages, cached);
  return problems;
}

type Hold = (what: string, one: unknown, other: unknown) => void;

function cachedSlots(core: SwapCore, area: SwapArea, hold: Hold): number {
  let cached = 0;
  for (let slot = 1; slot < area.slotCount; slot++) {
    const id = area.cached(slot);
    if (id === -1) continue;
    cached++;
    const folio = core.folios.get(id);
    const at = slot - entryOffset(folio.entry);
    hold(`slot ${slot} has a folio that has it, ${folio.pageCount} pages`, at >= 0 && at < folio.pageCount, true);
    hold(`slot ${slot} has a folio, and its cache bit`, area.map[slot]! & slotByte.hasCache, slotByte.hasCache);
  }
  return cached;
}

function holdClusters(core: SwapCore, area: SwapArea, hold: Hold): void {
  const onLists = new Map<number, string>();
  for (const [name, clusters] of fastLists(area)) {
    for (const cluster of clusters) {
      hold(`lists of cluster ${cluster}`, onLists.get(cluster), undefined);
      onLists.set(cluster, name);
    }
  }
  for (const { index: cluster, start, end, used: counted, state, order: serves, huge } of area.clusters) {
    const bytes = area.map.subarray(start, end);
    const used = bytes.filter((byte) => byte !== slotByte.free).length + area.clusterSlots - bytes.length;
    hold(`slots used in cluster ${cluster}, and its bytes`, counted, used);
    hold(`cluster ${cluster} is free, and empty`, state === clusterState.free, used === 0);
    hold(`state of cluster ${cluster}, and its list`, stateNames[state], onLists.get(cluster)?.split(" ")[0] ?? "off");
    const order = /\d+$/.exec(onLists.get(cluster) ?? "")?.[0];
    if (order !== undefined) hold(`order of cluster ${cluster}, and of its list`, serves, Number(order));
    if (state === clusterState.full) hold(`cluster ${cluster} is on the full list, and full`, used, area.clusterSlots);
    if (huge) hold(`cluster ${cluster} is one folio's, and full`, used, area.clusterSlots);
  }
  if (core.features.allocator !== "order-lists") return;
  for (const [order, list] of area.frag.entries()) hold(`clusters on frag list ${order}`, list.count, [...list].length);
}
