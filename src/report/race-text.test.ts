import { describe, expect, test } from "vitest";
import type { RaceRequest } from "../api/lab.ts";
import { exploreMutants, exploreRace } from "../lab/races.ts";
import { mailLook } from "./look.ts";
import type { RaceReport } from "./race.ts";
import { raceMutantsText, raceText } from "./race-text.ts";

const task = { signal: new AbortController().signal, progress: () => undefined };
const race = async (rest: Partial<RaceRequest>): Promise<RaceReport> => exploreRace({ scenario: "swapoff", switches: {}, stateLimit: 100_000, deadlineMs: 60_000, ...rest }, task);
const textOf = async (rest: Partial<RaceRequest>, all = false): Promise<string[]> => raceText(await race(rest), mailLook, all);

describe("a race as text", () => {
  test("lanes, steps in order, what changes, and the bad access with the step that freed", async () => {
    const lines = await textOf({});
    const first = lines.findIndex((line) => line.includes("P1 P2 swapoff"));
    expect(lines.slice(first, first + 9)).toEqual([
      "     P1 P2 swapoff",
      "  1  *  |  |        pte_offset_map_lock  PTL of P1 free -> held",
      "  2  *  |  |        _swap_info_get",
      "  3  *  |  |        __swap_entry_free  swap_map[0] 0x41 -> 0x40",
      "  4  |  *  |        pte_offset_map_lock  PTL of P2 free -> held",
      "  5  |  *  |        _swap_info_get",
      "  6  |  *  |        __swap_entry_free  swap_map[1] 0x41 -> 0x40",
      "  7  |  *  |        swap_page_trans_huge_swapped",
      "  8  |  *  |        __try_to_reclaim_swap",
    ]);
    const bad = lines.findIndex((line) => line.includes("X"));
    expect(lines.slice(bad, bad + 2)).toEqual([" 15  X  |  |        swap_page_trans_huge_swapped", "     |  |  |          uses cluster_info, swap_map, freed in step 14"]);
    expect(lines).toContain("broken: freed structures are used, after 15 steps");
  });

  test("both halves of what RCU means are said, whatever was found", async () => {
    for (const switches of [{}, { rcu: true }, { rcu: true, caller: "shmem" }, { caller: "shmem" }, { fix: true }] as const) {
      const text = (await textOf({ switches })).join(" ");
      expect(text).toMatch(/page-table lock are safe|under one are safe/);
      expect(text).toMatch(/[Ss]hared memory, which holds none, is not|Shared memory holds none and is not|does not help shared memory/);
    }
  });

  test("the page-table lock is said to be half of the story, and what closes it", async () => {
    const text = (await textOf({})).join(" ");
    expect(text).toContain("half of the story");
    expect(text).toContain("get_swap_device before the drop and put_swap_device after the last use");
  });

  test("a failure that is no use of freed memory names itself", async () => {
    const lines = await textOf({ switches: { fix: true, shortcut: false }, without: "counts-before-reclaim" });
    const bad = lines.findIndex((line) => /X /.test(line));
    expect(lines.slice(bad, bad + 5).join(" ")).toContain("slots are given back");
    expect(lines.join(" ")).toContain("Taken away: ");
  });

  test("what was not exhausted says so, and why", async () => {
    const lines = await textOf({ switches: { fix: true }, stateLimit: 100, walks: { seed: 3, count: 20 } });
    expect(lines.join(" ")).toContain("not exhausted: the limit of states was reached (--states); nothing was found until then, and nothing on 20 random walks from seed 3");
    expect(lines.some((line) => line.startsWith("  open"))).toBe(true);
  });

  test("a walk's failure is not said to be the shortest", async () => {
    const text = (await textOf({ stateLimit: 20, walks: { seed: 1, count: 10_000 } })).join(" ");
    expect(text).toContain("Found by a random walk (seed 1)");
  });

  test("no line is wider than 72 columns", async () => {
    const requests: Partial<RaceRequest>[] = [
      {},
      { switches: { processes: 8, clusterLock: true }, stateLimit: 1000, walks: { seed: 1, count: 2000 } },
      { switches: { rcu: true, caller: "shmem", earlyExit: false } },
      { switches: { earlyExit: false } },
      { scenario: "swap-in" },
      { scenario: "swp-swapcount", without: "page-table-lock" },
      { scenario: "folio-free-swap" },
      { scenario: "shared-slot", switches: { fix: true }, without: "cluster-lock" },
    ];
    for (const request of requests) for (const line of await textOf(request, true)) expect(line.length, line).toBeLessThanOrEqual(72);
    for (const line of raceMutantsText(await exploreMutants(task), mailLook)) expect(line.length, line).toBeLessThanOrEqual(72);
  });

  test("a mutant that is not as expected is told", () => {
    const mutant = { scenario: "swapoff", switches: {}, without: "put-after-use", says: "", mustBreak: true, breaks: false, property: "", why: "because" } as const;
    const text = raceMutantsText({ schema: "swaplab.race-mutants/1", mutants: [mutant] }, mailLook).join(" ");
    expect(text).toContain("it must break, and does not: because");
    expect(text).toContain("NOT all as they must be");
  });
});
