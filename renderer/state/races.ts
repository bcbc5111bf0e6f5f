import { computed, effect, signal } from "@preact/signals";
import { defaultRaceSeconds, defaultRaceStates } from "../../src/api/request.ts";
import { defaultSwitches } from "../../src/races/switches.ts";
import type { RaceList } from "../../src/report/race.ts";
import { lab, onOpen } from "./connection.ts";
import { Job } from "./job.ts";
import { type RaceForm, raceRequest } from "./race-request.ts";
import { Resource } from "./resource.ts";

const freshLimits = { stateLimit: defaultRaceStates, seconds: defaultRaceSeconds, walkCount: 0, seed: 1 };

export const raceList = new Resource<RaceList>(async () => lab().call("races.list", {}));
export const raceForm = signal<RaceForm>({ scenario: "", switches: defaultSwitches, without: "", ...freshLimits });
export const race = new Job("race");
export const mutants = new Job("raceMutants");
/** Whether the mutants of all races are shown, in place of one race. */
export const showsMutants = signal(false);

export const scenario = computed(() => raceList.loaded.value.value?.scenarios.find(({ name }) => name === raceForm.value.scenario) ?? null);

onOpen(() => void raceList.load());

/** A race has its switches as the kernel has them when it is chosen. */
export function chooseRace(name: string): void {
  showsMutants.value = false;
  if (name === raceForm.value.scenario) return;
  raceForm.value = { ...raceForm.value, scenario: name, switches: defaultSwitches, without: "" };
  explore();
}

/** A race is small: what a switch changes shows at once. */
export function changeRace(change: Partial<RaceForm>): void {
  raceForm.value = { ...raceForm.value, ...change };
  explore();
}

export function explore(): void {
  const found = scenario.peek();
  if (found !== null) void race.start(raceRequest(raceForm.peek(), found.switches));
}

export function tryMutants(): void {
  showsMutants.value = true;
  if (mutants.reply.peek() === null && !mutants.isBusy.peek()) void mutants.start({});
}

/** Which step of the counterexample is looked at: its last one first, where it goes wrong. */
export const raceStep = signal(0);
effect(() => void (raceStep.value = Math.max(0, (race.reply.value?.counterexample?.trace.steps.length ?? 0) - 1)));
