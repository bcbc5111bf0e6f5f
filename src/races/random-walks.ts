import { Expander } from "./expander.ts";
import type { Move } from "./explorer.ts";
import type { Model, Property } from "./model.ts";

/** Walks that take more steps than this are given up. */
const longestWalk = 10_000;

export interface FailedWalk {
  readonly property: Property;
  readonly path: readonly Move[];
}

/**
 * Takes steps at random from the start, for spaces that are too large to be exhausted. What a walk finds is true but seldom the
 * shortest, and what it does not find may be there. The same seed takes the same walks.
 */
export class RandomWalks {
  private readonly model: Model;
  private readonly expander: Expander;
  private readonly failures: readonly Property[];
  private readonly next: () => number;
  /** Walks begun. */
  walkCount = 0;

  constructor(model: Model, seed: number) {
    this.model = model;
    this.expander = new Expander(model);
    this.failures = model.properties.filter(({ kind }) => kind !== "can");
    this.next = randomNumbers(seed);
  }

  /** One walk to its end, or to a state in which a property fails. */
  walk(): FailedWalk | null {
    const { expander } = this;
    this.walkCount++;
    expander.stateWords.fill(0);
    this.model.start(expander.state);
    const path: Move[] = [];
    while (path.length < longestWalk) {
      expander.fromWords.set(expander.stateWords);
      const move = this.takeOne();
      if (move === null) return null;
      path.push(move);
      const property = this.failures.find(({ kind, test }) => test(expander.state) !== (kind === "always"));
      if (property !== undefined) return { property, path };
    }
    return null;
  }

  /** One of the steps that are possible, each as likely as the others. */
  private takeOne(): Move | null {
    const { expander } = this;
    let possible = 0;
    expander.begin();
    while (expander.advance()) possible++;
    if (possible === 0) return null;
    const chosen = Math.floor(this.next() * possible);
    expander.begin();
    for (let index = 0; index <= chosen; index++) expander.advance();
    return { actor: expander.actor, step: expander.step };
  }
}

/** Numbers from 0 to below 1. The mulberry32 generator: small, and the same everywhere. */
function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
