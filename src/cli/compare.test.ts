import { describe, expect, test } from "vitest";
import { fakeContext } from "../../test/fake-context.ts";
import { fakeLab } from "../../test/fake-lab.ts";
import { sampleComparison } from "../../test/sample-comparison.ts";
import type { CompareRequest } from "../api/lab.ts";
import { compareArguments } from "../api/request.ts";
import { type Comparison, comparisonSchemaName } from "../report/comparison.ts";
import { runCommandLine } from "./cli.ts";

async function compare(line: string, answer: Partial<Comparison> = {}) {
  const lab = fakeLab({ compare: async () => ({ ...sampleComparison(), ...answer }) });
  const context = fakeContext({ lab });
  return { exitCode: await runCommandLine(`compare ${line}`.split(" "), context), out: context.out(), err: context.err() };
}

test("its arguments ask for the same comparison again", async () => {
  const plain: CompareRequest = { a: "6.1", b: "6.12", set: {}, memoryMb: 1024, cold: false, runCount: 0 };
  const full: CompareRequest = {
    ...{ a: "nvme", b: "brd", experiment: "brim", kernel: "~/linux", device: "zram", folio: "64kB", size: "1G", swapSize: "2G" },
    ...{ cpus: 2, set: { rounds: "4" }, memoryMb: 2048, accelerator: "tcg" as const, cold: false, runCount: 10, hostClock: true },
  };
  for (const request of [plain, full]) {
    const lab = fakeLab();
    await runCommandLine(compareArguments(request), fakeContext({ lab }));
    expect(lab.compareRequests).toEqual([request]);
  }
});

test("differences are no failure", async () => {
  const { exitCode, out } = await compare("6.1 6.12");
  expect(exitCode).toBe(0);
  expect(out).toContain("__try_to_reclaim_swap");
});

describe("a side that went wrong decides the exit code", () => {
  test.each([
    ["fail", 1],
    ["lost", 3],
    ["invalid", 125],
  ] as const)("%s", async (verdict, exitCode) => {
    const sample = sampleComparison();
    expect((await compare("6.1 6.12", { b: { ...sample.b, run: { ...sample.b.run, verdict } } })).exitCode).toBe(exitCode);
    expect((await compare("6.1 6.12", { a: { ...sample.a, timedRuns: [{ run: "", verdict, reason: "" }] } })).exitCode).toBe(exitCode);
  });
});

test("as JSON, one document", async () => {
  const { out } = await compare("6.1 6.12 --json");
  expect(JSON.parse(out)).toMatchObject({ schema: comparisonSchemaName, a: { label: "6.1" }, b: { label: "6.12" } });
});

test("for a mail, in ASCII", async () => {
  const { out } = await compare("6.1 6.12 --mail --all");
  expect(out).toMatch(/^[\n\x20-\x7e]*$/);
});

test("stopped, it prints what there is", async () => {
  const lab = fakeLab({
    compare: async () => {
      context.interrupt();
      return { ...sampleComparison(), isComplete: false };
    },
  });
  const context = fakeContext({ lab });
  expect(await runCommandLine(["compare", "6.1", "6.12", "--runs", "5"], context)).toBe(130);
  expect(context.out()).toContain("Stopped before all 5 runs");
});

test.each([
  ["6.1", "missing required argument 'b'"],
  ["6.1 6.12 --runs 0", "from 1 to 1000"],
  ["6.1 6.12 --runs many", "from 1 to 1000"],
  ["6.1 6.12 --json --mail", "cannot be used with"],
])("compare %s makes no sense", async (line, message) => {
  const { exitCode, err, out } = await compare(line);
  expect([exitCode, err]).toEqual([125, expect.stringContaining(message)]);
  if (!line.includes("--json")) expect(out).toBe("");
});
