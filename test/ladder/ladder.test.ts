import { describe, expect, test } from "vitest";
import { allAreCaught } from "../../src/report/who-catches.ts";
import { testedSeries, useOwnFolder } from "../guest/places.ts";
import { catchNeighbours, hasMemory, lab, runExperiment, story } from "../guest/runs.ts";

useOwnFolder();

/** The kernels of the catalogue between those that `npm test` boots, and all of them beside models of other generations. */
const all = (await lab.kernels()).map(({ series }) => series);
const others = all.filter((series) => !testedSeries.includes(series));
const experiments = lab.listExperiments().map(({ name }) => name);

describe.each(others)("model and kernel %s agree", (kernel) => {
  test.each(experiments)("%s", async (experiment) => {
    const { result } = await runExperiment({ experiment, kernel });
    expect([result.verdict, result.model.forced, hasMemory(result)], story(result)).toEqual(["pass", false, true]);
  });
});

test.each(all)("some experiment tells kernel %s from the models of its neighbours", async (kernel) => {
  const { found, table } = await catchNeighbours(kernel, []);
  expect(allAreCaught(found), `\n${table}\n`).toBe(true);
}, 900_000);
