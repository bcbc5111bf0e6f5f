import { describe, expect, test } from "vitest";
import { type GenerationName, generations } from "../model/features.ts";
import { x86_64 } from "../model/geometry.ts";
import { makeEntry } from "../model/entry.ts";
import { clusterState } from "../model/cluster.ts";
import { oneArea } from "../workload/areas-fixture.ts";
import { Machine } from "../workload/machine.ts";
import type { Op } from "../workload/ops.ts";
import { slotReferences, slotWord } from "../workload/slot-word.ts";
import { type AreaState, type SwapState, tableState } from "../workload/swap-state.ts";
import { parseBtf } from "./btf.ts";
import { type Family, KernelFixture } from "./swap-fixture.ts";
import { SwapReader } from "./swap-reader.ts";

/** By family the model whose states it can hold. */
const families = {
  "free-list": "6.1",
  "order-lists": "6.12",
  "global-cursors": "7.0",
  "folio-tables": "7.0",
  "folio-tables-no-bit": "7.0",
  "word-tables-zeromap": "7.1",
  "word-tables": "7.3",
} as const satisfies Record<Family, GenerationName>;
const everyFamily = Object.keys(families) as Family[];
const withTrees = (family: Family): boolean => ["free-list", "order-lists", "global-cursors"].includes(family);
const ofAreas = (family: Family): boolean => ["free-list", "order-lists"].includes(family);
const withMap = (family: Family): boolean => !family.startsWith("word-tables");

const busyStates = new Map<Family, SwapState>();

/** A state in which everything has something: base pages and large folios, holes, zeroes, both sides of the slots cache. */
function busyState(family: Family): SwapState {
  const state = busyStates.get(family) ?? playedState(family);
  busyStates.set(family, state);
  return state;
}

function playedState(family: Family): SwapState {
  const machine = new Machine({ generation: generations[families[family]], geometry: x86_64, scanStarts: [4711] }, oneArea(20_000));
  machine.start();
  const range = (firstPage: number, pageCount: number) => ({ firstPage, pageCount });
  const ops: Op[] = [
    { op: "map", in: "main", region: "a", pageCount: 1200, folioOrder: 0, share: "private" },
    { op: "fill", in: "main", region: "a", range: range(0, 1200), pattern: { kind: "words" } },
    { op: "fill", in: "main", region: "a", range: range(30, 50), pattern: { kind: "zero" } },
    { op: "map", in: "main", region: "b", pageCount: 1024, folioOrder: 9, share: "private" },
    { op: "fill", in: "main", region: "b", range: range(0, 1024), pattern: { kind: "words" } },
    { op: "pageout", in: "main", region: "a", range: range(0, 1200) },
    { op: "pageout", in: "main", region: "b", range: range(0, 1024) },
    { op: "fork", in: "main", child: "c" },
    { op: "unmap", in: "main", region: "a", range: range(100, 60) },
    { op: "exit", in: "c" },
  ];
  for (const op of ops) machine.execute(op);
  const state = machine.swapState();
  return { ...state, areas: state.areas.map((area) => familiar(area, family)) };
}

/** What the model's generation has and the family has not, or the other way round. */
function familiar(area: AreaState, family: Family): AreaState {
  const fragCounts = area.lists["frag.0"] === undefined ? null : Array.from({ length: 10 }, (_, order) => 3 * order);
  return {
    ...area,
    clusters: { ...area.clusters!, table: withTrees(family) ? null : area.clusters!.table },
    fragCounts: withTrees(family) ? fragCounts : null,
  };
}

const reader = (kernel: KernelFixture): SwapReader => new SwapReader(parseBtf(kernel.btfBytes()), kernel.addresses, kernel.cpuBases);

function written(family: Family, state = busyState(family)): KernelFixture {
  const kernel = new KernelFixture(family, [], state.cpus.length);
  kernel.write(state);
  return kernel;
}

const changeArea = (state: SwapState, change: (area: AreaState) => Partial<AreaState>): SwapState => ({ ...state, areas: state.areas.map((area) => ({ ...area, ...change(area) })) });

/** The model does not always know the scan start; a kernel always has one. */
const withScanStart = (state: SwapState, start: number): SwapState => changeArea(state, ({ cpuCursors }) => ({ cpuCursors: cpuCursors.map((cursors) => ({ ...cursors, scan_start: start })) }));

