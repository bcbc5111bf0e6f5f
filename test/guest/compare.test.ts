import { describe, expect, test } from "vitest";
import type { CompareRequest, LabTask } from "../../src/api/lab.ts";
import { defaultMemoryMb } from "../../src/api/request.ts";
import { type Comparison, comparisonSchemaName } from "../../src/report/comparison.ts";
import { comparisonLines } from "../../src/report/comparison-text.ts";
import { mailLook } from "../../src/report/look.ts";
import { command } from "./command-line.ts";
import { useOwnFolder } from "./places.ts";
import { checksOf, lab, runExperiment, story } from "./runs.ts";

useOwnFolder();

type Asked = Partial<CompareRequest> & Pick<CompareRequest, "a" | "b">;

const compare = async (asked: Asked, signal = new AbortController().signal, progress: LabTask["progress"] = () => {}): Promise<Comparison> =>
  lab.compare({ set: {}, memoryMb: defaultMemoryMb, cold: false, runCount: 0, ...asked }, { signal, progress });

const text = (comparison: Comparison): string => `\n${comparisonLines(comparison, mailLook, false).join("\n")}\n`;

/** Both values of a metric in the only step of that op. */
function values({ steps }: Comparison, op: string, name: string): unknown[] {
  const found = steps.find((step) => step.op === op)?.metrics.find((metric) => metric.name === name);
  return [found?.a ?? null, found?.b ?? null];
}

describe("two kernels, timed", () => {
  let comparison: Comparison;
  // Four guests boot for it where nothing is saved yet.
  test("the same experiment, with folios that both have", { timeout: 400_000 }, async () => {
    comparison = await compare({ a: "6.1", b: "6.12", size: "8M", runCount: 2 });
    const { a, b, isComplete } = comparison;
    expect([a.run.verdict, b.run.verdict, isComplete], text(comparison)).toEqual(["pass", "pass", true]);
    expect([a.run.kernel.generation, b.run.kernel.generation]).toEqual(["6.1", "6.12"]);
    expect([a.run.experiment.parameters["folio"], b.run.experiment.parameters["folio"]]).toEqual(["2048kB", "2048kB"]);
    expect(comparison.remarks).toEqual([expect.stringContaining("no folios of 64kB")]);
  });

  test("each kernel's own way of dropping 2048 swap entries is a difference, what they have in common is none", () => {
    expect(values(comparison, "unmap", "calls.free_swap_and_cache")).toEqual([2048, null]);
    expect(values(comparison, "unmap", "calls.free_swap_and_cache_nr")).toEqual([null, 4]);
    expect(values(comparison, "unmap", "calls.__try_to_reclaim_swap")).toEqual([4, 4]);
    expect(values(comparison, "pageout", "vmstat.pswpout")).toEqual([2048, 2048]);
  });

  test("the timed runs took turns, and none of them counted calls", async () => {
    const names = [0, 1].flatMap((turn) => [comparison.a.timedRuns[turn]!.run, comparison.b.timedRuns[turn]!.run]);
    const numbers = names.map((name) => Number(name.split("-").at(-1)));
    expect(numbers).toEqual([...numbers].sort((one, other) => one - other));
    for (const name of names) {
      const { result } = await lab.openRun(name);
      expect([result.verdict, result.host.start, result.host.clock], story(result)).toEqual(["pass", "restored", "instructions"]);
      expect(checksOf(result).filter((check) => check.name.startsWith("calls."))).toEqual([]);
    }
  });

  test("every step's op has a time, which is part of what the whole step took", async () => {
    expect(comparison.timings.map(({ op }) => op)).toEqual(["swapon", "map", "fill", "pageout", "unmap"]);
    expect(comparison.timings.every(({ a, b, change }) => a.values.length === 2 && b.values.length === 2 && change !== null)).toBe(true);
    const { result } = await lab.openRun(comparison.a.timedRuns[0]!.run);
    for (const { op, opNs, durationMs } of result.steps) {
      expect(opNs, op).toBeGreaterThan(0);
      // To a tenth of a millisecond, as a result has it.
      expect(opNs! / 1e6, op).toBeLessThanOrEqual(durationMs + 0.1);
    }
  });
});

test("stopped amid its timed runs it has what there is until then", async () => {
  const controller = new AbortController();
  const comparison = await compare({ a: "6.12", b: "6.12", size: "8M", folio: "2048kB", runCount: 50 }, controller.signal, (stage) => {
    if (stage.startsWith("timed 2 of 50")) controller.abort(new Error("that is enough"));
  });
  expect([comparison.isComplete, comparison.a.timedRuns.length, comparison.b.timedRuns.length], text(comparison)).toEqual([false, 1, 1]);
  expect(comparison.timings.map(({ change }) => change)).toEqual([null, null, null, null, null]);
  expect(comparison.steps.flatMap(({ metrics }) => metrics.filter(({ differs }) => differs)), text(comparison)).toEqual([]);
});

test("an asynchronous device and one that completes at once: looked up once a folio, or never", async () => {
  const comparison = await compare({ a: "nvme", b: "brd", kernel: "6.12", size: "4M" });
  expect([comparison.a.run.verdict, comparison.b.run.verdict], text(comparison)).toEqual(["pass", "pass"]);
  expect(values(comparison, "unmap", "calls.__try_to_reclaim_swap")).toEqual([64, 0]);
  expect(values(comparison, "pageout", "gauge.nr_swapcached")).toEqual([1024, 0]);
});

test("an exit has a time too, and of two runs that are over nothing is run again", async () => {
  const asked = { experiment: "munmap-swapped-forked", kernel: "6.12", size: "4M" };
  const [small, large] = [await runExperiment({ ...asked, folio: "4kB" }), await runExperiment({ ...asked, folio: "64kB" })];
  expect(small.result.steps.at(-1), story(small.result)).toMatchObject({ op: "exit", opNs: expect.any(Number) });
  const { exitCode, stdout, stderr } = await command(["compare", small.result.run, large.bundlePath, "--json"]);
  expect(exitCode, stderr).toBe(0);
  const document = JSON.parse(stdout) as Comparison;
  expect(document).toMatchObject({ schema: comparisonSchemaName, kind: "run", a: { label: small.result.run }, b: { label: large.result.run }, timings: [] });
  expect(values(document, "pageout", "folio.64kB.swpout")).toEqual([null, 64]);
  expect(document.steps.flatMap(({ metrics }) => metrics).some(({ differs }) => differs)).toBe(true);
});
