import { setImmediate as nextTurn } from "node:timers/promises";
import type { LabTask, RaceRequest } from "../api/lab.ts";
import { assumptions, explain } from "../races/explain.ts";
import { Exploration, type Finding, type Move } from "../races/explorer.ts";
import type { Model, Property } from "../races/model.ts";
import { mutants, type Mutant } from "../races/mutants.ts";
import { RandomWalks } from "../races/random-walks.ts";
import { scenarios, type Scenario } from "../races/scenarios.ts";
import { defaultSwitches, orderings, type Switches, type Variant } from "../races/switches.ts";
import { makeTrace } from "../races/trace.ts";
import { type RaceList, type RaceMutant, raceMutantsSchemaName, type RaceMutants, type RaceReport, raceSchemaName, racesSchemaName } from "../report/race.ts";
import { switchWord } from "../report/race-text.ts";
import { LabError } from "./errors.ts";

/** Looked at between two looks at the clock and the signal: some tens of milliseconds. */
const statesAtATime = 20_000;
const walksAtATime = 100;

export function listRaces(): RaceList {
  return {
    schema: racesSchemaName,
    scenarios: scenarios.map(({ name, title, switches, orderings: names }) => ({
      name,
      title,
      switches,
      orderings: names.map((ordering) => ({ name: ordering, says: orderings[ordering] })),
    })),
  };
}

/** Explores one variant of a scenario. When it is stopped it resolves with what there is. */
export async function exploreRace(request: RaceRequest, task: LabTask): Promise<RaceReport> {
  const scenario = findScenario(request.scenario);
  const variant = makeVariant(scenario, request);
  const model = scenario.build(variant);
  const until = performance.now() + request.deadlineMs;
  const exploration = new Exploration(model, { stateLimit: request.stateLimit });
  const stop = await explore(exploration, until, task);
  const failed = exploration.findings().find(({ holds }) => holds === "no");
  const walks = failed === undefined && !exploration.isExhausted && request.walks !== undefined ? await walk(model, request.walks, until, task) : null;
  const found = failed !== undefined ? { property: failed.property, path: exploration.path(failed.property), isShortest: true } : (walks?.failed ?? null);
  const verdict = found !== null ? "broken" : exploration.isExhausted ? "holds" : "not-exhausted";
  return {
    schema: raceSchemaName,
    scenario: scenario.name,
    title: scenario.title,
    switches: Object.fromEntries(scenario.switches.map((name) => [name, variant[name]])),
    without: variant.without,
    verdict,
    stoppedBy: verdict === "not-exhausted" ? stop : "",
    stateCount: exploration.stateCount,
    stepCount: exploration.stepCount,
    depth: exploration.depth,
    stateLimit: request.stateLimit,
    walks: walks === null ? null : { seed: request.walks!.seed, count: walks.count },
    properties: exploration.findings().map((finding) => describe(finding, found?.property)),
    counterexample: found === null || found.path.length === 0 ? null : { property: found.property.name, isShortest: found.isShortest, trace: makeTrace(model, found.path) },
    explanation: verdict === "not-exhausted" ? [] : explain(scenario.name, variant, verdict === "holds"),
    assumptions: assumptions(variant),
  };
}

function findScenario(name: string): Scenario {
  const scenario = scenarios.find((candidate) => candidate.name === name);
  if (scenario !== undefined) return scenario;
  throw new LabError("usage", { what: `there is no race "${name}"`, next: `There are: ${scenarios.map((candidate) => candidate.name).join(", ")}.` });
}

function makeVariant({ name, switches, orderings: names }: Scenario, request: RaceRequest): Variant {
  const stray = (Object.keys(request.switches) as (keyof Switches)[]).find((candidate) => !switches.includes(candidate));
  if (stray !== undefined) throw new LabError("usage", { what: `"${switchWord(stray)}" makes no difference to the race ${name}`, next: `What does: ${switches.map(switchWord).join(", ")}.` });
  const without = request.without ?? null;
  if (without !== null && !names.includes(without)) {
    throw new LabError("usage", { what: `the race ${name} has no ordering "${without}" to take away`, next: `It has: ${names.join(", ")}.` });
  }
  return { ...defaultSwitches, ...request.switches, without };
}

/** Until there is nothing left to do, or for the reason that it gives. */
async function explore(exploration: Exploration, until: number, { signal, progress }: LabTask): Promise<string> {
  while (advanced(exploration)) {
    progress("explore", `${exploration.stateCount} states, ${exploration.depth} steps deep`);
    await nextTurn();
    if (signal.aborted) return "interrupt";
    if (performance.now() > until) return "deadline";
  }
  return exploration.isExhausted ? "" : exploration.isFull ? "state limit" : "memory";
}

/** False when there is nothing left to do, and when the table finds no room to grow: it is as it was then. */
function advanced(exploration: Exploration): boolean {
  try {
    return exploration.advance(statesAtATime);
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

interface Walked {
  readonly count: number;
  readonly failed: { property: Property; path: readonly Move[]; isShortest: boolean } | null;
}

async function walk(model: Model, { seed, count }: { seed: number; count: number }, until: number, { signal, progress }: LabTask): Promise<Walked> {
  const walks = new RandomWalks(model, seed);
  while (walks.walkCount < count && !signal.aborted && performance.now() <= until) {
    for (let left = Math.min(walksAtATime, count - walks.walkCount); left > 0; left--) {
      const failed = walks.walk();
      if (failed !== null) return { count: walks.walkCount, failed: { ...failed, isShortest: false } };
    }
    progress("walk", `${walks.walkCount} of ${count} random walks`);
    await nextTurn();
  }
  return { count: walks.walkCount, failed: null };
}

/** What a walk has found decides its property too. */
function describe({ property, holds, depth }: Finding, failed: Property | undefined): RaceReport["properties"][number] {
  return { kind: property.kind, name: property.name, holds: property === failed ? "no" : holds, depth };
}

/** Takes each ordering away, one at a time. */
export async function exploreMutants(task: LabTask): Promise<RaceMutants> {
  const found: RaceMutant[] = [];
  for (const mutant of mutants) {
    task.progress("mutants", `${mutant.scenario} without ${mutant.without}`);
    found.push(await exploreMutant(mutant, task));
    if (task.signal.aborted) throw task.signal.reason;
  }
  return { schema: raceMutantsSchemaName, mutants: found };
}

/** None of them has more than some hundreds. */
const mutantStateLimit = 100_000;
const mutantDeadlineMs = 60_000;

async function exploreMutant({ scenario, switches, without, breaks: mustBreak, why }: Mutant, task: LabTask): Promise<RaceMutant> {
  const request = { scenario, switches, without, stateLimit: mutantStateLimit, deadlineMs: mutantDeadlineMs };
  const { verdict, counterexample } = await exploreRace(request, { ...task, progress: () => undefined });
  return { scenario, switches, without, says: orderings[without], mustBreak, breaks: verdict === "broken", property: counterexample?.property ?? "", why };
}
