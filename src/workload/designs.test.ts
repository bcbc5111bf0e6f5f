import { describe, expect, test } from "vitest";
import { type DesignName, designNames, designs } from "../model/designs.ts";
import { clusterSlotCount, x86_64 } from "../model/geometry.ts";
import { oneArea } from "./areas-fixture.ts";
import { type DesignCost, designCost, metadataBytes, type StepChoice } from "./designs.ts";
import type { Op } from "./ops.ts";

const pages = clusterSlotCount(x86_64);
const words = { kind: "words" } as const;
const on = (op: "read" | "pageout" | "unmap", firstPage: number, pageCount: number, region = "a"): Op => ({ op, in: "main", region, range: { firstPage, pageCount } });
const out = (folioOrder: number, region = "a"): Op[] => [
  { op: "map", in: "main", region, pageCount: pages, folioOrder, share: "private" },
  { op: "fill", in: "main", region, range: { firstPage: 0, pageCount: pages }, pattern: words },
  on("pageout", 0, pages, region),
];
const fork: Op = { op: "fork", in: "main", child: "child" };
const exit: Op = { op: "exit", in: "child" };
const all = on("unmap", 0, pages);

function costs(ops: Op[], step: StepChoice = { op: "unmap", nth: 0 }, { synchronous = false, swapPageCount = 16384 } = {}): Record<DesignName, DesignCost> {
  const workload = { name: "test", title: "", ops, ...oneArea(swapPageCount, synchronous ? "brd" : "nvme") };
  return Object.fromEntries(designNames.map((name) => [name, designCost(designs[name], workload, step, x86_64)])) as Record<DesignName, DesignCost>;
}

type Field = keyof DesignCost;
const row = (table: Record<DesignName, DesignCost>, field: Field): unknown[] => designNames.map((name) => table[name][field]);
const [base, small, pmd] = [0, 4, x86_64.pmdOrder];

/** In the order of `designNames`: before, seed-v3, batched, smallest order in the header, the same reset, order bits. */
describe("512 entries unmapped by their last user", () => {
  test("of one PMD folio", () => {
    const table = costs([...out(pmd), all]);
    for (const field of ["lookUps", "references", "tryLocks"] as const) expect(row(table, field), field).toEqual([1, 512, 1, 1, 1, 1]);
    expect(row(table, "folioFreed")).toEqual([1, 1, 1, 1, 1, 1]);
    expect(row(table, "folioKept")).toEqual([0, 511, 0, 0, 0, 0]);
    expect(row(table, "devicePins")).toEqual([512, 512, 1, 512, 512, 512]);
    // The i-th slot dropped is asked about until the first that is still referenced; then the folio is asked, and put_swap_folio looks.
    const [asked, folio, put] = [131839, 512, 512];
    expect(row(table, "slotsScanned")).toEqual([asked + folio + put, asked + put, 3 * 512, asked + folio + put, asked + folio + put, asked + folio + put]);
  });

  test("of 32 folios of 64 kB", () => {
    const table = costs([...out(small), all]);
    expect(row(table, "lookUps")).toEqual([512, 512, 32, 32, 1 + 31 * 16, 32]);
    expect(row(table, "folioFreed")).toEqual([512, 32, 32, 32, 32, 32]);
    expect(row(table, "folioKept")).toEqual([0, 480, 0, 0, 31 * 15, 0]);
    expect(row(table, "splitFirst")).toEqual([true, false, false, false, false, false]);
  });

  test("of single pages: what is known of larger folios changes nothing", () => {
    const table = costs([...out(base), all]);
    for (const field of ["lookUps", "tryLocks", "folioFreed"] as const) expect(row(table, field), field).toEqual([512, 512, 512, 512, 512, 512]);
  });
});

describe("situations", () => {
  test.each([64, 256, 511])("only %s entries of a PMD folio: nobody can succeed", (count) => {
    const table = costs([...out(pmd), on("unmap", 0, count)]);
    expect(row(table, "lookUps")).toEqual([0, count, 1, 0, 0, 0]);
    expect(row(table, "folioFreed")).toEqual([0, 0, 0, 0, 0, 0]);
  });

  test("the other half later", () => {
    const table = costs([...out(pmd), on("unmap", 0, 256), on("unmap", 256, 256)], { op: "unmap", nth: 1 });
    expect(row(table, "lookUps")).toEqual([1, 256, 1, 1, 1, 1]);
    expect(row(table, "folioFreed")).toEqual([1, 1, 1, 1, 1, 1]);
  });

  test.each([base, small, pmd])("a child refers to the slots as well, order %s: nothing is looked up", (order) => {
    expect(row(costs([...out(order), fork, all]), "lookUps")).toEqual([0, 0, 0, 0, 0, 0]);
  });

  test.each([base, small, pmd])("a device that completes at once leaves no folio to find, order %s", (order) => {
    expect(row(costs([...out(order), all], undefined, { synchronous: true }), "lookUps")).toEqual([0, 0, 0, 0, 0, 0]);
  });

  test("one of 32 folios was split: the header knows of single pages only", () => {
    const table = costs([...out(small), on("read", 0, 16), on("pageout", 0, 8), all]);
    expect(row(table, "lookUps").slice(1)).toEqual([496, 31, 496, 496, 31]);
    expect(row(table, "folioFreed").slice(1)).toEqual([31, 31, 31, 31, 31]);
  });

  test("a base page took a slot of the cluster: the same", () => {
    const table = costs([...out(small), on("unmap", 0, 16), ...out(base, "b"), on("unmap", 16, 496)], { op: "unmap", nth: 1 }, { swapPageCount: 2 * pages });
    expect(row(table, "lookUps").slice(1)).toEqual([496, 31, 496, 496, 31]);
    expect(row(table, "folioFreed").slice(1)).toEqual([31, 31, 31, 31, 31]);
  });

  const stray = (order: number): Op[] => [...out(order), fork, on("read", 256, 1), exit, all];
  test("7 stray single pages, brought by read-ahead, among 511 entries", () => {
    const table = costs(stray(base), undefined, { synchronous: true });
    // Batched, two ranges: slots that wait in the slots cache look as if only the swap cache held them, 60 in each range.
    expect(row(table, "lookUps")).toEqual([7, 7, 7 + 2 * 60, 7, 7, 7]);
    expect(row(table, "folioFreed")).toEqual([7, 7, 7, 7, 7, 7]);
  });

  test("stray single pages in the slots of larger folios: what the slots tell is out of date, and cached pages are left behind", () => {
    const table = costs(stray(small), undefined, { synchronous: true });
    const freed = row(table, "folioFreed") as number[];
    expect(freed[designNames.indexOf("seed-v3")]).toBe(7);
    expect(freed[designNames.indexOf("batched")]).toBe(7);
    expect(row(table, "slotsLeft").slice(1)).toEqual([0, 0, 7 - freed[3]!, 7 - freed[4]!, 7 - freed[5]!]);
    expect(freed[designNames.indexOf("order-bits")]).toBeLessThan(7);
  });
});

test("what the orders take: one byte a cluster, half a byte a slot", () => {
  const oneGib = 2 ** 30 / x86_64.pageSizeBytes;
  const bytes = (slotCount: number): number[] => designNames.map((name) => metadataBytes(designs[name], slotCount, x86_64));
  expect(bytes(pages)).toEqual([0, 0, 0, 1, 1, 256]);
  expect(bytes(oneGib)).toEqual([0, 0, 0, 512, 512, 128 * 1024]);
});
