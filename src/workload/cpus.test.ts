import { describe, expect, test } from "vitest";
import { generationNames, generations, type GenerationName } from "../model/features.ts";
import { x86_64 } from "../model/geometry.ts";
import { oneArea } from "./areas-fixture.ts";
import { Machine } from "./machine.ts";
import { onlyArea, type PageRange, type Op } from "./ops.ts";

function play(generation: GenerationName, ops: readonly Op[], { cpuCount = 2, swapPageCount = 16_384, scanStarts = [1, 1] } = {}): Machine {
  const facts = { generation: generations[generation], geometry: x86_64, scanStarts };
  const machine = new Machine(facts, { ...oneArea(swapPageCount), cpuCount });
  machine.start();
  for (const op of ops) machine.execute(op);
  return machine;
}

const range = (firstPage: number, pageCount: number): PageRange => ({ firstPage, pageCount });

/** Mapped, filled and paged out on one CPU. */
function pagedOut(region: string, cpu: number, pageCount: number, folioOrder = 0): Op[] {
  const all = range(0, pageCount);
  return [
    { op: "map", in: "main", cpu, region, pageCount, folioOrder, share: "private" },
    { op: "fill", in: "main", cpu, region, range: all, pattern: { kind: "words" } },
    { op: "pageout", in: "main", cpu, region, range: all },
  ];
}

/** First slots of the runs that a region's pages are in. */
function slots(machine: Machine, region: string): string {
  const { placements } = machine.execute({ op: "note", in: "main", text: "" });
  const { runs } = placements.find((placement) => placement.region === region)!;
  return runs.flatMap((run) => (run.kind === "swap" ? [`${run.offset}+${run.pageCount}`] : [])).join(" ");
}

describe("each CPU goes on in its own cluster", () => {
  const turns = [...pagedOut("a", 0, 100), ...pagedOut("b", 1, 100), ...pagedOut("c", 0, 100), ...pagedOut("d", 1, 100)];
  const seen = (machine: Machine): string[] => ["a", "b", "c", "d"].map((region) => slots(machine, region));

  test.each(generationNames)("%s", (name) => {
    const first = generations[name].features.freeListColumnCount === 1 ? [1, 512] : [512, 1024];
    const [own, other] = first as [number, number];
    expect(seen(play(name, turns))).toEqual([`${own}+100`, `${other}+100`, `${own + 100}+100`, `${other + 100}+100`]);
  });

  test.each(generationNames)("%s: without CPUs it would be one cluster", (name) => {
    const oneCpu = turns.map((op): Op => ({ ...op, cpu: 0 }));
    expect(seen(play(name, oneCpu))).not.toEqual(seen(play(name, turns)));
  });
});

test.each(["6.12", "7.0", "7.3"] as const)("and one for each order (%s)", (name) => {
  const machine = play(name, [...pagedOut("a", 0, 64), ...pagedOut("b", 1, 64, 4), ...pagedOut("c", 0, 64, 4), ...pagedOut("d", 1, 64)]);
  const clusters = ["a", "b", "c", "d"].map((region) => Math.floor(Number.parseInt(slots(machine, region), 10) / 512));
  expect(new Set(clusters).size).toBe(4);
});

describe.each(["6.1", "6.12"] as const)("the slots cache of %s", (name) => {
  const freed = (cpu: number, firstPage: number, pageCount: number): Op => ({ op: "unmap", in: "main", cpu, region: "a", range: range(firstPage, pageCount) });
  const usedPages = (machine: Machine): number => machine.core.areas[0]!.inusePages;

  test("keeps a freed slot with the CPU that freed it, until its 65th comes", () => {
    const out = pagedOut("a", 0, 128);
    expect(usedPages(play(name, [...out, freed(0, 0, 40), freed(1, 40, 40)]))).toBe(128);
    expect(usedPages(play(name, [...out, freed(1, 0, 40), freed(1, 40, 40)]))).toBe(64);
    const { cpus } = play(name, [...out, freed(0, 0, 40), freed(1, 40, 50)]).core.slotsCache.contents;
    expect(cpus.map(({ returned }) => returned.length)).toEqual([40, 50]);
  });

  test("is emptied on every CPU by swapoff", () => {
    const machine = play(name, [...pagedOut("a", 0, 100), freed(0, 0, 20), freed(1, 20, 20), { op: "swapoff", in: "main", area: onlyArea, cpu: 1 }]);
    expect(machine.core.areas[0]).toBeNull();
    expect(machine.core.slotsCache.contents.cpus).toEqual([{ ready: [], returned: [] }, { ready: [], returned: [] }]);
  });

  test("is switched on above 320 and off below 128 free slots for each CPU", () => {
    const isActive = (freePages: number, cpuCount: number): boolean =>
      play(name, pagedOut("a", 0, 1), { cpuCount, swapPageCount: freePages + 1 }).core.slotsCache.contents.active;
    expect([isActive(320, 1), isActive(321, 1), isActive(640, 2), isActive(641, 2)]).toEqual([false, true, false, true]);
    const staysActive = (pageCount: number): boolean =>
      play(name, pagedOut("a", 0, pageCount), { cpuCount: 2, swapPageCount: 1025 }).core.slotsCache.contents.active;
    // Slots come by 64: with the 769th page 192 are free, which the next one sees.
    expect([staysActive(769), staysActive(770)]).toEqual([true, false]);
  });
});

test("6.1: each CPU scans from a place of its own when no cluster is free", () => {
  // One cluster, and it is not on the free list because of the header.
  const machine = play("6.1", [...pagedOut("a", 0, 2), ...pagedOut("b", 1, 2)], { swapPageCount: 512, scanStarts: [100, 300] });
  expect([slots(machine, "a"), slots(machine, "b")]).toEqual(["101+1 103+1", "301+1 303+1"]);
});
