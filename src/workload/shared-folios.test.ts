import { describe, expect, test } from "vitest";
import { generations, type GenerationName } from "../model/features.ts";
import { x86_64 } from "../model/geometry.ts";
import { oneArea } from "./areas-fixture.ts";
import { Machine } from "./machine.ts";
import type { Prediction } from "./observation.ts";
import type { DeviceName, Op, RangeOpName } from "./ops.ts";

/** What is special about large folios of shared memory, on the model; the kernels' own answers are in test/guest. */
function play(name: GenerationName, ops: readonly Op[], { pages = 16_384, device = "nvme" as DeviceName } = {}): Prediction[] {
  const machine = new Machine({ generation: generations[name], geometry: x86_64, scanStarts: [1] }, oneArea(pages, device));
  machine.start();
  return ops.map((op) => machine.execute(op));
}

const map = (pageCount: number, folioOrder: number): Op => ({ op: "map", in: "main", region: "a", pageCount, folioOrder, share: "shared" });
const on = (op: RangeOpName, firstPage: number, pageCount: number, who = "main"): Op => ({ op, in: who, region: "a", range: { firstPage, pageCount } });
const evict: Op = { op: "evict", in: "main" };
const written = (pageCount: number, folioOrder: number): Op[] => [map(pageCount, folioOrder), on("write", 0, pageCount)];
const out = (pageCount: number, folioOrder: number): Op[] => [...written(pageCount, folioOrder), on("pageout", 0, pageCount)];

const mapped = ({ placements }: Prediction, process = "main"): string =>
  placements.find((placement) => placement.process === process)!.runs.map((run) => `${run.kind}+${run.pageCount}`).join(" ");
const usedPages = ({ swapAreas }: Prediction): number => swapAreas[0]!.usedKb / 4;

const whole: GenerationName[] = ["6.12", "6.14", "6.16", "6.17", "6.18", "7.0", "7.2", "7.3"];

describe("a fault brings a folio", () => {
  test.each(whole)("of the size asked for, mapped as a whole, unless some of it is there or it reaches out of the mapping (%s)", (name) => {
    const [, first, second] = play(name, [map(40, 4), on("write", 5, 1), on("write", 39, 1)]);
    expect(mapped(first!)).toBe("present+16 none+24");
    expect(first!.folioStats[64]).toEqual({ shmem_alloc: 1 });
    expect(mapped(second!)).toBe("present+16 none+23 present+1");
    expect(second!.folioStats[64]).toBeUndefined();
  });

  test.each<GenerationName>(["6.1", "6.10"])("of PMD size only, beyond the end of the mapping too (%s)", (name) => {
    const [, small] = play(name, [map(32, 4), on("write", 0, 1)]);
    expect([mapped(small!), small!.vmstat["thp_file_alloc"]]).toEqual(["present+1 none+31", undefined]);
    const [, large, , tail] = play(name, [map(700, 9), on("write", 0, 1), on("write", 600, 1), on("pageout", 0, 700)]);
    expect([mapped(large!), large!.vmstat]).toEqual(["present+512 none+188", { thp_file_alloc: 1, thp_file_mapped: 1 }]);
    expect([tail!.vmstat["pswpout"], tail!.vmstat["thp_split_page"]]).toEqual([512, 2]);
  });
});

test.each<[GenerationName, object]>([
  ["6.1", { pswpout: 512, thp_split_page: 1 }],
  ["6.12", { pswpout: 512, thp_swpout: 1 }],
  ["7.3", { pswpout: 512, thp_swpout: 1 }],
])("%s pages a PMD folio out split, or whole", (name, vmstat) => {
  const last = play(name, out(512, 9)).at(-1)!;
  expect([last.vmstat, mapped(last)]).toEqual([vmstat, "none+512"]);
});

test.each(whole)("a part of a folio that is paged out splits it, and nothing goes out (%s)", (name) => {
  const last = play(name, [...written(64, 4), on("pageout", 4, 4)]).at(-1)!;
  expect([last.vmstat["pswpout"], last.folioStats[64], mapped(last)]).toEqual([undefined, { split: 1 }, "none+16 present+48"]);
});

test.each(whole)("out of the swap cache a folio comes back whole (%s)", (name) => {
  const last = play(name, [...out(64, 4), on("read", 21, 1)]).at(-1)!;
  expect([mapped(last), usedPages(last), last.vmstat["pswpin"]]).toEqual(["none+16 present+16 none+32", 48, undefined]);
});

