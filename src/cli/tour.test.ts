import { describe, expect, test } from "vitest";
import { fakeContext } from "../../test/fake-context.ts";
import { fakeLab } from "../../test/fake-lab.ts";
import type { Lab, VisitRequest } from "../api/lab.ts";
import { tourStops } from "../lab/tour.ts";
import { displayWidth } from "../report/text.ts";
import type { RunVisit, StopVisit } from "../report/tour.ts";
import { runCommandLine } from "./cli.ts";

const stops = tourStops();

const visited = (name: string, runs: readonly Partial<RunVisit>[] = [{}]): StopVisit => ({
  stop: stops.find((stop) => stop.name === name)!,
  verdict: "pass",
  runs: runs.map((run) => ({ index: 0, kernel: "6.1", release: "6.1.0-56-cloud-amd64", command: ["run", "brim"], verdict: "pass", reason: "", run: "r-1", checkCount: 3, steps: [], ...run })),
  races: [],
  comparisons: [],
  designs: null,
  isComplete: true,
});

async function call(line: string, answers: Partial<Lab> = {}) {
  const requests: VisitRequest[] = [];
  const context = fakeContext({
    lab: fakeLab({
      tourStops: () => stops,
      visitStop: async (request) => {
        requests.push(request);
        return visited(request.stop);
      },
      ...answers,
    }),
  });
  const exitCode = await runCommandLine(line.split(" "), context);
  return { exitCode, out: context.out(), err: context.err(), requests };
}

describe("tour", () => {
  test("without a stop lists them and starts nothing", async () => {
    const { exitCode, out, requests } = await call("tour");
    expect([exitCode, requests]).toEqual([0, []]);
    for (const { name } of stops) expect(out).toContain(name);
  });

  test("a stop is visited by number or name, on kernels that one names", async () => {
    expect((await call("tour 1")).requests).toEqual([{ stop: "flag", kernels: [], memoryMb: 1024, cold: false }]);
    const { requests } = await call("tour rotating -r 6.18 --kernel ~/linux -m 2G --cold --accel tcg");
    expect(requests).toEqual([{ stop: "rotating", kernels: ["6.18", "~/linux"], memoryMb: 2048, cold: true, accelerator: "tcg" }]);
  });

  test("the question is there before a guest is started", async () => {
    let printed = "";
    const context = fakeContext({
      lab: fakeLab({
        tourStops: () => stops,
        visitStop: async () => {
          printed = context.out();
          return visited("flag");
        },
      }),
    });
    await runCommandLine(["tour", "flag"], context);
    expect(printed).toContain("What did it save");
    expect(context.out().slice(printed.length)).toMatch(/^\n16M in 2 MiB folios.*\n {2}pass {3}kernel 6\.1\.0/);
  });

  test.each([
    ["--all", 80],
    ["--all --mail", 72],
    ["--all --read", 80],
    ["--all --read --mail", 72],
  ])("%s keeps to %i columns", async (options, columns) => {
    const { exitCode, out } = await call(`tour ${options}`);
    expect(exitCode).toBe(0);
    for (const { name } of stops) expect(out).toContain(name);
    expect(out.split("\n").filter((line) => displayWidth(line) > columns)).toEqual([]);
  });

  test("the worst verdict of all stops decides", async () => {
    const verdicts: Readonly<Record<string, StopVisit["verdict"]>> = { cost: "invalid", forked: "fail" };
    const visitStop: Lab["visitStop"] = async ({ stop }) => ({ ...visited(stop), verdict: verdicts[stop] ?? "pass" });
    expect((await call("tour --all", { visitStop })).exitCode).toBe(1);
    expect((await call("tour cost", { visitStop })).exitCode).toBe(125);
    const { exitCode, out } = await call("tour --all --json", { visitStop });
    expect([exitCode, JSON.parse(out)]).toMatchObject([1, { schema: "swaplab.tour/1", verdict: "fail", isComplete: true, stops: stops.map(({ name }) => ({ stop: { name } })) }]);
  });

  test("what did not pass says why, and a run passed over is no fail", async () => {
    const runs = [{ verdict: "fail", reason: "they part in step 2" }, { verdict: "skip", reason: "no folios of 64 kB" }] as const;
    const { out } = await call("tour flag", { visitStop: async () => ({ ...visited("flag", runs), verdict: "fail" }) });
    expect(out).toMatch(/\n {2}fail {3}kernel .*\n {2}they part in step 2\n/);
    expect(out).toContain("no folios of 64 kB");
    expect(out).toMatch(/\nfail {3}stop 1 {3}0 of 2 pass, 1 fail, 1 skip\n$/);
  });

  test("Ctrl-C prints what there is", async () => {
    const context = fakeContext({
      lab: fakeLab({
        tourStops: () => stops,
        visitStop: async ({ stop }) => {
          context.interrupt();
          return { ...visited(stop), isComplete: false };
        },
      }),
    });
    expect(await runCommandLine(["tour", "--all", "--json"], context)).toBe(130);
    expect(JSON.parse(context.out())).toMatchObject({ isComplete: false, stops: [{ stop: { number: 1 } }] });
  });

  test("a stop that there is not, and a stop beside --all, are refused", async () => {
    const unknown = await call("tour flagg");
    expect([unknown.exitCode, unknown.err]).toEqual([125, expect.stringContaining("Did you mean flag?")]);
    expect((await call("tour flag --all")).err).toContain("exclude each other");
  });

  test("--read --json is the stops themselves", async () => {
    const { out, requests } = await call("tour --read --json");
    expect([JSON.parse(out), requests]).toMatchObject([{ schema: "swaplab.tour-stops/1", stops: stops.map(({ name }) => ({ name })) }, []]);
  });
});
