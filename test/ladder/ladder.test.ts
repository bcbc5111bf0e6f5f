import { describe, expect, test } from "vitest";
import { defaultMemoryMb } from "../../src/api/request.ts";
import { allAreCaught } from "../../src/report/who-catches.ts";
import { testedSeries, useOwnFolder } from "../guest/places.ts";
import { catchNeighbours, cellOf, lab } from "../guest/runs.ts";

useOwnFolder();

/** The kernels of the catalogue between those that `npm test` boots, and all of them beside models of other generations. */
const all = (await lab.kernels()).map(({ series }) => series);
const others = all.filter((series) => !testedSeries.includes(series));
const experiments = lab.listExperiments().map(({ name }) => name);

describe.each(others)("model and kernel %s agree", (kernel) => {
  test.each(experiments)("%s", async (experiment) => {
    const cell = await cellOf(kernel, experiment);
    // Skipped is what a kernel was built without, and nothing else.
    if (cell.verdict === "skip") expect(cell.reason).toMatch(/configuration lacks CONFIG_ZSWAP/);
    else expect([cell.verdict, cell.memoryCheckCount > 0], cell.reason).toEqual(["pass", true]);
  });
});

test.each(all)("some experiment tells kernel %s from the models of its neighbours", async (kernel) => {
  const { found, table } = await catchNeighbours(kernel, []);
  expect(allAreCaught(found), `\n${table}\n`).toBe(true);
}, 900_000);

test.each(lab.tourStops())("stop $number of the tour passes on its kernels: $name", async ({ name }) => {
  const task = { signal: new AbortController().signal, progress: () => {} };
  const { runs } = await lab.visitStop({ stop: name, kernels: [], memoryMb: defaultMemoryMb, cold: false }, task);
  expect(runs.filter(({ verdict }) => verdict !== "pass")).toEqual([]);
}, 900_000);
