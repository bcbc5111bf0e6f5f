import { describe, expect, test } from "vitest";
import { generations, type GenerationName } from "../model/features.ts";
import { x86_64 } from "../model/geometry.ts";
import { oneArea } from "./areas-fixture.ts";
import { Machine } from "./machine.ts";
import type { Prediction } from "./observation.ts";
import type { Op } from "./ops.ts";

/** What tells neighbouring generations apart, played on the model; the kernels' own answers are in test/guest. */
function play(name: GenerationName, swapMb: number, ops: readonly Op[]): Prediction[] {
  const facts = { generation: generations[name], geometry: x86_64, scanStarts: [1] };
  const machine = new Machine(facts, oneArea(swapMb * 256));
  return [machine.start(), ...ops.map((op) => machine.execute(op))];
}

function pagedOut(region: string, pageCount: number, folioOrder: number): Op[] {
  const range = { firstPage: 0, pageCount };
  return [
    { op: "map", in: "main", region, pageCount, folioOrder, share: "private" },
    { op: "fill", in: "main", region, range, pattern: { kind: "words" } },
    { op: "pageout", in: "main", region, range },
  ];
}

const unmap = (region: string, firstPage: number, pageCount: number): Op => ({ op: "unmap", in: "main", region, range: { firstPage, pageCount } });

function slots(step: Prediction | undefined, region: string): string {
  const runs = step?.placements.find((placement) => placement.region === region)?.runs ?? [];
  return runs.map((run) => (run.kind === "swap" ? `${run.offset}+${run.pageCount}` : `${run.kind}+${run.pageCount}`)).join(" ");
}

const usedKb = (step: Prediction | undefined): number | undefined => step?.swapAreas[0]?.usedKb;
const order64kB = 4;

describe("a fresh area", () => {
  test.each<GenerationName>(["6.10", "6.14", "6.16"])("%s takes clusters column by column", (name) => {
    expect(slots(play(name, 256, pagedOut("a", 2048, 0)).at(-1), "a")).toBe("16384+512 32768+512 49152+512 512+512");
    expect(slots(play(name, 256, pagedOut("a", 2048, order64kB)).at(-1), "a")).toBe("16384+512 32768+512 49152+512 512+512");
  });

  test.each<GenerationName>(["6.18", "6.19"])("%s takes clusters in order, and base pages from the first", (name) => {
    expect(slots(play(name, 256, pagedOut("a", 2048, 0)).at(-1), "a")).toBe("1+2048");
    expect(slots(play(name, 256, pagedOut("a", 2048, order64kB)).at(-1), "a")).toBe("512+2048");
  });

  test.each<GenerationName>(["6.10", "6.12", "6.14", "6.16"])("%s keeps a cluster for each order", (name) => {
    const last = play(name, 256, [...pagedOut("a", 64, order64kB), ...pagedOut("b", 64, 0), ...pagedOut("c", 64, order64kB)]).at(-1);
    expect([slots(last, "a"), slots(last, "b"), slots(last, "c")]).toEqual(["16384+64", "32768+64", "16448+64"]);
  });
});

describe("holes of 64 kB when no cluster is free", () => {
  const holes = [...pagedOut("a", 1536, order64kB), unmap("a", 0, 256), ...pagedOut("b", 256, order64kB)];

  test("6.10 does not look for them: large folios are split, and their pages go there", () => {
    const last = play("6.10", 8, holes).at(-1);
    expect(last?.folioStats[64]).toMatchObject({ swpout_fallback: 16 });
    expect(last?.vmstat).toMatchObject({ pswpout: 256 });
  });

  test.each<GenerationName>(["6.12", "6.14", "6.16", "6.18"])("%s fills them with large folios", (name) => {
    const last = play(name, 8, holes).at(-1);
    expect(last?.folioStats[64]).toEqual({ swpout: 16 });
    expect(slots(last, "b")).toBe("512+256");
  });
});

describe("what a slots cache keeps is counted as used", () => {
  const steps = (name: GenerationName): Prediction[] => play(name, 256, [...pagedOut("a", 100, 0), unmap("a", 0, 100)]);

  test.each<[GenerationName, number, number]>([
    // 128 slots were asked for; of the 100 freed ones 64 were given back when the next came, and 36 wait.
    ["6.12", 128, 64],
    ["6.14", 128, 28],
    ["6.16", 100, 0],
  ])("%s: %i slots while the pages are out, %i afterwards", (name, out, after) => {
    expect([usedKb(steps(name).at(-2)), usedKb(steps(name).at(-1))]).toEqual([out * 4, after * 4]);
  });
});

test("the pages of a split folio go out last page first from 6.16 on", () => {
  const ops = [...pagedOut("a", 512, 9), ...pagedOut("b", 10, 0), ...pagedOut("c", 1536, 9)];
  expect(slots(play("6.14", 8, ops).at(-1), "c")).toMatch(/^1536\+512 1034\+502 1\+/);
  expect(slots(play("6.16", 8, ops).at(-1), "c")).toMatch(/^1536\+512 1034\+1 10\+1 9\+1 8\+1 .* 1\+1 1535\+1 1534\+1/);
});

test("automatic priorities count down until 6.18 and are equal from 6.19 on", () => {
  expect(play("6.18", 8, [])[0]?.swapAreas[0]?.priority).toBe(-2);
  expect(play("6.19", 8, [])[0]?.swapAreas[0]?.priority).toBe(-1);
});

test.each<[GenerationName, string | number]>([["6.16", "none"], ["7.0", "none"], ["7.1", 64]])("%s: behind the last slot of an area of 64 the CPU stands at %s", (name, next) => {
  const machine = new Machine({ generation: generations[name], geometry: x86_64, scanStarts: [1] }, oneArea(64));
  machine.start();
  for (const op of [...pagedOut("a", 10, 0), unmap("a", 0, 5), ...pagedOut("b", 53, 0)]) machine.execute(op);
  expect(machine.core.allocatorOf(machine.core.areas[0]!).cursors()[0]).toMatchObject({ "next.0": next });
});
