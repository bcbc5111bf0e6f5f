import { expect, test } from "vitest";
import { allAreCaught } from "../../src/report/who-catches.ts";
import { testedSeries, useOwnFolder } from "./places.ts";
import { catchNeighbours } from "./runs.ts";

useOwnFolder();

/** Between them they tell any two neighbours apart of those that are booted here; `test/ladder` tries all experiments on all kernels. */
const experiments = ["brim-base-pages", "write-after-pageout"];

test.each(testedSeries)("kernel %s is told from the models of its neighbours", async (kernel) => {
  const { found, table } = await catchNeighbours(kernel, experiments);
  expect(found.pairs.filter(({ isSame }) => !isSame).length).toBeGreaterThan(0);
  expect(allAreCaught(found), `\n${table}\n`).toBe(true);
  expect(table).toMatch(/^(\d+) of \1 pairs? of kernel and neighbour's model caught$/m);
});
