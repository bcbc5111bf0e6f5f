import { describe, expect, test, vi } from "vitest";
import type { LabTask, RaceRequest } from "../api/lab.ts";
import { Exploration } from "../races/explorer.ts";
import { areAsExpected } from "../report/race.ts";
import { exploreMutants, exploreRace, listRaces } from "./races.ts";

const task = (rest: Partial<LabTask> = {}): LabTask => ({ signal: new AbortController().signal, progress: () => undefined, ...rest });
const request = (rest: Partial<RaceRequest> = {}): RaceRequest => ({ scenario: "swapoff", switches: {}, stateLimit: 1_000_000, deadlineMs: 60_000, ...rest });

describe("races", () => {
  test("found without the fix, not found with it", async () => {
    expect(await exploreRace(request(), task())).toMatchObject({ verdict: "broken", counterexample: { property: "freed structures are used", isShortest: true } });
    const fixed = await exploreRace(request({ switches: { fix: true } }), task());
    expect(fixed).toMatchObject({ verdict: "holds", counterexample: null, stoppedBy: "", without: null });
    expect(fixed.properties.map(({ holds }) => holds)).not.toContain("open");
  });

  test("only the switches that a race has are told and taken", async () => {
    expect((await exploreRace(request({ scenario: "swap-in" }), task())).switches).toEqual({ fix: false, rcu: false });
    await expect(exploreRace(request({ scenario: "swap-in", switches: { clusterLock: true } }), task())).rejects.toThrow('"cluster-lock" makes no difference to the race swap-in');
    await expect(exploreRace(request({ without: "folio-lock" }), task())).rejects.toThrow('the race swapoff has no ordering "folio-lock"');
    await expect(exploreRace(request({ scenario: "swapof" }), task())).rejects.toThrow('there is no race "swapof". There are: swapoff,');
  });

  test("a limit, a deadline and an interrupt each leave it not exhausted", async () => {
    const large = { switches: { fix: true, processes: 6 } };
    expect(await exploreRace(request({ ...large, stateLimit: 50_000 }), task())).toMatchObject({ verdict: "not-exhausted", stoppedBy: "state limit", stateCount: 50_000, explanation: [] });
    expect(await exploreRace(request({ ...large, deadlineMs: 0 }), task())).toMatchObject({ verdict: "not-exhausted", stoppedBy: "deadline" });
    const controller = new AbortController();
    const interrupted = exploreRace(request(large), task({ signal: controller.signal, progress: () => controller.abort() }));
    expect(await interrupted).toMatchObject({ verdict: "not-exhausted", stoppedBy: "interrupt" });
  });

  test("when there is no memory for more states it is not exhausted either", async () => {
    const advance = vi.spyOn(Exploration.prototype, "advance").mockImplementationOnce(() => {
      throw new RangeError("Array buffer allocation failed");
    });
    const report = await exploreRace(request({ switches: { fix: true } }), task());
    advance.mockRestore();
    expect(report).toMatchObject({ verdict: "not-exhausted", stoppedBy: "memory" });
  });

  test("progress says how far it is", async () => {
    const said: string[] = [];
    await exploreRace(request({ switches: { fix: true, processes: 5 } }), task({ progress: (stage, detail) => void said.push(`${stage}: ${detail}`) }));
    expect(said[0]).toMatch(/^explore: \d+ states, \d+ steps deep$/);
  });

  test("beyond the limit random walks go on from the start, by their seed", async () => {
    const beyond = request({ stateLimit: 20, walks: { seed: 5, count: 5000 } });
    const report = await exploreRace(beyond, task());
    expect(report).toMatchObject({ verdict: "broken", counterexample: { isShortest: false }, walks: { seed: 5 } });
    expect(report.properties.find(({ name }) => name === "freed structures are used")!.holds).toBe("no");
    expect(await exploreRace(beyond, task())).toEqual(report);
    expect(await exploreRace({ ...beyond, walks: { seed: 5, count: 1 } }, task())).toMatchObject({ verdict: "not-exhausted", walks: { count: 1 } });
  });

  test("every mutant that must break does, and no other", async () => {
    expect(areAsExpected(await exploreMutants(task()))).toBe(true);
  });

  test("every race in the list can be explored", async () => {
    for (const { name } of listRaces().scenarios) expect((await exploreRace(request({ scenario: name }), task())).verdict).not.toBe("not-exhausted");
  });
});
