import { type Cursors, orderCursorName } from "../model/allocator.ts";
import { makeEntry } from "../model/entry.ts";
import { type ClusterList, clusterState } from "../model/cluster.ts";
import type { SwapArea } from "../model/swap-area.ts";
import type { SwapCore } from "../model/swap-core.ts";
import { slotWord, wordOfByte } from "./slot-word.ts";
import { type AreaState, type ClusterStates, type CpuState, orderListName, type SwapState, tableState } from "./swap-state.ts";

/** The model's swap core as it is now, copied: what happens later does not change it. */
export function swapStateOf(core: SwapCore): SwapState {
  return {
    freeSlots: core.freePages,
    totalSlots: core.totalPages,
    cpus: Array.from({ length: core.cpuCount }, (_, cpu) => cpuStateOf(core, cpu)),
    areas: core.areas.filter((area) => area !== null).map((area) => areaStateOf(core, area)),
  };
}

/** Whether a CPU goes on from one place for all areas, as it does from 6.15 on. */
const sharesCursors = ({ features }: SwapCore): boolean => features.allocator === "isolated-lists" && features.slotsCache === "none";
const hasOrderLists = ({ features }: SwapCore): boolean => features.allocator !== "free-list";

function cpuStateOf(core: SwapCore, cpu: number): CpuState {
  const { active, cpus } = core.slotsCache.contents;
  const { ready, returned } = cpus[cpu]!;
  return {
    slotsCache: core.features.slotsCache !== "none" ? { active, toHandOut: [...ready], returned: [...returned] } : null,
    cursors: sharesCursors(core) ? entryCursorsOf(core, cpu) : null,
  };
}

/** Slots become entries: the CPU's place is in any of the areas that do not rotate. */
function entryCursorsOf(core: SwapCore, cpu: number): Cursors {
  const cursors: Record<string, number | "none" | null> = {};
  for (let order = 0; order <= core.geometry.pmdOrder; order++) cursors[orderCursorName(order)] = "none";
  for (const area of core.openAreas()) {
    if (area.rotating) continue;
    for (const [name, slot] of Object.entries(core.allocatorOf(area).cursors()[cpu]!)) {
      if (typeof slot === "number") cursors[name] = makeEntry(area.swapType, slot);
    }
  }
  return cursors;
}

function areaStateOf(core: SwapCore, area: SwapArea): AreaState {
  const { features } = core;
  const bounded = features.allocator !== "isolated-lists";
  const cursors = core.allocatorOf(area).cursors();
  return {
    swapType: area.swapType,
    slots: slotsOf(area),
    folioSlots: folioSlotsOf(core, area),
    zeroes: features.zeroMap ? area.zeroBits.slice() : null,
    clusters: area.hasClusters ? clustersOf(core, area) : null,
    lists: area.hasClusters ? listsOf(area, hasOrderLists(core)) : {},
    fragCounts: hasOrderLists(core) && area.hasClusters && !features.holesFirst ? area.frag.map((list) => list.count) : null,
    cpuCursors: sharesCursors(core) || area.rotating ? [] : cursors,
    sharedCursors: area.rotating ? cursors[0]! : null,
    usedSlots: area.inusePages,
    available: bounded ? null : area.available,
    lowestSlot: bounded ? area.lowestSlot : null,
    highestSlot: bounded ? area.highestSlot : null,
  };
}

function clustersOf(core: SwapCore, area: SwapArea): ClusterStates {
  const { clusters } = area;
  return {
    used: Uint16Array.from(clusters, ({ used }) => used),
    state: Uint8Array.from(clusters, ({ state }) => state),
    order: hasOrderLists(core) ? Uint8Array.from(clusters, ({ order }) => order) : null,
    huge: core.features.hugeClusterFlag ? Uint8Array.from(clusters, ({ huge }) => Number(huge)) : null,
    table: core.features.swapCacheIndex === "tables" ? tablesOf(area, core.features.largeCounts === "extend-table") : null,
  };
}

function slotsOf({ map, largeCounts }: SwapArea): Uint32Array {
  const words = new Uint32Array(map.length);
  for (let slot = 0; slot < map.length; slot++) words[slot] = wordOfByte[map[slot]!]!;
  for (const [slot, count] of largeCounts.totals()) words[slot] = (words[slot]! & slotWord.held) | count;
  return words;
}

/**
 * Kernel 7.3 swap_cluster_populate, __free_cluster: a cluster has a table as long as it is not free, and one for counts as
 * long as some count needs it.
 */
function tablesOf({ clusters, largeCounts, clusterSlots }: SwapArea, hasExtendTables: boolean): Uint8Array {
  const tables = Uint8Array.from(clusters, ({ state }) => (state === clusterState.free ? tableState.none : tableState.table));
  if (hasExtendTables) for (const slot of largeCounts.totals().keys()) tables[Math.floor(slot / clusterSlots)] = tableState.extended;
  return tables;
}

function folioSlotsOf(core: SwapCore, area: SwapArea): Uint16Array {
  const held = new Uint16Array(area.slotCount);
  for (let slot = 0; slot < area.slotCount; ) {
    const id = area.cached(slot);
    const { pageCount } = id === -1 ? { pageCount: 1 } : core.folios.get(id);
    if (id !== -1) held.fill(pageCount, slot, slot + pageCount);
    slot += pageCount;
  }
  return held;
}

const indexesOf = (list: ClusterList): number[] => [...list].map(({ index }) => index);

/** The devices modelled have no use for discards, so that list is always empty. */
function listsOf(area: SwapArea, ordered: boolean): AreaState["lists"] {
  const lists: Record<string, number[]> = { free: indexesOf(area.free), discard: [] };
  if (!ordered) return lists;
  lists["full"] = indexesOf(area.full);
  for (const kind of ["nonfull", "frag"] as const) {
    for (const [order, list] of area[kind].entries()) lists[orderListName(kind, order)] = indexesOf(list);
  }
  return lists;
}
