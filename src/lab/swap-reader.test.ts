import { describe, expect, test } from "vitest";
import { generations } from "../model/features.ts";
import { x86_64 } from "../model/geometry.ts";
import { Machine } from "../workload/machine.ts";
import type { Op } from "../workload/ops.ts";
import type { SwapState } from "../workload/swap-state.ts";
import { parseBtf } from "./btf.ts";
import { type Family, KernelFixture } from "./swap-fixture.ts";
import { SwapReader } from "./swap-reader.ts";

const families = { "free-list": "6.1", "order-lists": "6.12" } as const;
const everyFamily = Object.keys(families) as Family[];

/** A state in which everything has something: base pages and large folios, holes, zeroes, both sides of the slots cache. */
function busyState(family: Family): SwapState {
  const machine = new Machine({ generation: generations[families[family]], geometry: x86_64, synchronous: false, rotating: false, scanStarts: [4711] }, { swapPageCount: 20_000, cpuCount: 1 });
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
  return machine.swapState();
}

const reader = (kernel: KernelFixture): SwapReader => new SwapReader(parseBtf(kernel.btfBytes()), kernel.addresses, kernel.firstCpu);

function written(family: Family, state = busyState(family)): KernelFixture {
  const kernel = new KernelFixture(family);
  kernel.write(state);
  return kernel;
}

/** The model does not always know the scan start; a kernel always has one. */
function withScanStart(state: SwapState, start: number): SwapState {
  return { ...state, areas: state.areas.map((area) => ({ ...area, cursors: { ...area.cursors, scan_start: start } })) };
}

/** Typed arrays and buffers as plain lists, so that only their content counts. */
const plain = (state: SwapState | null): unknown => JSON.parse(JSON.stringify(state, (_, value: unknown) => (ArrayBuffer.isView(value) ? [...(value as Uint8Array)] : value instanceof Object && "type" in value && "data" in value ? value.data : value)));

describe.each(everyFamily)("of a kernel with %s", (family) => {
  test("what was written is what is read", async () => {
    const state = withScanStart(busyState(family), 17);
    expect(state.slotsCache).toMatchObject({ active: true });
    expect([state.slotsCache!.toHandOut.length, state.slotsCache!.returned.length].every((count) => count > 0)).toBe(true);
    const kernel = written(family, state);
    expect(plain(await reader(kernel).read(kernel.read))).toEqual(plain(state));
  });

  test("an area that is switched off is none", async () => {
    const state = busyState(family);
    const second = { ...state, areas: state.areas.map((area) => ({ ...area, swapType: 1 })) };
    const kernel = written(family, second);
    expect((await reader(kernel).read(kernel.read))?.areas.map(({ swapType }) => swapType)).toEqual([1]);
  });

  test("nothing is believed while an area is being changed", async () => {
    const kernel = written(family);
    const lock = parseBtf(kernel.btfBytes()).structure("swap_info_struct")!.member("lock")!;
    kernel.placed.get("area")!.writeUInt32LE(1, lock.bitOffset / 8);
    expect(await reader(kernel).read(kernel.read)).toBeNull();
  });

  test.each(["swap_map", "cluster_info", "inuse_pages", "lowest_bit", "free_clusters", "percpu_cluster", "slots_ret", "i_pages"])("a kernel without %s is refused by that name", (member) => {
    const kernel = new KernelFixture(family, [member]);
    for (const name of ["swap_info", "nr_swapfiles", "nr_swap_pages", "total_swap_pages", "swapper_spaces", "nr_swapper_spaces", "swp_slots", "swap_slot_cache_active"]) kernel.addresses.set(name, 1n);
    expect(() => reader(kernel)).toThrow(member);
  });

  test.each(["swap_info", "nr_swap_pages", "swapper_spaces", "swp_slots"])("a kernel without the symbol %s is refused by that name", (symbol) => {
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

  test("a swap cache of another size is refused", async () => {
    const kernel = written(family);
    kernel.placed.get("nr_swapper_spaces")!.writeUInt32LE(5);
    await expect(reader(kernel).read(kernel.read)).rejects.toThrow("20000 slots has 5 trees");
  });
});

test("flags that no known kernel sets are refused", async () => {
  const kernel = written("order-lists");
  const flags = parseBtf(kernel.btfBytes()).structure("swap_cluster_info")!.member("flags")!;
  kernel.placed.get("clusters")![flags.bitOffset / 8] = 5;
  await expect(reader(kernel).read(kernel.read)).rejects.toThrow("the flags of cluster 0 are 5");
});
