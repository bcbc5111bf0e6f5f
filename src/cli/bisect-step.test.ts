import { describe, expect, test } from "vitest";
import { fakeContext } from "../../test/fake-context.ts";
import { fakeLab } from "../../test/fake-lab.ts";
import { failResult, invalidResult, lostResult, passResult } from "../../test/sample-results.ts";
import { LabError } from "../lab/errors.ts";
import { runCommandLine } from "./cli.ts";

async function step(words: readonly string[], lab = fakeLab()) {
  const context = fakeContext({ lab });
  return { exitCode: await runCommandLine(["bisect-step", ...words], context), out: context.out(), err: context.err() };
}

describe("the exit code is that of git bisect run", () => {
  test.each([
    ["pass", passResult(), [], 0],
    ["fail", failResult(), [], 1],
    ["lost", lostResult(), [], 125],
    ["lost, asked to be bad", lostResult(), ["--lost", "bad"], 1],
    ["invalid", invalidResult(), [], 125],
    ["a metric that holds on a kernel that fails", failResult(), ["--expect", "unmap/__try_to_reclaim_swap=256"], 0],
    ["one that does not", passResult(), ["--expect", "pass", "--expect", "unmap/__try_to_reclaim_swap=8"], 1],
    ["one that holds, and the model does not", failResult(), ["--expect", "pass", "--expect", "unmap/__try_to_reclaim_swap=256"], 1],
  ])("%s", async (_name, result, words, exitCode) => {
    const seen = await step(["brim", ...words], fakeLab({ result }));
    expect(seen.exitCode, seen.err).toBe(exitCode);
    expect(seen.out).toMatch(/^(good|bad|skip) [^\n]+\n$/);
  });

  test.each([
    ["lost", "lost"],
    ["host", "host"],
  ] as const)("a failure before the run is skipped: %s", async (_name, kind) => {
    const fail = async (): Promise<never> => Promise.reject(new LabError(kind, { what: "nothing works" }));
    expect(await step(["brim", "--kernel", "tree"], fakeLab({ run: fail }))).toMatchObject({ exitCode: 125, out: "skip tree: nothing works.\n" });
  });

  test("a mistake in the command is skipped, and said", async () => {
    expect(await step(["brim", "--expect", "pswpout"])).toMatchObject({ exitCode: 125, err: expect.stringContaining('"pageout/pswpout=4096"') });
  });
});

test("it boots the kernel of the folder it is in when none is named", async () => {
  const lab = fakeLab();
  await step(["brim"], lab);
  await step(["brim", "-r", "~/linux", "--folio", "64kB", "--device", "brd", "--set", "rounds=4", "--model", "6.12", "-m", "2G"], lab);
  expect(lab.runRequests).toEqual([
    { experiment: "brim", kernel: ".", set: {}, memoryMb: 1024, cold: true },
    { experiment: "brim", kernel: "~/linux", folio: "64kB", device: "brd", set: { rounds: "4" }, model: "6.12", memoryMb: 2048, cold: true },
  ]);
});