/** Slots with other words, by slot. */
function withSlots(state: SwapState, words: Readonly<Record<number, number>>): SwapState {
  return changeArea(state, ({ slots }) => ({ slots: slots.map((word, slot) => words[slot] ?? word) }));
}

/** Typed arrays and buffers as plain lists, so that only their content counts. */
const plain = (state: SwapState | null): unknown => JSON.parse(JSON.stringify(state, (_, value: unknown) => (ArrayBuffer.isView(value) ? [...(value as Uint8Array)] : value instanceof Object && "type" in value && "data" in value ? value.data : value)));

/** Where a member lies in a structure, bytes. */
const offsetIn = (kernel: KernelFixture, structure: string, member: string): number => parseBtf(kernel.btfBytes()).structure(structure)!.member(member)!.bitOffset / 8;

/** A slot with a reference and a folio. */
const cachedSlot = ({ areas }: SwapState): number => areas[0]!.slots.findIndex((word) => word === (slotWord.held | 1));

describe.each(everyFamily)("of a kernel with %s", (family) => {
  test("what was written is what is read", async () => {
    const state = ofAreas(family) ? withScanStart(busyState(family), 17) : busyState(family);
    expect(state.areas[0]!.folioSlots.some((count) => count === 512)).toBe(true);
    const kernel = written(family, state);
    expect(plain(await reader(kernel).read(kernel.read))).toEqual(plain(state));
  });

  test("every CPU is read", async () => {
    const state = busyState(family);
    const cursors = Object.fromEntries(Array.from({ length: 10 }, (_, order) => [`next.${order}`, order === 3 ? "none" : 600 + order] as const));
    const freeListCursor = { cluster: 7, cluster_next: 3600 };
    const second = { ...(family === "free-list" ? freeListCursor : cursors), scan_start: 99 };
    const [first] = state.cpus as [SwapState["cpus"][number]];
    const cache = { active: true, toHandOut: [makeEntry(0, 5)], returned: [] };
    const two = {
      ...withScanStart(state, 17),
      cpus: [first, { slotsCache: ofAreas(family) ? cache : null, cursors: ofAreas(family) ? null : cursors }],
    };
    const kernel = written(family, changeArea(two, ({ cpuCursors }) => ({ cpuCursors: [...cpuCursors, ...(ofAreas(family) ? [second] : [])] })));
    const read = (await reader(kernel).read(kernel.read))!;
    if (ofAreas(family)) expect([read.areas[0]!.cpuCursors[1], read.cpus[1]!.slotsCache]).toEqual([second, cache]);
    else expect(read.cpus[1]!.cursors).toEqual(cursors);
  });

  test("an area that is switched off is none", async () => {
    const state = busyState(family);
    const elsewhere = state.cpus.map((cpu) => ({ ...cpu, cursors: cpu.cursors === null ? null : { ...cpu.cursors, "next.0": makeEntry(1, 77), "next.9": "none" } as const }));
    const kernel = written(family, { ...changeArea(state, () => ({ swapType: 1 })), cpus: elsewhere });
    const read = (await reader(kernel).read(kernel.read))!;
    expect(read.areas.map(({ swapType }) => swapType)).toEqual([1]);
    if (!ofAreas(family)) expect(read.cpus[0]!.cursors!["next.0"]).toBe(makeEntry(1, 77));
  });

  test.each([
    ["an area", "area", "swap_info_struct"],
    ["a cluster", "clusters", "swap_cluster_info"],
  ])("nothing is believed while %s is being changed", async (_what, piece, structure) => {
    const kernel = written(family);
    kernel.placed.get(piece)!.writeUInt32LE(1, offsetIn(kernel, structure, "lock"));
    expect(await reader(kernel).read(kernel.read)).toBeNull();
  });

  const members = ["cluster_info", "inuse_pages", "free_clusters", ...(withMap(family) ? ["swap_map"] : [])];
  const itsOwn = ofAreas(family) ? ["lowest_bit", "percpu_cluster", "cluster_next_cpu", "slots_ret"] : ["offset", "si", "next", "CLUSTER_FLAG_DISCARD"];
  const itsCache = withTrees(family) ? ["i_pages", "shift"] : ["entries"];
  test.each([...members, ...itsOwn, ...itsCache])("a kernel without %s is refused by that name", (member) => {
    const kernel = new KernelFixture(family, [member]);
    for (const name of ["swap_info", "nr_swapfiles", "nr_swap_pages", "total_swap_pages", "swapper_spaces", "nr_swapper_spaces", "swp_slots", "swap_slot_cache_active", "percpu_swap_cluster"]) kernel.addresses.set(name, 1n);
    expect(() => reader(kernel)).toThrow(member);
  });

  test.each(["swap_info", "nr_swap_pages", ...(withTrees(family) ? ["swapper_spaces"] : []), ofAreas(family) ? "swp_slots" : "percpu_swap_cluster"])("a kernel without the symbol %s is refused by that name", (symbol) => {
    const kernel = written(family);
    kernel.addresses.delete(symbol);
    expect(() => reader(kernel)).toThrow(new RegExp(`no ${symbol}\\b`));
  });

  test("a list that never ends is refused", async () => {
    const state = busyState(family);
    const kernel = written(family, state);
    const { sizeBytes, member } = parseBtf(kernel.btfBytes()).structure("swap_cluster_info")!;
    const { bitOffset, bitWidth } = (member("list") ?? member("data"))!;
    const [first, second] = state.areas[0]!.lists["free"]!.map((index) => index * sizeBytes + bitOffset / 8) as [number, number];
    // The second cluster comes after the first, and then once more.
    kernel.placed.get("clusters")!.copyWithin(second, first, first + bitWidth / 8);
    await expect(reader(kernel).read(kernel.read)).rejects.toThrow("its list of free clusters does not end");
  });

  test("flags that it never sets are refused", async () => {
    const kernel = written(family);
    kernel.placed.get("clusters")![offsetIn(kernel, "swap_cluster_info", "flags")] = 13;
    await expect(reader(kernel).read(kernel.read)).rejects.toThrow("the flags of cluster 0 are 13");
  });
});

