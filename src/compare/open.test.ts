import { expect, test } from "vitest";
import { generations } from "../model/features.ts";
import { x86_64 } from "../model/geometry.ts";
import { oneArea } from "../workload/areas-fixture.ts";
import { Machine } from "../workload/machine.ts";
import type { Observation, StormReport, WrongWord } from "../workload/observation.ts";
import type { Op } from "../workload/ops.ts";
import { openChecks, openMemoryChecks } from "./open.ts";

const range = { firstPage: 0, pageCount: 64 };
const map: Op = { op: "map", in: "main", region: "a", pageCount: 64, folioOrder: 0, share: "private" };
const storm: Op = { op: "storm", in: "main", region: "a", range, threads: ["write", "read"], pieces: { count: 1, pageCount: 16, seed: 1 } };

function machineAfter(...ops: readonly Op[]): Machine {
  const machine = new Machine({ generation: generations["6.12"], geometry: x86_64, scanStarts: [1] }, oneArea(4096));
  machine.start();
  for (const op of ops) machine.execute(op);
  return machine;
}

test("from a storm on nothing is predicted but who still maps something, and whether the cache may hold something", () => {
  const machine = machineAfter(map);
  const states = [storm, { op: "evict", in: "main" } as const, { op: "unmap", in: "main", region: "a", range } as const, { op: "evict", in: "main" } as const].map((op) => machine.execute(op).open);
  expect(states).toEqual([
    { mapped: true, cached: true },
    { mapped: true, cached: true },
    { mapped: false, cached: true },
    { mapped: false, cached: false },
  ]);
});

const observed = (report: StormReport): Observation => ({ ...machineAfter(map).execute(storm), storm: report, wrongPages: report.wrong === null ? 0 : 1 });
const failing = (report: StormReport) => openChecks(observed(report)).flatMap(({ name, ok, model, real }) => (ok ? [] : [{ name, model, real }]));
const threads = [{ role: "write", pieces: 9 }, { role: "read", pieces: 7 }];

test("a storm in which all is as written holds", () => {
  expect(failing({ threads, wrong: null })).toEqual([]);
});

test.each<[string, Partial<WrongWord>, string, string]>([
  ["an older write", { held: { page: 3, write: 2, word: 5 } }, "page 3 word 5: write 4 to 6", "page 3 word 5: write 2 of page 3 word 5"],
  ["another page", { held: { page: 9, write: 5, word: 5 }, newest: 4, mayBeZero: true }, "page 3 word 5: write 4, or zero", "page 3 word 5: write 5 of page 9 word 5"],
  ["zeroes", { held: null }, "page 3 word 5: write 4 to 6", "page 3 word 5: zero"],
])("%s where it must not be is named with what it should be", (_, change, model, real) => {
  const wrong = { page: 3, word: 5, held: null, oldest: 4, newest: 6, mayBeZero: false, ...change };
  expect(failing({ threads, wrong })).toEqual([
    { name: "wrong_pages", model: 0, real: 1 },
    { name: "storm.content", model, real },
  ]);
});

test("a thread that never had its turn is named", () => {
  expect(failing({ threads: [...threads, { role: "pageout", pieces: 0 }], wrong: null })).toEqual([{ name: "storm.idle_threads", model: 0, real: 1 }]);
});

test("slots left in use are found when nothing is mapped and nothing cached; those in a slots cache are not left", () => {
  const used = machineAfter(map, { op: "fill", in: "main", region: "a", range, pattern: { kind: "words" } }, { op: "pageout", in: "main", region: "a", range }).swapState();
  const broken = (state: typeof used, open: { mapped: boolean; cached: boolean }) => openMemoryChecks(state, open, x86_64).flatMap(({ name, ok, real }) => (ok ? [] : [[name, real]]));
  expect(broken(used, { mapped: true, cached: true })).toEqual([]);
  expect(broken(used, { mapped: false, cached: true })).toEqual([["memory.swap0.references_left", 64]]);
  expect(broken(used, { mapped: false, cached: false })).toEqual([["memory.swap0.references_left", 64], ["memory.swap0.slots_left", 64]]);
  const gone = machineAfter(map, { op: "fill", in: "main", region: "a", range, pattern: { kind: "words" } }, { op: "pageout", in: "main", region: "a", range: { ...range, pageCount: 10 } }, { op: "unmap", in: "main", region: "a", range }).swapState();
  expect(gone.areas[0]!.usedSlots).toBeGreaterThan(0);
  expect(broken(gone, { mapped: false, cached: false })).toEqual([]);
});
