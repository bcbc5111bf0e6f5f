import { describe, expect, test } from "vitest";
import { makeEntry } from "../model/entry.ts";
import { clusterState } from "../model/cluster.ts";
import { type AreaState, type CpuState, type SwapState, tableState } from "../workload/swap-state.ts";
import { compareSwapState } from "./memory.ts";
import { slotWord, wordOfByte } from "../workload/slot-word.ts";
import { slotWords } from "./slot-words.ts";
import { stateOf } from "./swap-state-fixture.ts";

const state = stateOf("6.12");
const area = state.areas[0]!;
const clusters = area.clusters!;
const [cpu] = state.cpus as [CpuState];
const [cursors] = area.cpuCursors as [AreaState["cpuCursors"][number]];
const failing = (real: SwapState, model = state) => compareSwapState(model, real).filter(({ ok }) => !ok);
const withArea = (change: Partial<AreaState>): SwapState => ({ ...state, areas: [{ ...area, ...change }] });

/** A copy with other elements. */
function changed<Row extends Uint8Array | Uint16Array | Uint32Array>(row: Row, elements: Readonly<Record<number, number>>): Row {
  const copy = row.slice() as Row;
  for (const [index, value] of Object.entries(elements)) copy[Number(index)] = value;
  return copy;
}

test.each(["6.1", "6.12"] as const)("the same on both sides holds, and both say the same of it (%s)", (name) => {
  const checks = compareSwapState(stateOf(name), stateOf(name));
  expect(checks.filter(({ ok, model, real }) => !ok || model !== real)).toEqual([]);
  expect(checks.map((check) => check.name)).toContain("memory.swap0.list.free");
});

const [first = 0, second = 0] = area.lists["free"]!;
const rest = area.lists["free"]!.slice(2);
const slot = area.slots.findIndex((word) => word === (slotWord.held | 1));

const changes: [string, SwapState, string, number | string, number | string][] = [
  ["a slot", withArea({ slots: changed(area.slots, { [slot]: 0 }) }), "slots", `slot ${slot}: cached, 1 reference`, `slot ${slot}: free`],
  ["several slots", withArea({ slots: changed(area.slots, { [slot]: slotWord.held | 3, [slot + 7]: slotWord.shared }) }), "slots", `slot ${slot} (first of 2): cached, 1 reference`, `slot ${slot} (first of 2): cached, 3 references`],
  ["a large count", withArea({ slots: changed(area.slots, { [slot]: 70_000 }) }), "slots", `slot ${slot}: cached, 1 reference`, `slot ${slot}: 70000 references`],
  ["what nobody has words for", withArea({ slots: changed(area.slots, { [slot]: slotWord.bad | 1 }) }), "slots", `slot ${slot}: cached, 1 reference`, `slot ${slot}: slot word 0x40000001`],
  ["a shorter area", withArea({ slots: area.slots.slice(0, 8191) }), "slots", "slot 8191: free", "slot 8191: past the end"],
  ["a folio", withArea({ folioSlots: changed(area.folioSlots, { [slot]: 16 }) }), "folios", `slot ${slot}: 1-page folio`, `slot ${slot}: 16-page folio`],
  ["no folio", withArea({ folioSlots: changed(area.folioSlots, { [slot]: 0 }) }), "folios", `slot ${slot}: 1-page folio`, `slot ${slot}: no folio`],
  ["a zero page", withArea({ zeroes: changed(area.zeroes!, { 3: 0x10 }) }), "zeroes", "slot 28: written", "slot 28: zeroes"],
  ["a cluster's count", withArea({ clusters: { ...clusters, used: changed(clusters.used, { 0: 5 }) } }), "clusters", "cluster 0: nonfull, 1 used, order 0", "cluster 0: nonfull, 5 used, order 0"],
  ["a cluster's list", withArea({ clusters: { ...clusters, state: changed(clusters.state, { 0: clusterState.frag }) } }), "clusters", "cluster 0: nonfull, 1 used, order 0", "cluster 0: frag, 1 used, order 0"],
  ["a cluster's order", withArea({ clusters: { ...clusters, order: changed(clusters.order!, { 0: 4 }) } }), "clusters", "cluster 0: nonfull, 1 used, order 0", "cluster 0: nonfull, 1 used, order 4"],
  ["the order of a list", withArea({ lists: { ...area.lists, free: [second, first, ...rest] } }), "list.free", `place 0 (first of 2): cluster ${first}`, `place 0 (first of 2): cluster ${second}`],
  ["a list that ends early", withArea({ lists: { ...area.lists, free: [first] } }), "list.free", `place 1 (first of ${rest.length + 1}): cluster ${second}`, `place 1 (first of ${rest.length + 1}): past the end`],
  ["a list that should be empty", withArea({ lists: { ...area.lists, discard: [9] } }), "list.discard", "place 0: past the end", "place 0: cluster 9"],
  ["a cursor", withArea({ cpuCursors: [{ ...cursors, "next.0": "none" }] }), "cpu0.cursor.next.0", cursors["next.0"]!, "none"],
  ["a cursor of its own", withArea({ cpuCursors: [{ ...cursors, "next.4": 512 }] }), "cpu0.cursor.next.4", "none", 512],
  ["a count of fragmented clusters", withArea({ fragCounts: [0, 2] }), "frag_count.1", 0, 2],
  ["the slots in use", withArea({ usedSlots: 1 }), "used_slots", area.usedSlots, 1],
  ["the lowest slot", withArea({ lowestSlot: 2 }), "lowest_slot", area.lowestSlot!, 2],
  ["the highest slot", withArea({ highestSlot: 2 }), "highest_slot", area.highestSlot!, 2],
];