describe.each(everyFamily.filter(ofAreas))("a rotating device of a kernel with %s", (family) => {
  test("has no clusters, and one place for all CPUs", async () => {
    const rotating = changeArea(busyState(family), () => ({ clusters: null, lists: {}, fragCounts: null, cpuCursors: [], sharedCursors: { cluster_next: 513, cluster_nr: 3 } }));
    const kernel = written(family, rotating);
    expect(plain(await reader(kernel).read(kernel.read))).toEqual(plain(rotating));
  });
});

describe.each(everyFamily.filter((family) => !ofAreas(family)))("of a kernel with %s", (family) => {
  test("a rotating device has its own places", async () => {
    const sharedCursors = Object.fromEntries(Array.from({ length: 10 }, (_, order) => [`next.${order}`, order === 0 ? 33 : "none"] as const));
    const rotating = changeArea(busyState(family), () => ({ sharedCursors }));
    const kernel = written(family, rotating);
    expect(plain(await reader(kernel).read(kernel.read))).toEqual(plain(rotating));
  });

  test("an area that is full is not asked any more", async () => {
    const full = changeArea(busyState(family), () => ({ available: false }));
    const kernel = written(family, full);
    expect((await reader(kernel).read(kernel.read))!.areas[0]).toMatchObject({ available: false, usedSlots: full.areas[0]!.usedSlots });
  });

  test("the flag may also be where kernels until 6.17 have it, and a count beyond the area is refused", async () => {
    const state = busyState(family);
    const kernel = written(family, state);
    const [area, at] = [kernel.placed.get("area")!, offsetIn(kernel, "swap_info_struct", "inuse_pages")];
    area.writeBigUInt64LE(BigInt(state.areas[0]!.usedSlots + 2 ** 30), at);
    expect((await reader(kernel).read(kernel.read))!.areas[0]).toMatchObject({ available: false, usedSlots: state.areas[0]!.usedSlots });
    area.writeBigUInt64LE(20_000n, at);
    await expect(reader(kernel).read(kernel.read)).rejects.toThrow("of 19999 slots 20000 are in use");
  });

  test("a CPU that goes on outside of every area is refused", async () => {
    const kernel = written(family);
    kernel.placed.get("cpu")!.writeBigUInt64LE(0xffff_8880_0000_1000n, offsetIn(kernel, "percpu_swap_cluster", "si") + 8 * 4);
    await expect(reader(kernel).read(kernel.read)).rejects.toThrow("where the CPU goes on with order 4 is in no swap area");
  });

  test("a cluster that waits to be discarded is known", async () => {
    const state = busyState(family);
    const last = state.areas[0]!.clusters!.used.length - 2;
    const discarded = changeArea(state, ({ clusters, lists }) => ({
      clusters: { ...clusters!, state: clusters!.state.map((value, i) => (i === last ? clusterState.discard : value)) },
      lists: { ...lists, free: lists["free"]!.filter((i) => i !== last), discard: [last] },
    }));
    const kernel = written(family, discarded);
    expect(plain(await reader(kernel).read(kernel.read))).toEqual(plain(discarded));
  });
});

