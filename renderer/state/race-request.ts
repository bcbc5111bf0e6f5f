import type { RaceRequest } from "../../src/api/lab.ts";
import { defaultRaceSeconds, defaultRaceStates } from "../../src/api/request.ts";
import { defaultSwitches, type Ordering, type Switches } from "../../src/races/switches.ts";
import { switchWord } from "../../src/report/race-text.ts";

/** Which race is explored, and how. */
export interface RaceForm {
  readonly scenario: string;
  readonly switches: Switches;
  readonly without: Ordering | "";
  readonly stateLimit: number;
  readonly seconds: number;
  /** Random walks where the states cannot be exhausted; 0 for none. */
  readonly walkCount: number;
  readonly seed: number;
}

/** Only what differs from the scenario's own choice is asked for, so that the command that repeats it is short. */
export function raceRequest({ scenario: name, switches, without, stateLimit, seconds, walkCount, seed }: RaceForm, has: readonly (keyof Switches)[]): RaceRequest {
  return {
    scenario: name,
    switches: Object.fromEntries(has.filter((one) => switches[one] !== defaultSwitches[one]).map((one) => [one, switches[one]])),
    ...(without !== "" && { without }),
    stateLimit,
    deadlineMs: seconds * 1000,
    ...(walkCount > 0 && { walks: { seed, count: walkCount } }),
  };
}

/** The arguments of the command line that explore the same. */
export function raceArguments({ scenario: name, switches, without, stateLimit, deadlineMs, walks }: RaceRequest): string[] {
  const option = (key: string, value: boolean | string | number): string[] => (value === true ? [`--${switchWord(key as keyof Switches)}`] : value === false ? [`--no-${switchWord(key as keyof Switches)}`] : [`--${key}`, String(value)]);
  return [
    ...["race", name],
    ...Object.entries(switches).flatMap(([key, value]) => option(key, value)),
    ...(without === undefined ? [] : ["--without", without]),
    ...(stateLimit === defaultRaceStates ? [] : ["--states", String(stateLimit)]),
    ...(deadlineMs === defaultRaceSeconds * 1000 ? [] : ["--seconds", String(deadlineMs / 1000)]),
    ...(walks === undefined ? [] : ["--walks", String(walks.count), "--seed", String(walks.seed)]),
  ];
}
