import { entryType } from "../model/entry.ts";
import { clusterSlotCount, type Geometry } from "../model/geometry.ts";
import { clusterState } from "../model/cluster.ts";
import { slotWord } from "../workload/slot-word.ts";
import { type AreaState, type ClusterStates, orderListName, type SwapState } from "../workload/swap-state.ts";
import { type Check, invariant } from "./check.ts";
import { differenceText } from "./difference.ts";
import { clusterWords, slotWords } from "./slot-words.ts";

/**
 * What must hold of any kernel's swap core, whatever was done to it: facts that the kernel keeps twice agree. Nothing is
 * predicted, so this is all that can be said of a program whose calls nobody knows.
 *
 * Kernel 6.1 to 7.3: an area's count of used slots, its map or tables, its clusters and its lists change together, under the
 * lock of the area (until 6.13) or of the cluster, so these hold at any moment at which no such lock is held.
 */
export function lockedInvariants(state: SwapState, geometry: Geometry): Check[] {
  return state.areas.flatMap((area) => {
    const name = `memory.swap${area.swapType}`;
    const checks = [
      invariant(`${name}.used_slots`, countSlots(area, isUsed), area.usedSlots, "the area's count is the number of slots that are in use"),
      firstWrong(`${name}.cached_slots`, "slot", area.slots.length, (slot) => wrongCachedSlot(area, slot), "a slot that the swap cache has a folio for is in use, and says so"),
    ];
    if (area.zeroes !== null) checks.push(firstWrong(`${name}.zero_slots`, "slot", area.slots.length, (slot) => wrongZeroSlot(area, slot), "a slot that stands for zeroes is in use"));
    if (area.lowestSlot !== null && area.highestSlot !== null) {
      const outside = countSlots(area, (word, slot) => word === slotWord.free && (slot < area.lowestSlot! || slot > area.highestSlot!));
      checks.push(invariant(`${name}.free_outside_bounds`, 0, outside, "every free slot lies between the area's bounds"));
    }
    const { clusters } = area;
    return clusters === null ? checks : [...checks, ...clusterInvariants(name, area, clusters, clusterSlotCount(geometry))];
  });
}

/**
 * What must hold beyond that when nothing is under way: no slot is promised to somebody who has not taken it yet, none is on
 * its way back.
 */
export function quietInvariants(state: SwapState): Check[] {
  const usable = state.areas.reduce((sum, area) => sum + countSlots(area, (word) => word !== slotWord.bad), 0);
  const used = state.areas.reduce((sum, { usedSlots }) => sum + usedSlots, 0);
  return [
    invariant("memory.total_slots", usable, state.totalSlots, "the slots of all areas are those of each together"),
    invariant("memory.free_slots", state.totalSlots - used, state.freeSlots, "a slot is free or in use"),
    ...state.areas.flatMap((area) => {
      const name = `memory.swap${area.swapType}`;
      const checks = [invariant(`${name}.marked_without_folio`, slotsInCaches(state, area.swapType), countSlots(area, (word, slot) => isMarked(word) && area.folioSlots[slot] === 0), "what is marked as cached is in the swap cache, or lies in a CPU's slots cache")];
      const { clusters } = area;
      if (clusters !== null) checks.push(firstWrong(`${name}.empty_clusters`, "cluster", clusters.used.length, (cluster) => wrongEmptyCluster(clusters, cluster), "an empty cluster is free"));
      return checks;
    }),
  ];
}

function clusterInvariants(name: string, area: AreaState, clusters: ClusterStates, clusterSlots: number): Check[] {
  const counted = usedByCluster(area, clusterSlots);
  const listed = listsByCluster(area);
  const count = clusters.used.length;
  return [
    firstWrong(`${name}.cluster_counts`, "cluster", count, (cluster) => {
      return counted[cluster] === clusters.used[cluster] ? null : [`${counted[cluster]} used`, `${clusters.used[cluster]} used`];
    }, "a cluster's count is the number of its slots that are in use or past the end"),
    firstWrong(`${name}.cluster_lists`, "cluster", count, (cluster) => {
      const [required, real] = [listFor(clusters, cluster), listed[cluster]!.join(" and ")];
      // Without order lists what waits to be discarded has no state of its own.
      const isFine = required === real || (clusters.order === null && required === "" && real === "discard");
      return isFine ? null : [`on ${required || "no list"}`, `on ${real || "no list"}`];
    }, "a cluster is on the list that its state says, and on no other"),
    firstWrong(`${name}.full_and_free_clusters`, "cluster", count, (cluster) => wrongFill(clusters, cluster, clusterSlots), "a free cluster is empty, and one said to be full is"),
  ];
}

