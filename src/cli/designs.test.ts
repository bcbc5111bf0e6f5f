import { describe, expect, test } from "vitest";
import { fakeContext } from "../../test/fake-context.ts";
import { fakeLab } from "../../test/fake-lab.ts";
import { sampleMeasurements } from "../../test/sample-designs.ts";
import type { DesignMeasureRequest, Lab } from "../api/lab.ts";
import { runCommandLine } from "./cli.ts";

async function call(line: string, answers: Partial<Lab> = {}) {
  const requests: DesignMeasureRequest[] = [];
  const lab = fakeLab({
    measureDesigns: async (request) => {
      requests.push(request);
      return [];
    },
    ...answers,
  });
  const context = fakeContext({ lab });
  const exitCode = await runCommandLine(line.split(" "), context);
  return { exitCode, out: context.out(), err: context.err(), requests };
}

describe("designs", () => {
  test("prints the model's part before a guest is started, then what was measured", async () => {
    let printed = "";
    const context = fakeContext({
      lab: fakeLab({
        measureDesigns: async () => {
          printed = context.out();
          return sampleMeasurements();
        },
      }),
    });
    expect(await runCommandLine(["designs"], context)).toBe(1);
    expect(printed).toContain("512 entries of 64 kB folios\n");
    expect(printed).not.toContain("measured on");
    expect(context.out().slice(printed.length)).toMatch(/^\nmeasured on 6\.12\.117/);
  });

  test("by default measures the kernels of the two designs that are one, if they are here", async () => {
    expect((await call("designs")).requests).toEqual([{ kernels: ["6.1", "6.12"], fetch: false, memoryMb: 1024, cold: false }]);
  });

  test("--measure fetches; --kernel names others, which are fetched too", async () => {
    expect((await call("designs --measure")).requests).toMatchObject([{ kernels: ["6.1", "6.12"], fetch: true }]);
    const { requests } = await call("designs -r 7.3 --kernel ~/linux -m 2G --cold --accel tcg");
    expect(requests).toEqual([{ kernels: ["7.3", "~/linux"], fetch: true, memoryMb: 2048, cold: true, accelerator: "tcg" }]);
  });

  test("--no-measure starts nothing, and does not go with --kernel", async () => {
    const { requests, exitCode } = await call("designs --no-measure");
    expect([requests, exitCode]).toEqual([[], 0]);
    const { exitCode: refused, err } = await call("designs --no-measure --kernel 7.3");
    expect([refused, err]).toEqual([125, expect.stringContaining("--kernel and --no-measure exclude each other")]);
  });

  test("a kernel that was named and could not be measured is no pass", async () => {
    const without = sampleMeasurements().map((measurement) => ({ ...measurement, kernel: "9.9", verdict: "invalid" as const, reason: "no such series" }));
    expect((await call("designs --kernel 9.9", { measureDesigns: async () => without })).exitCode).toBe(125);
    expect((await call("designs", { measureDesigns: async () => without })).exitCode).toBe(0);
  });

  test("--json is one document with both parts", async () => {
    const { out } = await call("designs --json", { measureDesigns: async () => sampleMeasurements() });
    expect(JSON.parse(out)).toMatchObject({ schema: "swaplab.designs/1", designs: expect.any(Array), measurements: sampleMeasurements() });
  });

  test("--mail has no line of more than 72 columns", async () => {
    const { out } = await call("designs --mail --all", { measureDesigns: async () => sampleMeasurements() });
    for (const line of out.split("\n")) expect(line.length, line).toBeLessThanOrEqual(72);
  });

  test.each([
    ["pass", 0],
    ["none", 0],
    ["invalid", 0],
    ["lost", 3],
    ["fail", 1],
  ] as const)("ends by the worst run: %s", async (verdict, exitCode) => {
    const one = { ...sampleMeasurements()[0]!, verdict };
    expect((await call("designs", { measureDesigns: async () => [one] })).exitCode).toBe(exitCode);
  });
});
