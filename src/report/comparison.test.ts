import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { actedUpon, hostileResult } from "../../test/hostile.ts";
import { olderResult, sampleComparison, timedResults } from "../../test/sample-comparison.ts";
import { failResult, invalidResult, lostResult, passResult } from "../../test/sample-results.ts";
import { headOf, pairSteps, timeSteps, worstVerdict } from "./comparison.ts";
import { comparisonLines } from "./comparison-text.ts";
import { nanosecondsText } from "./comparison-timings.ts";
import { mailLook } from "./look.ts";
import { displayWidth } from "./text.ts";

const differing = (index: number): Record<string, unknown> => {
  const { metrics } = pairSteps(olderResult(), passResult()).steps[index]!;
  return Object.fromEntries(metrics.filter(({ differs }) => differs).map(({ name, a, b, difference }) => [name, [a, b, difference]]));
};

describe("pairing the steps of two runs", () => {
  test("what differs has both values, and the difference where they are numbers", () => {
    expect(differing(3)).toEqual({
      "placement.main.a": ["0+512@16384,512+512@32768,1024+3072@512", expect.stringContaining("512+512@32768"), null],
      "vmstat.thp_swpout": [8, 0, -8],
    });
  });

  test("a call that one kernel does not have differs from one that was made", () => {
    expect(differing(4)).toMatchObject({ "calls.free_swap_and_cache_nr": [null, 8, null] });
  });

  test("what one side does not have and on the other did not happen is no difference", () => {
    const without = passResult();
    const steps = without.steps.map((step) => ({ ...step, checks: step.checks.filter(({ name }) => name !== "vmstat.pswpin") }));
    expect(pairSteps({ ...without, steps }, passResult()).steps.flatMap(({ metrics }) => metrics.filter(({ differs }) => differs))).toEqual([]);
  });

  test("what the models said plays no part", () => {
    expect(pairSteps(failResult(), passResult()).steps.flatMap(({ metrics }) => metrics.filter(({ differs }) => differs))).toEqual([]);
  });

  test("of the kernel's memory only numbers that both keep", () => {
    const withMemory = (checks: [string, number | string][]) => {
      const result = passResult();
      const [first, ...others] = result.steps;
      return { ...result, steps: [{ ...first!, checks: checks.map(([name, real]) => ({ name, kind: "exact" as const, model: real, real, ok: true })) }, ...others] };
    };
    const a = withMemory([["memory.free_slots", 10], ["memory.swap0.slots", "10 of 20 free"], ["memory.swap0.cpu0.cursor.next", 7]]);
    const b = withMemory([["memory.free_slots", 12], ["memory.swap0.slots", "12 of 20 free"]]);
    expect(pairSteps(a, b).steps[0]!.metrics).toEqual([{ name: "memory.free_slots", a: 10, b: 12, difference: 2, differs: true }]);
  });

  test("a run that ended early is compared as far as it came, and what is left is named", () => {
    const { steps, parting } = pairSteps(passResult(), lostResult());
    expect(steps.map(({ op }) => op)).toEqual(["swapon", "map", "fill"]);
    expect(parting).toBe("not compared from step 3 on, where the first side goes on with pageout and the second ends");
  });

  test("workloads that part are compared up to there", () => {
    const other = passResult();
    const steps = other.steps.map((step) => (step.op === "unmap" ? { ...step, op: "read" } : step));
    expect(pairSteps(passResult(), { ...other, steps }).parting).toBe("not compared from step 4 on, where the first side goes on with unmap and the second goes on with read");
  });
});

describe("timing", () => {
  test("means, spread and the test of each step, from the values of its runs", () => {
    const timings = timeSteps(timedResults(olderResult(), [40, 42, 44]), timedResults(passResult(), [20, 21, 22]));
    expect(timings.map(({ op, a, b, change }) => [op, a.mean, a.sd, b.mean, b.values, change?.difference, change?.isSignificant])).toEqual([
      ["pageout", 42, 2, 21, [20, 21, 22], -21, true],
      ["unmap", 84, 4, 42, [40, 42, 44], -42, true],
    ]);
  });

  test("one run a side has means and no test", () => {
    expect(timeSteps(timedResults(olderResult(), [40]), timedResults(passResult(), [20])).map(({ change }) => change)).toEqual([null, null]);
  });

  test.each([
    [312, "312 ns"],
    [4_115_000, "4.12 ms"],
    [93_100_000, "93.1 ms"],
    [1_250_000_000, "1.25 s"],
    [15_200, "15.2 us"],
  ])("%i ns", (nanoseconds, text) => {
    expect(nanosecondsText(nanoseconds)).toBe(text);
  });
});

