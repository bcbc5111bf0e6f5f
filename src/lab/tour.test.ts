import { describe, expect, test } from "vitest";
import { compareStep } from "../compare/compare.ts";
import { compareSwapState } from "../compare/memory.ts";
import { openMemoryChecks } from "../compare/open.ts";
import { type GenerationName, generations } from "../model/features.ts";
import { x86_64 } from "../model/geometry.ts";
import type { Step } from "../report/result.ts";
import { chooseShown } from "../report/tour-rows.ts";
import type { Workload } from "../workload/ops.ts";
import { modelledCalls, modelledReturns, predict } from "../workload/predict.ts";
import type { SwapState } from "../workload/swap-state.ts";
import { opText } from "../workload/text.ts";
import { shownName, type TourRun } from "../workload/tour-stop.ts";
import { catalogue } from "./kernels/catalogue.ts";
import { openExperiment, parseExperiment } from "./experiments.ts";
import { overridesOf } from "./run-request.ts";
import { findTourStop, runsOf, tourStops } from "./tour.ts";

const stops = tourStops();
const guest = { memoryMb: 1024, cold: false };

/** Generations of the kernels that the tour is walked on. */
const walked: Readonly<Record<string, GenerationName>> = { "6.1": "6.1", "6.12": "6.12", "7.3": "7.3" };

/** The run as the model sees it, beside itself: every check that a kernel of the generation has at most; of its memory where asked for. */
function predictedSteps(workload: Workload, generation: GenerationName, withMemory: boolean): Step[] {
  const view = { countedCalls: modelledCalls, countedReturns: modelledReturns, vmstat: ["pswpin", "pswpout", "thp_swpout", "thp_swpout_fallback", "thp_split_page", "swap_ra", "swap_ra_hit", "zswpout", "zswpin"], severalAreas: workload.areas.length > 1 };
  const states: (SwapState | null)[] = [];
  const run = predict(workload, { generation: generations[generation], geometry: x86_64, scanStarts: [1] }, (machine) => states.push(withMemory ? machine.swapState() : null));
  expect(run.beyond).toBe("");
  const ops = ["swapon", ...workload.ops.map(({ op }) => op)];
  const texts = ["swapon", ...workload.ops.map(opText)];
  return run.steps.map((step, index) => {
    const real = ops[index] === "storm" ? { ...step, storm: { threads: [], wrong: null } } : step;
    const state = states[index]!;
    const memory = state === null ? [] : step.open === undefined ? compareSwapState(state, state) : openMemoryChecks(state, step.open, x86_64);
    const base = { index, op: ops[index]!, text: texts[index]!, durationMs: 0, checks: [...compareStep(step, real, view), ...memory] };
    return step.open === undefined ? base : { ...base, readings: [] };
  });
}

/** As in a guest: folios that the kernel does not have give way when they are the experiment's own choice. */
function workloadOf(run: TourRun, kernel: string): Workload {
  const request = runsOf({ ...stops[0]!, runs: [run] }, { ...guest, stop: "", kernels: [kernel] })[0]!.request;
  const overrides = overridesOf(request);
  const folio = kernel === "6.1" && overrides.folio === undefined ? { folio: "2048kB" } : {};
  return parseExperiment(openExperiment(run.experiment), { ...overrides, ...folio }).workload;
}

test("the last kernel that the tour is walked on is the newest of the catalogue", () => {
  expect(Object.keys(walked).at(-1)).toBe(catalogue.series.at(-1)!.name);
});

test("stops stand in the order of their numbers, and no two have one name", () => {
  expect(stops.map(({ number }) => number)).toEqual([...new Set(stops.map(({ number }) => number))].sort((a, b) => a - b));
  const names = stops.flatMap(({ name, cards }) => [name, ...cards.map((card) => card.name)]);
  expect(new Set(names).size).toBe(names.length);
});

test("every stop says what was asked, shows something, and explains it", () => {
  for (const { name, asked, explained, runs } of stops) {
    expect(asked.length, name).toBeGreaterThan(0);
    expect(explained.length, name).toBeGreaterThan(0);
    for (const { shows } of runs) expect(shows.length, name).toBeGreaterThan(0);
  }
});

test("a stop is found by number and by name, and a slip is answered with what is near", () => {
  expect(findTourStop(stops, "1")).toBe(findTourStop(stops, "flag"));
  expect(() => findTourStop(stops, "rotatin")).toThrow("rotating");
  expect(() => findTourStop(stops, "99")).toThrow('the tour has no stop "99"');
});

interface Case {
  readonly stop: string;
  readonly title: string;
  readonly run: TourRun;
  readonly kernel: string;
}

const cases = stops.flatMap((stop) => runsOf(stop, { ...guest, stop: "", kernels: [] }).map(({ run, request: { kernel } }): Case => ({ stop: stop.name, title: run.title, run, kernel })));

const shown = new Map<Case, ReturnType<typeof chooseShown>>();

/** What the stop would show of the case; several tests look at it. */
function shownOf(one: Case): ReturnType<typeof chooseShown> {
  const generation = walked[one.kernel]!;
  const found = shown.get(one) ?? chooseShown(predictedSteps(workloadOf(one.run, one.kernel), generation, one.run.shows.some(({ name }) => name.startsWith("memory."))), one.run.shows, generations[generation].features.names);
  shown.set(one, found);
  return found;
}

describe("every row that a stop shows is in the model's prediction", () => {
  test.each(cases)("$stop, $kernel: $title", (one) => {
    expect(shownOf(one).missing).toEqual([]);
  });

  test("and what only some kernels have is had by one", () => {
    for (const { run, stop } of cases) {
      const own = cases.filter((one) => one.run === run);
      for (const show of run.shows.filter(({ some }) => some)) {
        const names = own.map(({ kernel }) => shownName(show, generations[walked[kernel]!].features.names));
        const had = own.some((one, index) => shownOf(one).steps.some(({ checks }) => checks.some(({ name }) => name === names[index])));
        expect(had, `${stop}: ${show.name}`).toBe(true);
      }
    }
  }, 60_000);
});

test("as stop 10 says, 6.10 splits every folio from the second round on, and 6.12 none", () => {
  const { workload } = parseExperiment(openExperiment("allocator-rounds"), { own: { rounds: "3" } });
  const rounds = (generation: GenerationName): (readonly [number, number])[] =>
    predict(workload, { generation: generations[generation], geometry: x86_64, scanStarts: [1] }).steps.flatMap(({ folioStats }, index) =>
      workload.ops[index - 1]?.op === "pageout" ? [[folioStats[64]?.["swpout"] ?? 0, folioStats[64]?.["swpout_fallback"] ?? 0] as const] : [],
    );
  expect(rounds("6.10").slice(2).map(([whole, split]) => [whole, split > 0])).toEqual([[0, true], [0, true]]);
  expect(rounds("6.12").map(([, split]) => split)).toEqual([0, 0, 0, 0]);
}, 30_000);
