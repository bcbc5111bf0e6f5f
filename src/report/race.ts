import type { Ordering, Switches } from "../races/switches.ts";
import type { Trace } from "../races/trace.ts";

/** What the race explorer has found, as the command `race` prints it and writes it with `--json`. */
export const raceSchemaName = "swaplab.race/1";
export const racesSchemaName = "swaplab.races/1";
export const raceMutantsSchemaName = "swaplab.race-mutants/1";

export interface RaceList {
  readonly schema: typeof racesSchemaName;
  readonly scenarios: readonly RaceScenario[];
}

export interface RaceScenario {
  readonly name: string;
  /** One line. */
  readonly title: string;
  readonly switches: readonly (keyof Switches)[];
  readonly orderings: readonly { readonly name: Ordering; readonly says: string }[];
}

export interface RaceReport {
  readonly schema: typeof raceSchemaName;
  readonly scenario: string;
  readonly title: string;
  /** Those that the scenario has. */
  readonly switches: Partial<Switches>;
  readonly without: Ordering | null;
  /** `not-exhausted`: nothing was found, and not everything was looked at. */
  readonly verdict: "holds" | "broken" | "not-exhausted";
  /** Why the search ended before everything was looked at; empty when it did not, or when it found what it sought. */
  readonly stoppedBy: string;
  readonly stateCount: number;
  readonly stepCount: number;
  /** Steps to the states that were looked at last. */
  readonly depth: number;
  readonly stateLimit: number;
  readonly walks: { readonly seed: number; readonly count: number } | null;
  readonly properties: readonly RaceProperty[];
  readonly counterexample: RaceCounterexample | null;
  /** Paragraphs. */
  readonly explanation: readonly string[];
  readonly assumptions: readonly string[];
}

export interface RaceProperty {
  readonly kind: "never" | "always" | "can";
  readonly name: string;
  readonly holds: "yes" | "no" | "open";
  /** Steps to the first state that decides it; null where no single state does. */
  readonly depth: number | null;
}

export interface RaceCounterexample {
  readonly property: string;
  /** The shortest, of these one with fewest changes from lane to lane, of these the one with the first lanes. A random walk's is not. */
  readonly isShortest: boolean;
  readonly trace: Trace;
}

export interface RaceMutants {
  readonly schema: typeof raceMutantsSchemaName;
  readonly mutants: readonly RaceMutant[];
}

export interface RaceMutant {
  readonly scenario: string;
  readonly switches: Partial<Switches>;
  readonly without: Ordering;
  readonly says: string;
  readonly mustBreak: boolean;
  readonly breaks: boolean;
  /** What failed; empty when nothing did. */
  readonly property: string;
  readonly why: string;
}

/** Everything that must break does, and nothing else. */
export const areAsExpected = ({ mutants }: RaceMutants): boolean => mutants.every(({ mustBreak, breaks }) => mustBreak === breaks);
