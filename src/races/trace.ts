import type { Move } from "./explorer.ts";
import type { Model, State } from "./model.ts";

/** A path as it can be drawn: a lane an actor, a row a step, and what every shared variable holds after it. Plain values. */
export interface Trace {
  readonly lanes: readonly string[];
  readonly variables: readonly string[];
  /** By variable, before the first step. */
  readonly start: readonly string[];
  readonly steps: readonly TraceStep[];
}

export interface TraceStep {
  /** Index of the lane. */
  readonly lane: number;
  /** The kernel's function. */
  readonly name: string;
  readonly does: string;
  /** What it reads or writes of the device's structures; empty when nothing. */
  readonly touches: string;
  /** By variable, after the step. */
  readonly values: readonly string[];
  /** Indices of the variables that the step changed. */
  readonly changed: readonly number[];
  /** The properties that fail with this step. */
  readonly broken: readonly string[];
}

/** Takes the moves again, one after the other. */
export function makeTrace(model: Model, path: readonly Move[]): Trace {
  const state: State = new Uint8Array(model.byteCount);
  model.start(state);
  const show = (): string[] => model.shown.map((variable) => variable.show(state));
  const start = show();
  let before = start;
  const steps = path.map(({ actor, step: number }): TraceStep => {
    const step = model.actors[actor]!.steps[number]!;
    const place = step.take(state);
    if (place < 0) throw new Error(`${step.name} cannot be taken where the path has it`);
    state[actor] = place;
    const values = show();
    const changed = values.flatMap((value, index) => (value === before[index] ? [] : [index]));
    before = values;
    const broken = model.properties.filter(({ kind, test }) => kind !== "can" && test(state) !== (kind === "always")).map(({ name }) => name);
    return { lane: actor, name: step.name, does: step.does, touches: step.touches, values, changed, broken };
  });
  return { lanes: model.actors.map(({ name }) => name), variables: model.shown.map(({ name }) => name), start, steps };
}
