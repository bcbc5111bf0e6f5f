import { expect, test } from "vitest";
import { Costs } from "../model/costs.ts";
import type { Prediction } from "../workload/observation.ts";
import { compareStep, firstDivergence, type GuestView } from "./compare.ts";

const quiet: Prediction = {
  step: 1,
  vmstat: { pswpout: 16 },
  gauges: { nr_swapcached: 16 },
  folioStats: { 64: { swpout: 1 } },
  calls: { free_swap_slot: 3 },
  returns: { __try_to_reclaim_swap: { "16": 1 } },
  swapAreas: [{ name: "swap", swapType: 0, sizeKb: 1020, usedKb: 64, priority: -2 }],
  placements: [{ process: "main", region: "a", runs: [{ kind: "swap", firstPage: 0, pageCount: 16, swapType: 0, offset: 16 }] }],
  wrongPages: 0,
  errno: "",
  bounds: {},
  costs: new Costs(),
};
const guest: GuestView = { countedCalls: ["free_swap_slot"], countedReturns: ["__try_to_reclaim_swap"], vmstat: ["pswpout"], severalAreas: false };

const failures = (model: Prediction, real: Prediction): string[] =>
  compareStep(model, real, guest)
    .filter((check) => !check.ok)
    .map((check) => check.name);

test("the same on both sides passes", () => {
  expect(failures(quiet, quiet)).toEqual([]);
});

const changes: [string, Partial<Prediction>, string[]][] = [
  ["a counter", { vmstat: { pswpout: 17 } }, ["vmstat.pswpout"]],
  ["the swap cache", { gauges: { nr_swapcached: 0 } }, ["gauge.nr_swapcached"]],
  ["a folio statistic", { folioStats: { 64: { swpout: 2 } } }, ["folio.64kB.swpout"]],
  ["a call count", { calls: {} }, ["calls.free_swap_slot"]],
  ["a return value", { returns: { __try_to_reclaim_swap: { "-16": 1 } } }, ["returns.__try_to_reclaim_swap"]],
  ["space in use", { swapAreas: [{ name: "swap", swapType: 0, sizeKb: 1020, usedKb: 68, priority: -2 }] }, ["swap0.used_kb"]],
  ["an area gone", { swapAreas: [] }, ["swap.areas", "swap0.size_kb", "swap0.used_kb", "swap0.priority", "slots.outside_area"]],
  ["a page's slot", { placements: [{ process: "main", region: "a", runs: [{ kind: "swap", firstPage: 0, pageCount: 16, swapType: 0, offset: 32 }] }] }, ["placement.main.a"]],
  ["a page's content", { wrongPages: 1 }, ["wrong_pages"]],
  ["an error", { errno: "ENOMEM" }, ["errno"]],
];

test.each(changes)("a difference in %s is found and named", (_what, change, names) => {
  expect(failures(quiet, { ...quiet, ...change })).toEqual(names);
});

test("a folio size that the kernel does not know is not taken for zero", () => {
  const check = compareStep(quiet, { ...quiet, folioStats: {} }, guest).find(({ name }) => name === "folio.64kB.swpout");
  expect(check).toMatchObject({ model: 1, real: "absent", ok: false });
});

test("invariants catch a slot that two pages share", () => {
  const twice = [0, 1].map((firstPage) => ({ kind: "swap" as const, firstPage, pageCount: 1, swapType: 0, offset: 9 }));
  const real = { ...quiet, placements: [{ process: "main", region: "a", runs: twice }] };
  expect(compareStep(real, real, guest).filter((check) => !check.ok).map((check) => check.name)).toEqual(["slots.in_two_places"]);
});

test("a count with bounds holds inside them and fails outside", () => {
  const model = { ...quiet, bounds: { "calls.free_swap_slot": { low: 1, high: 3, reason: "a worker" } } };
  expect(failures(model, { ...quiet, calls: { free_swap_slot: 1 } })).toEqual([]);
  expect(failures(model, { ...quiet, calls: { free_swap_slot: 4 } })).toEqual(["calls.free_swap_slot"]);
});

test("the first divergence is the earliest step's first failing check", () => {
  const good = compareStep(quiet, quiet, guest);
  const wrong = compareStep(quiet, { ...quiet, vmstat: { pswpout: 9 } }, guest);
  expect(firstDivergence([good, wrong, wrong])).toEqual({ step: 1, metric: "vmstat.pswpout", model: 16, real: 9 });
  expect(firstDivergence([good])).toBeNull();
});
