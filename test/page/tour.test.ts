import { setTimeout as later } from "node:timers/promises";
import { expect, test } from "vitest";
import type { Lab, VisitRequest } from "../../src/api/lab.ts";
import type { Switches } from "../../src/races/switches.ts";
import type { StopVisit } from "../../src/report/tour.ts";
import type { TourRun, TourStop } from "../../src/workload/tour-stop.ts";
import { sampleComparison } from "../sample-comparison.ts";
import { failResult } from "../sample-results.ts";
import { seriousFindings } from "./axe.ts";
import { pageOpener } from "./open-page.ts";
import { sampleLab } from "./sample-lab.ts";

const open = pageOpener();

const run: TourRun = { title: "16M, paged out and unmapped", experiment: "munmap-after-pageout", folio: "64kB", set: {}, kernels: [], shows: [] };
const stops: TourStop[] = [
  { number: 1, name: "flag", title: "What the flag was for", asked: ["What did <b>it</b> save?"], explained: ["Eight calls do what 4,096 did."], runs: [run], races: [], comparisons: [], designs: [], cards: [] },
  { number: 2, name: "said", title: "What was said", asked: ["What else?"], explained: ["Nothing."], runs: [], races: [], comparisons: [], designs: [], cards: [{ name: "card", title: "A card", text: ["It cannot be run."] }] },
];

const raceStop: TourStop = {
  ...stops[1]!,
  name: "race",
  title: "What may race",
  races: [
    { title: "A look-up, and swapoff", scenario: "swapoff", switches: {}, expected: "broken", whole: true },
    { title: "with the fix", scenario: "swapoff", switches: { fix: true }, expected: "broken", whole: false },
  ],
  comparisons: [{ title: "Before and after", kernels: ["6.1", "6.12"], experiment: "munmap-after-pageout", runCount: 2 }],
};

const visited = (): StopVisit => {
  const steps = failResult().steps.map((step) => ({ ...step, checks: step.checks.slice(0, 2) }));
  const visit = { index: 0, kernel: "6.12", release: "6.12.117", command: ["run", "munmap-after-pageout"], verdict: "fail" as const, reason: "", run: "2026-11-23-1", checkCount: 31, steps };
  return { stop: stops[0]!, verdict: "fail", runs: [visit, { ...visit, kernel: "6.1", release: "", verdict: "skip", reason: "it has no such folios", run: "", steps: [] }], races: [], comparisons: [], designs: null, isComplete: true };
};

function tourLab(visitStop: Lab["visitStop"]): Lab {
  return sampleLab({ more: { tourStops: () => stops, visitStop } });
}

test("a stop is read, run, laid beside its prediction, and its run is opened", async () => {
  const requests: VisitRequest[] = [];
  const page = await open(
    tourLab(async (request, { progress }) => {
      requests.push(request);
      progress("stop 1", "1 of 2");
      return visited();
    }),
  );
  await page.getByRole("link", { name: "Tour" }).click();
  expect(await page.getByRole("region", { name: "What was asked" }).innerText()).toBe("What did <b>it</b> save?");
  await page.getByRole("combobox", { name: "Kernels" }).selectOption("6.1");
  await page.getByRole("button", { name: "Run here" }).click();
  await page.getByRole("button", { name: "Run again" }).waitFor();
  expect(requests.map(({ stop, kernels }) => [stop, kernels])).toEqual([["flag", ["6.1"]]]);
  const runs = page.getByRole("region", { name: run.title });
  expect(await runs.innerText()).toContain("kernel 6.12.117");
  expect(await runs.innerText()).toContain("it has no such folios");
  expect(await runs.getByRole("row").count()).toBeGreaterThan(1);
  expect(await seriousFindings(page)).toEqual([]);
  await page.getByRole("button", { name: "Next stop" }).click();
  expect(await page.getByRole("heading", { level: 1 }).innerText()).toBe("What was said");
  expect(await page.getByRole("region", { name: "Also said" }).innerText()).toContain("It cannot be run.");
  // What came of the first stop is still there.
  await page.getByRole("button", { name: "Stop before" }).click();
  await page.getByRole("button", { name: "Open the run" }).click();
  expect(await page.getByRole("link", { name: "Lab", exact: true }).getAttribute("aria-current")).toBe("page");
});

test("a visit is stopped, and one that fails says why, each at its own stop", async () => {
  let count = 0;
  const page = await open(
    tourLab(async (_, { signal }) => {
      if (++count > 1) throw new Error("no kernel at all");
      await later(60_000, undefined, { signal: signal as AbortSignal }).catch(() => undefined);
      return { ...visited(), isComplete: false };
    }),
    "dark",
  );
  await page.getByRole("link", { name: "Tour" }).click();
  await page.getByRole("button", { name: "Run here" }).click();
  await page.getByRole("button", { name: "Stop", exact: true }).click();
  await page.getByText("It was stopped before its last run.").waitFor();
  await page.getByRole("button", { name: "Run again" }).click();
  expect(await page.getByRole("alert").innerText()).toContain("no kernel at all");
  expect(await seriousFindings(page)).toEqual([]);
});

test("races and comparisons of a stop without runs are visited too, and one that is not what the stop says differs", async () => {
  const { race } = sampleLab();
  const raced: Lab["visitStop"] = async ({ kernels }, task) => {
    const explore = async (switches: Partial<Switches>) => ({ command: ["race", "swapoff"], report: await race({ scenario: "swapoff", switches, stateLimit: 100_000, deadlineMs: 60_000 }, task) });
    const races = [{ ...(await explore({})), verdict: "pass" as const }, { ...(await explore({ fix: true })), verdict: "fail" as const }];
    return { stop: raceStop, verdict: "fail", runs: [], races, comparisons: kernels.length === 1 ? [] : [{ verdict: "pass", comparison: sampleComparison() }], designs: null, isComplete: true };
  };
  const page = await open(sampleLab({ more: { tourStops: () => [raceStop], visitStop: raced } }));
  await page.getByRole("link", { name: "Tour" }).click();
  const compared = page.getByRole("region", { name: "Before and after" });
  expect(await compared.innerText()).toContain("kernels 6.1 and 6.12");
  expect(await page.getByRole("region", { name: "with the fix" }).innerText()).toContain("fix on");
  await page.getByRole("button", { name: "Run here" }).click();
  await page.getByRole("button", { name: "Run again" }).waitFor();
  const found = page.getByRole("region", { name: "A look-up, and swapoff" });
  expect(await found.innerText()).toContain("broken after 15 steps");
  expect(await found.innerText()).toContain("broken: freed structures are used");
  const fixed = page.getByRole("region", { name: "with the fix" });
  expect(await fixed.innerText()).toContain("holds in every order of steps");
  expect(await fixed.innerText()).toContain("it should be: broken");
  expect(await compared.innerText()).toContain("kernel 6.1 beside 6.12");
  expect(await seriousFindings(page)).toEqual([]);
  await page.getByRole("combobox", { name: "Kernels" }).selectOption("6.1");
  await page.getByRole("button", { name: "Run again" }).click();
  await page.getByText("not run: it takes two kernels").waitFor();
});

test("a lab without a tour says so", async () => {
  const page = await open(sampleLab());
  await page.getByRole("link", { name: "Tour" }).click();
  expect(await page.getByRole("region", { name: "Stop" }).innerText()).toContain("This lab has no tour.");
});