test("the worst verdict of any run decides", () => {
  const { a, b } = sampleComparison();
  const withRun = (result: ReturnType<typeof passResult>) => ({ ...a, run: headOf(result) });
  const timed = { ...b, timedRuns: [{ run: "", verdict: "lost" as const, reason: "" }] };
  expect([worstVerdict({ a, b }), worstVerdict({ a: withRun(invalidResult()), b }), worstVerdict({ a: withRun(invalidResult()), b: timed }), worstVerdict({ a: withRun(failResult()), b: timed })]).toEqual([
    "pass",
    "invalid",
    "lost",
    "fail",
  ]);
});

describe("as text", () => {
  test("two kernels, timed", () => {
    expect(comparisonLines(sampleComparison(), mailLook, false).join("\n")).toMatchInlineSnapshot(`
      "munmap-after-pageout   16 MiB in 64 kB folios, paged out, then unmapped

      6.1   pass, 30 checks, run 2026-11-22-7, 5 timed
      6.12  pass, 31 checks, run 2026-11-23-1, 5 timed

                             6.1            6.12
      step           mean     sd     mean     sd   change      95 % interval
      pageout     4.10 ms   1.9%  3.10 ms   2.6%   -24.4% *  -27.2 .. -21.6%
      unmap       8.20 ms   1.9%  6.20 ms   2.6%   -24.4% *  -27.2 .. -21.6%
      Time of the op alone by the guest's clock, which goes by its
      instructions and not by the host's time. n = 5 a side, in turns, no
      calls counted. sd: relative standard deviation. *: p < 0.05 by Welch's t
      test, each step by itself.

      step     metric                          6.1         6.12
      pageout  thp_swpout                        8            0 !=  -8
               placement a              3072 @ 512  512 @ 49152 !=  page 1024
      unmap    free_swap_and_cache_nr       absent            8 !=
               __try_to_reclaim_swap             8          256 !=  +248
      and 27 that are equal: --all shows them

      placement a after step 3, pageout:
        6.1   3 runs: 512@16384, 512@32768, 3072@512
        6.12  8 runs: 512@16384, 512@32768, 512@49152, 512@512, 512@16896,
              512@33280, ...

      kernel    6.1: 6.1.0-56-cloud-amd64 (Debian 6.1.192-2)
                slots cache
                sha256 3f0a3f0a3f0a3f0a
                6.12: 6.12.117+deb12-cloud-amd64 (Debian 6.12.117-1~deb12u1)
                per-order clusters, batched free
                sha256 3f0a3f0a3f0a3f0a
      model     6.12
      machine   QEMU 7.2.22, TCG, 1 vCPU, 1024 MiB
      swap      nvme, not rotating, 262144 kB
      with      size=16M folio=64kB

      npm start -- compare 6.1 6.12 --runs 5"
    `);
  });

  test("everything", () => {
    const text = comparisonLines(sampleComparison(), mailLook, true).join("\n");
    expect(text).toContain("equal on both sides:");
    expect(text).not.toContain("--all shows them");
  });

  test("two runs that do not differ, on sides of one name", () => {
    const sample = sampleComparison();
    const lines = comparisonLines({ ...sample, b: { ...sample.a }, ...pairSteps(passResult(), passResult()), timings: [] }, mailLook, false);
    expect(lines.join("\n")).toMatch(/^A 6\.1 [^]*^B 6\.1 [^]*Nothing differs: 31 counters/m);
  });

  test("stopped before the last run", () => {
    expect(comparisonLines({ ...sampleComparison(), runCount: 20, isComplete: false }, mailLook, false)).toContain("Stopped before all 20 runs a side were done.");
  });

  test("a side that could not be judged says why", () => {
    const sample = sampleComparison();
    const text = comparisonLines({ ...sample, a: { ...sample.a, run: headOf(invalidResult()) }, ...pairSteps(invalidResult(), passResult()), timings: [] }, mailLook, false).join("\n");
    expect(text).toContain("invalid, nothing was compared");
    expect(text).toContain("The kernel has no 64 kB folios");
    expect(text).toContain("No step was carried out on both sides.");
  });

  test("no line is wider than 72 columns, and nothing in it is acted upon", () => {
    fc.assert(
      fc.property(hostileResult, hostileResult, fc.string(), fc.boolean(), (a, b, label, all) => {
        const sample = sampleComparison();
        const side = (result: typeof a) => ({ label, run: headOf(result), timedRuns: [{ run: result.run, verdict: result.verdict, reason: result.reason }] });
        const timings = timeSteps(timedResults(a, [1, 2]), timedResults(b, [3, 4]));
        const lines = comparisonLines({ ...sample, command: a.command, remarks: a.remarks, a: side(a), b: side(b), ...pairSteps(a, b), timings }, mailLook, all);
        for (const line of lines) {
          expect(displayWidth(line)).toBeLessThanOrEqual(72);
          expect(line).not.toMatch(actedUpon);
        }
      }),
      { numRuns: 30 },
    );
  });
});
