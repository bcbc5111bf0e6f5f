/**
 * What the explorer explores: a few actors, each a program of small steps, over shared variables. A step is a plain function that runs
 * without anybody in between; between two steps of one actor any other may run. Memory is as one would wish it: what one
 * step writes the next one reads, whoever takes it.
 */

/** One byte a variable. The first bytes say where each actor is in its program. */
export type State = Uint8Array;

/** A step that cannot be taken now. It has changed nothing. */
export const blocked = -1;

export interface Step {
  /** Where in its actor's program it stands. Several at one place are alternatives. */
  readonly at: number;
  /** The function of the kernel that does it, or a few words; at most 32 columns. */
  readonly name: string;
  /** What it does, as half a sentence. */
  readonly does: string;
  /** Reads or writes what may have been freed. Empty for steps that do not. */
  readonly touches: string;
  /** Changes the state and gives the place to go on at, or changes nothing and gives `blocked`. */
  readonly take: (state: State) => number;
}

export interface Actor {
  readonly name: string;
  readonly steps: readonly Step[];
  /** The place where it has nothing more to do. */
  readonly end: number;
}

/**
 * `never` and `always` hold or fail in each state. `can` asks for one state that is reached by some order of steps: a scenario that cannot
 * happen at all proves nothing.
 */
export interface Property {
  readonly kind: "never" | "always" | "can";
  readonly name: string;
  readonly test: (state: State) => boolean;
}

export interface Variable {
  readonly name: string;
  readonly show: (state: State) => string;
}

export interface Model {
  /** In the order in which the counterexample prefers them. */
  readonly actors: readonly Actor[];
  readonly byteCount: number;
  readonly start: (state: State) => void;
  readonly properties: readonly Property[];
  /** What a reader of a trace is shown. */
  readonly shown: readonly Variable[];
}

/** Places of a program by name, numbered in the order given. */
export function places<Name extends string>(...names: Name[]): Readonly<Record<Name, number>> {
  return Object.fromEntries(names.map((name, index) => [name, index])) as Record<Name, number>;
}

/** Hands out the bytes of a state. */
export class StateLayout {
  /** Bytes handed out so far. */
  byteCount: number;

  constructor(actorCount: number) {
    this.byteCount = actorCount;
  }

  byte(): number {
    return this.byteCount++;
  }

  bytes(count: number): readonly number[] {
    return Array.from({ length: count }, () => this.byte());
  }
}
