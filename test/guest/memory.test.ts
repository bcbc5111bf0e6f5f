import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { compareSwapState } from "../../src/compare/memory.ts";
import { clusterSlotCount, x86_64 } from "../../src/model/geometry.ts";
import { entryOffset } from "../../src/model/entry.ts";
import { clusterState } from "../../src/model/cluster.ts";
import type { Observation } from "../../src/workload/observation.ts";
import { slotReferences, slotWord } from "../../src/workload/slot-word.ts";
import { type AreaState, type CpuState, type SwapState, tableState } from "../../src/workload/swap-state.ts";
import { type Asked, playInGuest, type SeenStep, writeRenamedKernel } from "./memory-guest.ts";
import { useOwnFolder } from "./places.ts";
import { checksOf, differing, runExperiment, story } from "./runs.ts";

const folder = useOwnFolder();

/** What is read from the kernel's memory is held against what the same kernel says through its files. */
const guests: readonly Asked[] = [
  { experiment: "fork-refault-unmap", kernel: "6.1", device: "nvme", folio: "2048kB" },
  { experiment: "refill-holes", kernel: "6.1", device: "nvme", folio: "4kB" },
  { experiment: "brim-mixed", kernel: "6.1", device: "brd", folio: "2048kB" },
  { experiment: "fork-refault-unmap", kernel: "6.12", device: "nvme", folio: "64kB" },
  { experiment: "mixed-orders", kernel: "6.12", device: "nvme", folio: "64kB" },
  { experiment: "zero-pages", kernel: "6.12", device: "nvme", folio: "4kB" },
  { experiment: "swapoff-with-pages-out", kernel: "6.12", device: "nvme", folio: "64kB" },
  { experiment: "fork-refault-unmap", kernel: "6.18", device: "nvme", folio: "64kB" },
  { experiment: "brim-mixed", kernel: "6.18", device: "nvme", folio: "64kB" },
  { experiment: "fork-refault-unmap", kernel: "7.3", device: "nvme", folio: "64kB" },
  { experiment: "brim-mixed", kernel: "7.3", device: "nvme", folio: "2048kB" },
  { experiment: "swapoff-with-pages-out", kernel: "7.3", device: "nvme", folio: "64kB" },
];

const clusterSlots = clusterSlotCount(x86_64);
const pageKb = x86_64.pageSizeBytes / 1024;
const places = <Value>(values: ArrayLike<Value>, holds: (value: Value, place: number) => boolean): number[] =>
  Array.from({ length: values.length }, (_, place) => place).filter((place) => holds(values[place]!, place));

/** How often each slot stands in a page table, from /proc/<pid>/pagemap. */
function references({ placements }: Observation): Map<number, number> {
  const counts = new Map<number, number>();
  for (const run of placements.flatMap(({ runs }) => runs)) {
    if (run.kind !== "swap") continue;
    for (let slot = run.offset; slot < run.offset + run.pageCount; slot++) counts.set(slot, (counts.get(slot) ?? 0) + 1);
  }
  return counts;
}

