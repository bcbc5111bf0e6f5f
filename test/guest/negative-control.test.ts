import { describe, expect, test } from "vitest";
import type { Check, Result } from "../../src/report/result.ts";
import { parseResult } from "../../src/report/parse.ts";
import { command } from "./command-line.ts";
import { useOwnFolder } from "./places.ts";
import { checksOf, differing, lab, runExperiment, story } from "./runs.ts";

useOwnFolder();

/**
 * The same guests beside the model of the other generation. A comparison that calls this a pass would call anything one.
 */
const guests = {
  "6.1": { kernel: "6.1", folio: "2048kB", otherModel: "6.12" },
  "6.12": { kernel: "6.12", folio: "64kB", otherModel: "6.1" },
};

async function againstOther({ kernel, folio, otherModel }: (typeof guests)["6.1"], experiment: string): Promise<Result> {
  const { result } = await runExperiment({ experiment, kernel, folio, device: "nvme", model: otherModel });
  return result;
}

const namesOf = (checks: readonly Check[]): Set<string> => new Set(checks.map(({ name }) => name));

/** What the first failing check of a result says, as the result should say it itself. */
function firstFailing(result: Result): Result["firstDivergence"] {
  for (const { index, op, checks } of result.steps) {
    const failing = checks.find(({ ok }) => !ok);
    if (failing !== undefined) return { step: index, op, metric: failing.name, model: failing.model, real: failing.real };
  }
  return null;
}

describe("the model of the other generation is caught", () => {
  // Neither kernel has zswap, so that its experiment tells nothing here, and no model predicts a storm.
  const names = lab.listExperiments().map(({ name }) => name).filter((name) => name !== "zswap" && name !== "storm");
  test.each(names)("by %s", async (experiment) => {
    const results = { "6.1": await againstOther(guests["6.1"], experiment), "6.12": await againstOther(guests["6.12"], experiment) };
    const known = { "6.1": namesOf(checksOf(results["6.1"])), "6.12": namesOf(checksOf(results["6.12"])) };
    for (const { kernel, otherModel } of Object.values(guests)) {
      const result = results[kernel as keyof typeof guests];
      const { firstDivergence } = result;
      expect([result.verdict, result.kernel.generation, result.model], story(result)).toEqual(["fail", kernel, { generation: otherModel, forced: true }]);
      expect(firstDivergence, story(result)).not.toBeNull();
      expect(firstDivergence).toEqual(firstFailing(result));
      expect(firstDivergence?.model).not.toEqual(firstDivergence?.real);
      expect(result.reason).toContain(`first differ in step ${firstDivergence?.step} `);
      // Not only because one release has a function or a statistic that the other lacks.
      const told = differing(result).filter(({ name, real }) => real !== "absent" && known["6.1"].has(name) && known["6.12"].has(name));
      expect(told, story(result)).not.toEqual([]);
    }
  });
});

describe("the command line ends with 1 and tells where they part", () => {
  const words = ({ kernel, folio, otherModel }: (typeof guests)["6.1"]): string[] => ["run", "munmap-after-pageout", "--kernel", kernel, "--folio", folio, "--model", otherModel];

  test("as a table, of a 6.1 guest", async () => {
    const { exitCode, stdout, stderr } = await command(words(guests["6.1"]));
    expect(exitCode, stderr).toBe(1);
    expect(stdout).toMatch(/^Model and kernel first differ in step \d/m);
  });

  test("as a document, of a 6.12 guest", async () => {
    const { exitCode, stdout, stderr } = await command([...words(guests["6.12"]), "--json"]);
    const parsed = parseResult(stdout);
    const result = parsed.ok ? parsed.result : null;
    expect([exitCode, result?.verdict], stderr).toEqual([1, "fail"]);
    expect(result?.firstDivergence).toMatchObject({ step: expect.any(Number), metric: expect.any(String) });
    expect(result?.firstDivergence?.model).not.toEqual(result?.firstDivergence?.real);
  });
});
