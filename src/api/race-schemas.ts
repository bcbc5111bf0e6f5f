import * as v from "valibot";
import { orderingNames, processCountMax, type Switches } from "../races/switches.ts";
import type { Trace, TraceStep } from "../races/trace.ts";
import type { RaceCounterexample, RaceList, RaceMutant, RaceMutants, RaceProperty, RaceReport, RaceScenario } from "../report/race.ts";
import type { RaceRequest } from "./lab.ts";
import { count, type FieldsOf, flag, line, list } from "./pieces.ts";

/** What the race explorer is asked and answers; see `report/race.ts`. */

const ordering = v.picklist(orderingNames);

const some = v.exactOptional(flag);
const switchFields = {
  fix: some,
  rcu: some,
  caller: v.exactOptional(v.picklist(["anon", "shmem"])),
  shortcut: some,
  swapoffReclaims: some,
  earlyExit: some,
  clusterLock: some,
  swapon: some,
  processes: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(processCountMax))),
} satisfies FieldsOf<Switches>;

const switchName = v.picklist(Object.keys(switchFields) as (keyof Switches)[]);
const someSwitches = v.strictObject(switchFields);

const positive = v.pipe(count, v.minValue(1));

export const raceRequestSchema = v.strictObject({
  scenario: line,
  switches: someSwitches,
  without: v.exactOptional(ordering),
  stateLimit: v.pipe(positive, v.maxValue(100_000_000)),
  deadlineMs: positive,
  walks: v.exactOptional(v.strictObject({ seed: count, count: positive })),
} satisfies FieldsOf<RaceRequest>);

export const raceListSchema = v.object({
  schema: v.literal("swaplab.races/1"),
  scenarios: list(
    v.object({
      name: line,
      title: line,
      switches: list(switchName),
      orderings: list(v.object({ name: ordering, says: line })),
    } satisfies FieldsOf<RaceScenario>),
  ),
} satisfies FieldsOf<RaceList>);

const traceSchema = v.object({
  lanes: list(line),
  variables: list(line),
  start: list(line),
  steps: list(
    v.object({
      lane: count,
      name: line,
      does: line,
      touches: line,
      values: list(line),
      changed: list(count),
      broken: list(line),
    } satisfies FieldsOf<TraceStep>),
  ),
} satisfies FieldsOf<Trace>);

export const raceReportSchema = v.object({
  schema: v.literal("swaplab.race/1"),
  scenario: line,
  title: line,
  switches: someSwitches,
  without: v.nullable(ordering),
  verdict: v.picklist(["holds", "broken", "not-exhausted"]),
  stoppedBy: line,
  stateCount: count,
  stepCount: count,
  depth: count,
  stateLimit: count,
  walks: v.nullable(v.object({ seed: count, count })),
  properties: list(
    v.object({
      kind: v.picklist(["never", "always", "can"]),
      name: line,
      holds: v.picklist(["yes", "no", "open"]),
      depth: v.nullable(count),
    } satisfies FieldsOf<RaceProperty>),
  ),
  counterexample: v.nullable(v.object({ property: line, isShortest: flag, trace: traceSchema } satisfies FieldsOf<RaceCounterexample>)),
  explanation: list(line),
  assumptions: list(line),
} satisfies FieldsOf<RaceReport>);

export const raceMutantsSchema = v.object({
  schema: v.literal("swaplab.race-mutants/1"),
  mutants: list(
    v.object({
      scenario: line,
      switches: someSwitches,
      without: ordering,
      says: line,
      mustBreak: flag,
      breaks: flag,
      property: line,
      why: line,
    } satisfies FieldsOf<RaceMutant>),
  ),
} satisfies FieldsOf<RaceMutants>);
