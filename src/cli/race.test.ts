import { describe, expect, test } from "vitest";
import { fakeContext } from "../../test/fake-context.ts";
import { fakeLab } from "../../test/fake-lab.ts";
import type { RaceRequest } from "../api/lab.ts";
import { exploreRace } from "../lab/races.ts";
import { runCommandLine } from "./cli.ts";

async function call(line: string) {
  const requests: RaceRequest[] = [];
  const lab = fakeLab({
    race: async (request, task) => {
      requests.push(request);
      return exploreRace(request, task);
    },
  });
  const context = fakeContext({ lab });
  const exitCode = await runCommandLine(line.split(" "), context);
  return { exitCode, out: context.out(), err: context.err(), requests };
}

describe("race", () => {
  test("without a name it lists the races, each on a line of its own", async () => {
    const { exitCode, out } = await call("race");
    expect(exitCode).toBe(0);
    expect(out.trimEnd().split("\n")).toHaveLength(7);
    for (const name of ["swapoff", "shared-slot", "range", "folio-free-swap", "swp-swapcount", "swap-in", "page-out"]) expect(out).toMatch(new RegExp(`^${name} `, "m"));
  });

  test.each([
    ["race swapoff", 1],
    ["race swapoff --fix", 0],
    ["race swapoff --rcu", 0],
    ["race swapoff --caller shmem --rcu", 1],
    ["race swapoff --caller shmem --rcu --fix", 0],
    ["race swapoff --no-shortcut", 1],
    ["race swapoff --no-early-exit", 0],
    ["race swapoff --cluster-lock", 1],
    ["race swapoff --processes 1", 0],
    ["race swapoff --processes 1 --swapoff-reclaims", 1],
    ["race swapoff --fix --states 100", 2],
    ["race swapoff --fix --without wait-for-users", 1],
    ["race --mutants", 0],
    ["race nothing", 125],
    ["race --fix", 125],
    ["race --mutants swapoff", 125],
    ["race swapoff --processes 9", 125],
  ])("%s ends with %i", async (line, exitCode) => {
    expect((await call(line)).exitCode).toBe(exitCode);
  });

  test("only what was given is asked for", async () => {
    expect((await call("race swapoff")).requests).toEqual([{ scenario: "swapoff", switches: {}, stateLimit: 5_000_000, deadlineMs: 60_000 }]);
    const { requests } = await call("race swapoff --no-shortcut --no-early-exit --processes 3 --states 1000 --seconds 5 --walks 10 --seed 4 --without grace-period");
    expect(requests).toEqual([
      {
        scenario: "swapoff",
        switches: { shortcut: false, earlyExit: false, processes: 3 },
        stateLimit: 1000,
        deadlineMs: 5000,
        walks: { seed: 4, count: 10 },
        without: "grace-period",
      },
    ]);
  });

  test("--json is one document, the same on every run", async () => {
    const { out } = await call("race swapoff --json");
    expect(JSON.parse(out)).toMatchObject({ schema: "swaplab.race/1", verdict: "broken", counterexample: { trace: { lanes: ["P1", "P2", "swapoff"] } } });
    expect((await call("race swapoff --json")).out).toBe(out);
    expect(JSON.parse((await call("race --json")).out)).toMatchObject({ schema: "swaplab.races/1" });
    expect(JSON.parse((await call("race --mutants --json")).out)).toMatchObject({ schema: "swaplab.race-mutants/1" });
  });
});