const isUsed = (word: number): boolean => word !== slotWord.free && word !== slotWord.bad;
const isMarked = (word: number): boolean => (word & slotWord.held) !== 0;

function countSlots({ slots }: AreaState, has: (word: number, slot: number) => boolean): number {
  let count = 0;
  for (let slot = 0; slot < slots.length; slot++) if (has(slots[slot]!, slot)) count++;
  return count;
}

/** What is required of a thing and what it is; null where that is the same. */
type Wrong = readonly [required: string, real: string] | null;

/** One check over many things: the first that is not as it must be, and how many are not. */
function firstWrong(name: string, thing: string, length: number, wrongAt: (index: number) => Wrong, reason: string): Check {
  let first: { place: string; wrong: NonNullable<Wrong> } | null = null;
  let count = 0;
  for (let index = 0; index < length; index++) {
    const wrong = wrongAt(index);
    if (wrong === null) continue;
    first ??= { place: `${thing} ${index}`, wrong };
    count++;
  }
  if (first === null) return invariant(name, `all ${length}`, `all ${length}`, reason);
  const { place, wrong } = first;
  return invariant(name, differenceText({ place, count, words: wrong[0] }), differenceText({ place, count, words: wrong[1] }), reason);
}

function wrongCachedSlot({ slots, folioSlots }: AreaState, slot: number): Wrong {
  return folioSlots[slot] === 0 || isMarked(slots[slot]!) ? null : ["cached", slotWords(slots[slot]!)];
}

function wrongZeroSlot({ slots, zeroes }: AreaState, slot: number): Wrong {
  const isZero = (zeroes![slot >> 3]! & (1 << (slot & 7))) !== 0;
  return !isZero || isUsed(slots[slot]!) ? null : ["in use", slotWords(slots[slot]!)];
}

function wrongFill(clusters: ClusterStates, cluster: number, clusterSlots: number): Wrong {
  const used = clusters.used[cluster]!;
  const required = { [clusterState.free]: 0, [clusterState.full]: clusterSlots }[clusters.state[cluster]!] ?? used;
  return used === required ? null : [`${required} used`, clusterWords(clusters, cluster)];
}

/** One that waits to be discarded is empty and not yet free. */
function wrongEmptyCluster(clusters: ClusterStates, cluster: number): Wrong {
  const state = clusters.state[cluster]!;
  const isFine = clusters.used[cluster] !== 0 || state === clusterState.free || state === clusterState.discard;
  return isFine ? null : ["free", clusterWords(clusters, cluster)];
}

function usedByCluster({ slots, clusters }: AreaState, clusterSlots: number): Uint16Array {
  const counts = new Uint16Array(clusters!.used.length);
  for (let slot = 0; slot < counts.length * clusterSlots; slot++) {
    if (slot >= slots.length || slots[slot] !== slotWord.free) counts[Math.floor(slot / clusterSlots)]!++;
  }
  return counts;
}

/** The names of the lists that each cluster is on. */
function listsByCluster({ lists, clusters }: AreaState): string[][] {
  const names = Array.from(clusters!.used, (): string[] => []);
  for (const [name, members] of Object.entries(lists)) for (const cluster of members) names[cluster]!.push(name);
  return names;
}

function listFor({ state, order }: ClusterStates, cluster: number): string {
  switch (state[cluster]) {
    case clusterState.free:
      return "free";
    case clusterState.discard:
      return "discard";
    case clusterState.full:
      return "full";
    case clusterState.nonfull:
      return orderListName("nonfull", order?.[cluster] ?? 0);
    case clusterState.frag:
      return orderListName("frag", order?.[cluster] ?? 0);
    default:
      return "";
  }
}

function slotsInCaches({ cpus }: SwapState, swapType: number): number {
  const entries = cpus.flatMap(({ slotsCache }) => (slotsCache === null ? [] : [...slotsCache.toHandOut, ...slotsCache.returned]));
  return entries.filter((entry) => entryType(entry) === swapType).length;
}