describe.each(guests)("$experiment on $kernel, $device, folios of $folio", (asked) => {
  let steps: SeenStep[] = [];
  beforeAll(async () => {
    steps = await playInGuest(folder, asked);
  });

  /** Looks at every area after every step, and makes sure that there was something to see. */
  function everywhere(look: (area: AreaState, seen: SeenStep) => number): void {
    let sights = 0;
    for (const seen of steps) for (const area of seen.memory.areas) sights += look(area, seen);
    expect(sights).toBeGreaterThan(0);
  }

  test("areas and the slots in use are those of /proc/swaps", () => {
    for (const { memory, observation, text } of steps) {
      const read = memory.areas.map(({ swapType, slots, usedSlots }) => ({ swapType, sizeKb: (slots.length - 1) * pageKb, usedKb: usedSlots * pageKb }));
      expect(read, text).toEqual(observation.swapAreas.map(({ swapType, sizeKb, usedKb }) => ({ swapType, sizeKb, usedKb })));
      const free = memory.areas.reduce((sum, { slots, usedSlots }) => sum + slots.length - 1 - usedSlots, 0);
      expect([memory.freeSlots, memory.totalSlots], text).toEqual([free, memory.areas.reduce((sum, { slots }) => sum + slots.length - 1, 0)]);
    }
    everywhere(({ usedSlots }) => usedSlots);
  });

  test("slots are referenced as often as page tables name them", () => {
    everywhere(({ slots }, { observation, text }) => {
      const named = references(observation);
      const counted = places(slots, (word) => slotReferences(word) > 0);
      expect(counted.map((slot) => [slot, slotReferences(slots[slot]!)]), text).toEqual([...named].sort(([a], [b]) => a - b));
      return counted.length;
    });
  });

  test("the swap cache holds as many pages as vmstat says; its slots and no others are marked", () => {
    for (const { memory, observation, text } of steps) {
      const cached = memory.areas.reduce((sum, { folioSlots }) => sum + places(folioSlots, (count) => count > 0).length, 0);
      expect(cached, text).toBe(observation.gauges["nr_swapcached"]);
    }
    everywhere(({ slots, folioSlots }, { memory, text }) => {
      const marked = places(slots, (word) => (word & slotWord.held) !== 0);
      const parked = memory.cpus.flatMap(({ slotsCache }) => (slotsCache === null ? [] : [...slotsCache.toHandOut, ...slotsCache.returned])).map(entryOffset);
      const held = new Set([...places(folioSlots, (count) => count > 0), ...parked]);
      expect(marked, text).toEqual([...held].sort((a, b) => a - b));
      return marked.length;
    });
  });

  test("clusters count the slots that are taken, and stand on the list that they name", () => {
    everywhere(({ slots, clusters: found, lists }, { text }) => {
      const clusters = found!;
      const taken = Array.from(clusters.used, (_, cluster) => {
        const start = cluster * clusterSlots;
        const own = slots.subarray(start, start + clusterSlots);
        return clusterSlots - own.length + own.reduce((sum, word) => sum + (word === slotWord.free ? 0 : 1), 0);
      });
      expect([...clusters.used], text).toEqual(taken);
      const expected: Readonly<Record<number, string>> = { [clusterState.free]: "free", [clusterState.nonfull]: "nonfull", [clusterState.frag]: "frag", [clusterState.full]: "full" };
      const named = Array.from(clusters.state, (state, cluster) => {
        const list = expected[state] ?? "";
        return state === clusterState.nonfull || state === clusterState.frag ? `${list}.${clusters.order![cluster]}` : list;
      });
      const standing = named.map((_, cluster) => Object.keys(lists).filter((list) => lists[list]!.includes(cluster)).join(" and "));
      expect(standing, text).toEqual(named);
      return lists["free"]!.length;
    });
  });

  test("clusters have a table as long as they are not free", () => {
    for (const { memory, text } of steps) {
      for (const { clusters, slots } of memory.areas) {
        if (clusters?.table == null) continue;
        expect(places(clusters.table, (table) => table === tableState.none), text).toEqual(places(clusters.state, (state) => state === clusterState.free));
        expect(places(clusters.table, (table) => table === tableState.extended).length, text).toBe(slots.some((word) => slotReferences(word) > 14) ? 1 : 0);
      }
    }
  });

  test("an area is asked for slots as long as it has any", () => {
    everywhere(({ available, slots, usedSlots }, { text }) => {
      expect(available ?? usedSlots < slots.length - 1, text).toBe(usedSlots < slots.length - 1);
      return 1;
    });
  });

  test("the model's state is the same", () => {
    const checks = steps.flatMap(({ model, memory }) => compareSwapState(model, memory));
    expect(checks.filter(({ ok }) => !ok)).toEqual([]);
    expect(checks.length).toBeGreaterThan(6 * steps.length);
  });

  test("and is no longer when any part of it is disturbed", () => {
    const { model, memory } = steps.findLast((seen) => seen.model.areas.length > 0)!;
    for (const [name, disturbed] of disturbances(model)) {
      const caught = compareSwapState(disturbed, memory).filter(({ ok }) => !ok);
      expect(caught.map((check) => check.name)).toEqual([name]);
    }
  });
});

