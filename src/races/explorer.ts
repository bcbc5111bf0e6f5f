import { bestPath } from "./counterexample.ts";
import { Expander } from "./expander.ts";
import type { Model, Property } from "./model.ts";
import { StateTable } from "./state-table.ts";

/** A step of a path: who took it, and which of its steps. */
export interface Move {
  readonly actor: number;
  readonly step: number;
}

/** What became of a property. `open`: it was not decided before the search ended. */
export interface Finding {
  readonly property: Property;
  readonly holds: "yes" | "no" | "open";
  /** Steps to the first state that decides it; null where no single state does. */
  readonly depth: number | null;
}

export interface ExploreOptions {
  /** No more states than this are kept. */
  readonly stateLimit: number;
  /** Goes on after a property has failed, so that all that can be reached without a failure is counted. */
  readonly goOn?: boolean;
}

/** Holds for every model. */
const neverStuck: Property = { kind: "never", name: "somebody waits for ever", test: () => false };

/**
 * Breadth first through every order of steps. States in which a property has failed are not gone on from: what a kernel does after it
 * has used freed memory is no rule of it.
 *
 * Works in portions, so that whoever calls it can show how far it is, and stop.
 */
export class Exploration {
  private readonly model: Model;
  private readonly properties: readonly Property[];
  private readonly table: StateTable;
  private readonly expander: Expander;
  private readonly options: ExploreOptions;
  /** Number of the first state of each depth. */
  private readonly layers: number[] = [0];
  /** By property, the states of the first depth at which any decides it. */
  private readonly deciding: number[][];
  private readonly decidedDepth: (number | null)[];
  private readonly failed = new Set<number>();
  private next = 0;
  private ending: "running" | "exhausted" | "failed" | "full" = "running";
  /** Steps taken, those that lead to a known state too. */
  stepCount = 0;

  constructor(model: Model, options: ExploreOptions) {
    this.model = model;
    this.properties = [...model.properties, neverStuck];
    this.options = options;
    this.table = new StateTable(model.byteCount);
    this.expander = new Expander(model);
    this.deciding = this.properties.map(() => []);
    this.decidedDepth = this.properties.map(() => null);
    model.start(this.expander.state);
    this.judge(this.table.add(this.expander.stateWords));
    this.layers.push(1);
  }

  get stateCount(): number {
    return this.table.count;
  }

  /** Steps to the states that are looked at now, or were last. */
  get depth(): number {
    return this.layers.length - 2;
  }

  /** There is no state that was not looked at. */
  get isExhausted(): boolean {
    return this.ending === "exhausted";
  }

  /** As many states were kept as there may be, and there was one more. */
  get isFull(): boolean {
    return this.ending === "full";
  }

  /** Looks at so many states more. False when there is nothing left to do. */
  advance(stateCount: number): boolean {
    for (let left = stateCount; left > 0 && this.ending === "running"; left--) this.lookAtNext();
    return this.ending === "running";
  }

  findings(): Finding[] {
    return this.properties.map((property, index) => {
      const depth = this.decidedDepth[index]!;
      const isSought = property.kind === "can";
      const isFound = depth !== null;
      return { property, depth, holds: isFound || this.isExhausted ? (isFound === isSought ? "yes" : "no") : "open" };
    });
  }

  /**
   * The shortest way to a state that decides the property, of these one with fewest changes from actor to actor, of these the one whose
   * actors come first. Empty when no state decides it.
   */
  path(property: Property): Move[] {
    const index = this.properties.indexOf(property);
    const depth = this.decidedDepth[index] ?? null;
    if (depth === null) return [];
    return bestPath(this.model, this.table, this.layers, depth, this.deciding[index]!, this.failed);
  }

  private lookAtNext(): void {
    const index = this.next++;
    if (!this.failed.has(index)) this.expand(index);
    if (this.ending === "running" && this.next === this.layers.at(-1)) this.endLayer();
  }

  private expand(index: number): void {
    const { table, expander } = this;
    const stepsBefore = this.stepCount;
    table.read(index, expander.fromWords);
    expander.begin();
    while (expander.advance()) {
      this.stepCount++;
      const before = table.count;
      if (before === this.options.stateLimit && table.indexOf(expander.stateWords) < 0) {
        this.ending = "full";
        return;
      }
      const reached = table.add(expander.stateWords);
      if (reached === before) this.judge(reached);
    }
    // Without a step the expander still stands where it began.
    if (this.stepCount === stepsBefore && !this.model.actors.every(({ end }, actor) => expander.state[actor] === end)) {
      this.decide(this.properties.length - 1, index, this.depth);
    }
  }

  private endLayer(): void {
    if (this.failed.size > 0 && this.options.goOn !== true) this.ending = "failed";
    else if (this.next === this.table.count) this.ending = "exhausted";
    else this.layers.push(this.table.count);
  }

  /** Holds the properties against a new state, at which the expander stands. */
  private judge(index: number): void {
    const { properties, expander } = this;
    const depth = this.layers.length - 1;
    for (let number = 0; number < properties.length; number++) {
      const { kind, test } = properties[number]!;
      if (test(expander.state) !== (kind === "always")) this.decide(number, index, depth);
    }
  }

  private decide(number: number, index: number, depth: number): void {
    if (this.properties[number]!.kind !== "can") this.failed.add(index);
    this.decidedDepth[number] ??= depth;
    if (this.decidedDepth[number] === depth) this.deciding[number]!.push(index);
  }
}
