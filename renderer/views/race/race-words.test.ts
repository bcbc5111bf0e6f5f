import { expect, test } from "vitest";
import { defaultRaceSeconds, defaultRaceStates } from "../../../src/api/request.ts";
import { exploreRace, listRaces } from "../../../src/lab/races.ts";
import { defaultSwitches, type Switches } from "../../../src/races/switches.ts";
import { raceArguments, raceRequest } from "../../state/race-request.ts";
import { verdictWords } from "./race-words.ts";

const task = { signal: new AbortController().signal, progress: () => undefined };
const has = listRaces().scenarios.find(({ name }) => name === "swapoff")!.switches;
const form = (switches: Partial<Switches>, stateLimit = defaultRaceStates) => ({ scenario: "swapoff", switches: { ...defaultSwitches, ...switches }, without: "" as const, stateLimit, seconds: defaultRaceSeconds, walkCount: 0, seed: 1 });
const explored = async (switches: Partial<Switches>, stateLimit?: number) => verdictWords(await exploreRace(raceRequest(form(switches, stateLimit), has), task)).headline;

test("found, exhausted and not exhausted are told apart in words", async () => {
  expect(await explored({})).toBe("Found: freed structures are used, after 15 steps");
  expect(await explored({ fix: true })).toContain("Exhausted: every order of steps was tried");
  expect(await explored({ fix: true }, 10)).toContain("Not exhausted: the limit of states was reached");
});

test("a command says only what differs from the race's own choice", () => {
  expect(raceArguments(raceRequest(form({}), has))).toEqual(["race", "swapoff"]);
  expect(raceArguments(raceRequest({ ...form({ shortcut: false, swapoffReclaims: true, caller: "shmem", processes: 3 }, 10), without: "page-table-lock", walkCount: 5 }, has))).toEqual([
    ...["race", "swapoff", "--caller", "shmem", "--no-shortcut", "--swapoff-reclaims", "--processes", "3"],
    ...["--without", "page-table-lock", "--states", "10", "--walks", "5", "--seed", "1"],
  ]);
});
