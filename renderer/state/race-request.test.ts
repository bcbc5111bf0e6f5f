import { expect, test } from "vitest";
import { defaultRaceSeconds, defaultRaceStates } from "../../src/api/request.ts";
import { defaultSwitches, type SwitchName } from "../../src/races/switches.ts";
import { raceArguments, type RaceForm, raceRequest } from "./race-request.ts";

const has = Object.keys(defaultSwitches) as SwitchName[];
const form: RaceForm = { scenario: "swapoff", switches: defaultSwitches, without: "", stateLimit: defaultRaceStates, seconds: defaultRaceSeconds, walkCount: 0, seed: 1 };

test("a command says only what differs from the race's own choice", () => {
  expect(raceArguments(raceRequest(form, has))).toEqual(["race", "swapoff"]);
  const switches = { ...defaultSwitches, shortcut: false, swapoffReclaims: true, caller: "shmem" as const, processes: 3 };
  expect(raceArguments(raceRequest({ ...form, switches, stateLimit: 10, without: "page-table-lock", walkCount: 5 }, has))).toEqual([
    ...["race", "swapoff", "--caller", "shmem", "--no-shortcut", "--swapoff-reclaims", "--processes", "3"],
    ...["--without", "page-table-lock", "--states", "10", "--walks", "5", "--seed", "1"],
  ]);
});

test("switches that a race does not have are not asked for", () => {
  expect(raceRequest({ ...form, switches: { ...defaultSwitches, fix: true, swapon: true } }, ["fix"]).switches).toEqual({ fix: true });
});