test.each(changes)("%s that differs is named", (_what, real, name, model, kernel) => {
  expect(failing(real)).toEqual([expect.objectContaining({ name: `memory.swap0.${name}`, kind: "exact", model, real: kernel })]);
});

describe("what belongs to no area", () => {
  const cache = cpu.slotsCache!;
  const withCache = (change: Partial<typeof cache>): SwapState => ({ ...state, cpus: [{ ...cpu, slotsCache: { ...cache, ...change } }] });
  test.each([
    ["memory.free_slots", { ...state, freeSlots: 1 }],
    ["memory.total_slots", { ...state, totalSlots: 1 }],
    ["memory.areas", { ...state, areas: [] }],
    ["memory.cpu0.slots_cache.state", withCache({ active: !cache.active })],
    ["memory.cpu0.slots_cache.to_hand_out", withCache({ toHandOut: cache.toHandOut.slice(1) })],
    ["memory.cpu0.slots_cache.returned", withCache({ returned: [77] })],
  ])("%s", (name, real) => {
    expect(failing(real).map((check) => check.name)).toEqual([name]);
  });
});

describe("what only later kernels have", () => {
  const later = stateOf("7.3");
  const [own, itsCpu] = [later.areas[0]!, later.cpus[0]!];
  const other = (change: Partial<AreaState>): SwapState => ({ ...later, areas: [{ ...own, ...change }] });
  test.each<[string, SwapState, string, number | string, number | string]>([
    ["a table", other({ clusters: { ...own.clusters!, table: changed(own.clusters!.table!, { 3: tableState.extended }) } }), "swap0.clusters", "cluster 3: free, 0 used, order 0, no table", "cluster 3: free, 0 used, order 0, a table and one for counts"],
    ["an area that is full", other({ available: false }), "swap0.available", "asked", "not asked"],
    ["where the CPU goes on", { ...later, cpus: [{ ...itsCpu, cursors: { ...itsCpu.cursors, "next.0": makeEntry(1, 5) } }] }, "cpu0.cursor.next.0", "slot 701", "slot 5 of swap1"],
    ["where it goes on no more", { ...later, cpus: [{ ...itsCpu, cursors: { ...itsCpu.cursors, "next.0": "none" } }] }, "cpu0.cursor.next.0", "slot 701", "none"],
  ])("%s", (_what, real, name, model, kernel) => {
    expect(failing(real, later)).toEqual([expect.objectContaining({ name: `memory.${name}`, model, real: kernel })]);
  });

  test("is not there before", () => {
    const names = compareSwapState(stateOf("6.12"), later).map(({ name }) => name);
    expect(names.filter((name) => /lowest|highest|available|cursor|slots_cache/.test(name))).toEqual([]);
  });
});

test("a scan start that the model cannot know is not compared", () => {
  const known = stateOf("6.1");
  const start = (value: number | null): SwapState => ({ ...known, areas: [{ ...known.areas[0]!, cpuCursors: [{ ...known.areas[0]!.cpuCursors[0], scan_start: value }] }] });
  expect(failing(start(5), start(6)).map(({ name }) => name)).toEqual(["memory.swap0.cpu0.cursor.scan_start"]);
  expect(failing(start(5), start(null))).toEqual([]);
});

test("between two generations only what both have is compared", () => {
  const checks = compareSwapState(stateOf("6.1"), state);
  const names = checks.map(({ name }) => name);
  expect(names).toContain("memory.swap0.list.free");
  expect(names.filter((name) => /nonfull|zeroes|next|frag/.test(name))).toEqual([]);
  // A fresh area filled with base pages looks the same in both, but for the list that 6.1 does not have.
  expect(checks.filter(({ ok }) => !ok)).toEqual([]);
});

test("different slots never get the same words", () => {
  // What only continuation pages tell apart has the same word.
  const slots = new Set([...wordOfByte, ...Array.from({ length: 300 }, (_, count) => slotWord.held | count), slotWord.bad | slotWord.shared]);
  expect(new Set([...slots].map(slotWords)).size).toBe(slots.size);
});