/** The state with one small thing changed at a time, and the check that should notice. */
function disturbances(state: SwapState): [string, SwapState][] {
  const [area] = state.areas as [AreaState];
  const [cpu] = state.cpus as [CpuState];
  const clusters = area.clusters!;
  const flipped = <Row extends Uint8Array | Uint16Array | Uint32Array>(row: Row, place: number): Row => row.map((value, i) => (i === place ? value ^ 1 : value)) as Row;
  const last = area.slots.length - 1;
  const [cursors] = area.cpuCursors;
  const changes: Readonly<Record<string, Partial<AreaState>>> = {
    slots: { slots: flipped(area.slots, last) },
    folios: { folioSlots: flipped(area.folioSlots, last) },
    clusters: { clusters: { ...clusters, used: flipped(clusters.used, 0) } },
    used_slots: { usedSlots: area.usedSlots + 1 },
    "list.discard": { lists: { ...area.lists, discard: [1] } },
    ...(area.lowestSlot !== null && { lowest_slot: { lowestSlot: area.lowestSlot + 1 } }),
    ...(area.highestSlot !== null && { highest_slot: { highestSlot: area.highestSlot + 1 } }),
    ...(area.available !== null && { available: { available: !area.available } }),
    ...(area.zeroes !== null && { zeroes: { zeroes: flipped(area.zeroes, 1) } }),
    ...(area.fragCounts !== null && { "frag_count.3": { fragCounts: area.fragCounts.map((count, order) => (order === 3 ? count + 1 : count)) } }),
    ...(clusters.order !== null && cursors !== undefined && { "cpu0.cursor.next.7": { cpuCursors: [{ ...cursors, "next.7": 4711 }] } }),
  };
  const ofCpu: Readonly<Record<string, Partial<CpuState>>> = {
    ...(cpu.slotsCache !== null && { "slots_cache.returned": { slotsCache: { ...cpu.slotsCache, returned: [...cpu.slotsCache.returned, 5] } } }),
    ...(cpu.cursors !== null && { "cursor.next.7": { cursors: { ...cpu.cursors, "next.7": 4711 } } }),
  };
  return [
    ...Object.entries(changes).map(([name, change]): [string, SwapState] => [`memory.swap0.${name}`, { ...state, areas: [{ ...area, ...change }] }]),
    ...Object.entries(ofCpu).map(([name, change]): [string, SwapState] => [`memory.cpu0.${name}`, { ...state, cpus: [{ ...cpu, ...change }] }]),
    ["memory.free_slots", { ...state, freeSlots: state.freeSlots + 1 }],
  ];
}

test.each(["6.12", "7.3"])("zeroes that were not written are as many as vmstat counts (%s)", async (kernel) => {
  const steps = await playInGuest(folder, { experiment: "zero-pages", kernel, device: "nvme", folio: "4kB" });
  const index = steps.findIndex(({ observation }) => (observation.vmstat["swpout_zero"] ?? 0) > 0);
  const { memory, observation } = steps[index]!;
  const marked = memory.areas[0]!.zeroes!.reduce((sum, byte) => sum + [...byte.toString(2)].filter((bit) => bit === "1").length, 0);
  expect(marked).toBe(observation.vmstat["swpout_zero"]);
});

describe("the model of the other generation is caught by the kernel's memory too", () => {
  test.each([
    ["6.1", "2048kB", "6.12", "fork-refault-unmap", "slots"],
    ["6.12", "64kB", "6.1", "munmap-after-pageout", "folios"],
    ["6.12", "64kB", "6.1", "partial-unmap", "clusters"],
    ["6.12", "64kB", "6.1", "mixed-orders", "list.free"],
    ["7.3", "64kB", "6.16", "refill-holes", "slots"],
    ["6.18", "64kB", "7.0", "shared-memory", "slots"],
    ["6.18", "2048kB", "7.2", "shared-written-through-pmd", "slots"],
  ])("a %s guest, folios of %s, beside the model of %s in %s, by its %s", async (kernel, folio, model, experiment, structure) => {
    const { result } = await runExperiment({ experiment, kernel, folio, device: "nvme", model });
    const caught = differing(result).map(({ name }) => name);
    expect(result.verdict, story(result)).toBe("fail");
    expect(caught, story(result)).toContain(`memory.swap0.${structure}`);
  });
});

describe("a kernel that keeps its map of slots under another name", () => {
  const kernel = join(folder, "vmlinux-renamed");
  const asked = { experiment: "munmap-after-pageout", kernel, folio: "64kB", device: "nvme", cold: true };
  const missing = "struct swap_info_struct has no member swap_map";
  beforeAll(async () => writeRenamedKernel(kernel, "6.12", "swap_map", "swap_mop"));

  test("is not judged, and the name is said", async () => {
    const { result } = await runExperiment(asked);
    expect([result.verdict, result.steps], story(result)).toEqual(["invalid", []]);
    expect(result.reason).toContain(missing);
  });

  test("is compared without its memory where a person forces the model", async () => {
    const { result } = await runExperiment({ ...asked, model: "6.12" });
    expect(result.verdict, story(result)).toBe("pass");
    expect(result.remarks.some((remark) => remark.includes(missing))).toBe(true);
    expect(checksOf(result).filter(({ name }) => name.startsWith("memory."))).toEqual([]);
  });
});
