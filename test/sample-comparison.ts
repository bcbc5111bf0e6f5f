import { type ComparedSide, type Comparison, comparisonSchemaName, headOf, pairSteps, timeSteps } from "../src/report/comparison.ts";
import type { Result } from "../src/report/result.ts";
import { passResult } from "./sample-results.ts";

/** The values that the older kernel has in place of those of `passResult`; null where it has no such thing. */
const older: Readonly<Record<string, number | string | null>> = {
  "pageout placement.main.a": "0+512@16384,512+512@32768,1024+3072@512",
  "pageout vmstat.thp_swpout": 8,
  "unmap calls.free_swap_and_cache_nr": null,
  "unmap calls.__try_to_reclaim_swap": 8,
};

/** The same experiment on an older kernel. */
export function olderResult(): Result {
  const result = passResult();
  const steps = result.steps.map((step) => ({
    ...step,
    checks: step.checks.flatMap((check) => {
      const value = older[`${step.op} ${check.name}`];
      return value === null ? [] : [value === undefined ? check : { ...check, model: value, real: value }];
    }),
  }));
  return { ...result, run: "2026-11-22-7", kernel: { ...result.kernel, name: "6.1", release: "6.1.0-56-cloud-amd64", packageVersion: "6.1.192-2", generation: "6.1", features: "slots cache" }, steps };
}

/** Runs whose ops took so many nanoseconds: the page-out of each in turn, the unmap twice that. */
export const timedResults = (result: Result, pageoutNs: readonly number[]): Result[] =>
  pageoutNs.map((ns, index) => ({
    ...result,
    run: `${result.run}${index}`,
    steps: result.steps.map((step) => (step.op === "pageout" ? { ...step, opNs: ns } : step.op === "unmap" ? { ...step, opNs: ns * 2 } : step)),
  }));

/** Two kernels, timed five times each: the page-out is clearly faster on the second. */
export function sampleComparison(): Comparison {
  const [a, b] = [olderResult(), passResult()];
  const timedA = timedResults(a, [4_100_000, 4_200_000, 4_000_000, 4_150_000, 4_050_000]);
  const timedB = timedResults(b, [3_100_000, 3_200_000, 3_000_000, 3_150_000, 3_050_000]);
  const side = (label: string, result: Result, timed: readonly Result[]): ComparedSide => ({
    label,
    run: headOf(result),
    timedRuns: timed.map(({ run, verdict, reason }) => ({ run, verdict, reason })),
  });
  return {
    schema: comparisonSchemaName,
    startedAt: "2026-11-23T12:00:00.000Z",
    kind: "kernel",
    command: ["compare", "6.1", "6.12", "--runs", "5"],
    remarks: [],
    a: side("6.1", a, timedA),
    b: side("6.12", b, timedB),
    ...pairSteps(a, b),
    timings: timeSteps(timedA, timedB),
    runCount: 5,
    clock: "instructions",
    isComplete: true,
  };
}