test.each(whole)("from the device one page comes back, with others that are read ahead (%s)", (name) => {
  const last = play(name, [...out(64, 4), evict, on("read", 21, 1)]).at(-1)!;
  expect([mapped(last), usedPages(last), last.vmstat["pswpin"]]).toEqual(["none+21 present+1 none+42", 63, 8]);
});

test.each<[GenerationName, string, number]>([
  ["6.12", "none+21 present+1 none+42", 8],
  ["6.14", "none+16 present+16 none+32", 16],
  ["6.17", "none+16 present+16 none+32", 16],
  ["7.0", "none+16 present+16 none+32", 16],
  ["7.3", "none+16 present+16 none+32", 16],
])("from a device that completes at once %s has %s", (name, pages, read) => {
  const last = play(name, [...out(64, 4), on("read", 21, 1)], { device: "brd" }).at(-1)!;
  expect([mapped(last), last.vmstat["pswpin"]]).toEqual([pages, read]);
});

test.each<[GenerationName, number]>([["6.16", 2], ["6.17", 1]])("%s looks %i times for a page of an entry whose first page was read ahead", (name, lookUps) => {
  const last = play(name, [...out(64, 2), evict, on("read", 3, 1), on("read", 5, 1)]).at(-1)!;
  expect([last.calls["swap_cache_get_folio"], mapped(last)]).toEqual([lookUps, "none+3 present+1 none+1 present+1 none+58"]);
});

test.each<[GenerationName, string]>([
  ["6.17", "none+32 present+16 none+464"],
  ["6.18", "none+32 present+32 none+448"],
])("%s: a read that finds a folio that reaches out of what it looks at leaves %s", (name, pages) => {
  const last = play(name, [map(512, 5), on("write", 0, 64), on("dontneed", 0, 512), on("read", 40, 1)]).at(-1)!;
  expect(mapped(last)).toBe(pages);
});

describe("a hole that cuts into folios", () => {
  const cut = (name: GenerationName): Prediction => play(name, [...written(512, 9), on("remove", 100, 8), on("read", 0, 1)]).at(-1)!;

  test.each<[GenerationName, string]>([
    ["6.14", "present+16 none+496"],
    ["6.16", "present+16 none+496"],
    ["6.18", "present+64 none+448"],
  ])("%s leaves pages, or what is not at an edge in one piece", (name, pages) => {
    expect(mapped(cut(name))).toBe(pages);
  });

  test.each<[GenerationName, object]>([
    ["6.14", { 2048: { split: 1 } }],
    ["6.16", { 2048: { split: 1 }, 8: { split: 1 } }],
  ])("%s splits %o", (name, stats) => {
    expect(play(name, [...written(512, 9), on("remove", 101, 2)]).at(-1)!.folioStats).toEqual(stats);
  });

  test.each(whole)("brings back what reaches across its edges, and frees the rest (%s)", (name) => {
    const last = play(name, [...out(64, 4), evict, on("remove", 8, 40)]).at(-1)!;
    expect([usedPages(last), last.vmstat["pswpin"], mapped(last)]).toEqual([24, 8, "none+64"]);
  });
});

describe("where there is no room for a folio", () => {
  // 63 slots, of which the first folio of 16 cannot have the first 15.
  test.each<[GenerationName, object]>([["6.19", { split: 4 }], ["7.0", { split: 4, swpout_fallback: 4 }]])("%s splits it and counts %o", (name, stats) => {
    const last = play(name, out(64, 4), { pages: 64 }).at(-1)!;
    expect([last.folioStats[64], last.vmstat["pswpout"], usedPages(last)]).toEqual([stats, 63, 63]);
  });
});

test.each<[GenerationName, number | undefined]>([["6.12", 512], ["6.14", undefined], ["7.1", undefined], ["7.2", 512]])("%s pages out %s pages that were written through a PMD", (name, pages) => {
  const ops = [map(512, 9), on("read", 0, 1), on("write", 0, 512), on("dontneed", 0, 512), on("read", 0, 1), on("pageout", 0, 512)];
  expect(play(name, ops).at(-1)!.vmstat["pswpout"]).toBe(pages);
});

test.each(whole)("swapoff brings back all of every entry (%s)", (name) => {
  const last = play(name, [...out(600, 5), evict, { op: "swapoff", in: "main", area: "swap" }]).at(-1)!;
  expect([last.swapAreas, last.vmstat["pswpin"]]).toEqual([[], 600]);
});

test("6.1 would split a folio that is not mapped as a whole when it evicts, and the model says so", () => {
  const ops = [...out(512, 9), on("read", 0, 1), on("remove", 0, 512), on("write", 0, 512), evict];
  expect(() => play("6.1", ops)).toThrow("not mapped as a whole");
});