describe.each(everyFamily.filter(withMap))("the map of slots of a kernel with %s", (family) => {
  test("knows what belongs to shared memory", async () => {
    const state = busyState(family);
    const slot = cachedSlot(state);
    const shared = withSlots(state, { [slot]: slotWord.held | slotWord.shared, [19_000]: slotWord.shared });
    const kernel = written(family, shared);
    expect(plain((await reader(kernel).read(kernel.read))!.areas[0]!.slots as unknown as SwapState)).toEqual([...shared.areas[0]!.slots]);
  });

  test("is refused where a byte means nothing", async () => {
    const kernel = written(family);
    kernel.placed.get("map")![4711] = 0x7f;
    await expect(reader(kernel).read(kernel.read)).rejects.toThrow("the byte of slot 4711 is 0x7f");
  });
});

test("a cache bit where the table alone says it is refused", async () => {
  const kernel = written("folio-tables-no-bit");
  kernel.placed.get("map")![4711] = 0x41;
  await expect(reader(kernel).read(kernel.read)).rejects.toThrow("the byte of slot 4711 is 0x41");
});

test("a swap cache of another size is refused", async () => {
  const kernel = written("order-lists");
  kernel.placed.get("nr_swapper_spaces")!.writeUInt32LE(5);
  await expect(reader(kernel).read(kernel.read)).rejects.toThrow("20000 slots has 5 trees");
});

describe.each(everyFamily.filter((family) => !withTrees(family)))("the swap table of a kernel with %s", (family) => {
  const state = busyState(family);
  const slot = cachedSlot(state);
  const cluster = Math.floor(slot / 512);
  const at = 8 * (slot % 512);

  test("is read as not there where it is not", async () => {
    const kernel = written(family, state);
    kernel.placed.get("clusters")!.writeBigUInt64LE(0n, cluster * parseBtf(kernel.btfBytes()).structure("swap_cluster_info")!.sizeBytes + offsetIn(kernel, "swap_cluster_info", "table"));
    const area = (await reader(kernel).read(kernel.read))!.areas[0]!;
    expect([area.clusters!.table![cluster], area.folioSlots[slot]]).toEqual([tableState.none, 0]);
  });

  test("is refused where a word is of no known kind", async () => {
    const kernel = written(family, state);
    kernel.placed.get(`table ${cluster}`)!.writeBigUInt64LE(0x1000_0000_0000_0004n, at);
    await expect(reader(kernel).read(kernel.read)).rejects.toThrow(`0x1000000000000004 for slot ${slot}`);
  });
});

describe.each(["word-tables-zeromap", "word-tables"] as const)("counts of a kernel with %s", (family) => {
  const state = busyState(family);
  const slot = cachedSlot(state);
  const cluster = Math.floor(slot / 512);
  const crowded = changeArea(withSlots(state, { [slot]: slotWord.held | 15, [slot + 1]: slotWord.held | 14, [slot + 2]: slotWord.held | 70_000 }), ({ clusters }) => ({
    clusters: { ...clusters!, table: clusters!.table!.map((value, i) => (i === cluster ? tableState.extended : value)) },
  }));

  test("may go on in a second table", async () => {
    const kernel = written(family, crowded);
    const area = (await reader(kernel).read(kernel.read))!.areas[0]!;
    expect(plain(area as unknown as SwapState)).toEqual(plain(crowded.areas[0] as unknown as SwapState));
    expect(slotReferences(area.slots[slot + 2]!)).toBe(70_000);
  });

  test("are refused where the second table does not have them", async () => {
    const kernel = written(family, crowded);
    kernel.placed.get(`extend table ${cluster}`)!.writeUInt32LE(3, 4 * (slot % 512));
    await expect(reader(kernel).read(kernel.read)).rejects.toThrow(`the count of slot ${slot} goes on in a table where it is 3`);
  });

  test("are refused where nothing keeps the slot", async () => {
    const kernel = written(family, state);
    kernel.placed.get(`table ${cluster}`)!.writeBigUInt64LE(0x51n, 8 * (slot % 512));
    await expect(reader(kernel).read(kernel.read)).rejects.toThrow(`0x51 for slot ${slot}`);
  });
});
