import { afterEach, beforeAll, expect } from "vitest";
import type { RunOutcome } from "../../src/api/lab.ts";
import { lab, runExperiment, story } from "./runs.ts";

/** Makes a good run before the tests of a file, and looks after each of them whether it is still there and whole. */
export function useEarlierRun(): void {
  let earlier: RunOutcome;
  beforeAll(async () => {
    earlier = await runExperiment({ experiment: "partial-unmap", kernel: "6.12" });
    expect(earlier.result.verdict, story(earlier.result)).toBe("pass");
  });
  afterEach(async () => {
    expect(await lab.openRun(earlier.result.run)).toEqual(earlier);
    const { runs } = await lab.listRuns(1000);
    expect(runs.filter(({ ok }) => !ok)).toEqual([]);
    expect(runs.map(({ name }) => name)).toContain(earlier.result.run);
  });
}
