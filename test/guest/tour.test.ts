import { expect, test } from "vitest";
import { tourSchemaName, type TourReport } from "../../src/report/tour.ts";
import { command } from "./command-line.ts";
import { useOwnFolder } from "./places.ts";

useOwnFolder();

test("the first stop shows what was measured before there was a model", async () => {
  const { exitCode, stdout, stderr } = await command(["tour", "flag", "--kernel", "6.1", "--kernel", "6.12", "--json"]);
  const report = JSON.parse(stdout) as TourReport;
  expect([exitCode, report.schema, report.verdict, report.isComplete], stderr).toEqual([0, tourSchemaName, "pass", true]);
  const inAll = (kernel: string, name: string): number => {
    const visit = report.stops[0]!.runs.find((run) => run.index === 0 && run.kernel === kernel)!;
    return visit.steps.flatMap(({ checks }) => checks.filter((check) => check.name === name)).reduce((sum, { real }) => sum + Number(real), 0);
  };
  expect(["free_swap_and_cache", "swap_page_trans_huge_swapped", "__try_to_reclaim_swap"].map((name) => inAll("6.1", `calls.${name}`))).toEqual([4096, 4112, 8]);
  expect(["free_swap_and_cache_nr", "__try_to_reclaim_swap"].map((name) => inAll("6.12", `calls.${name}`))).toEqual([8, 8]);
  // Folios of 64 kB came after 6.1, which this run is not about.
  expect(report.stops[0]!.runs.find((run) => run.index === 1 && run.kernel === "6.1")).toMatchObject({ verdict: "skip", reason: expect.stringContaining("no folios of 64 kB") });
});
