import { Expander } from "./expander.ts";
import type { Move } from "./explorer.ts";
import type { Model } from "./model.ts";
import type { StateTable } from "./state-table.ts";

/** Longer than any path has changes from actor to actor. */
const unreachable = 0xffff;

/**
 * Of all shortest paths to one of `targets`, which are `depth` steps away, the one with fewest changes from actor to actor; of these the
 * one whose steps, compared from the first on, belong to actors that come earlier.
 *
 * Breadth-first search numbers its states by depth, so that a shortest path leads from layer to layer. From the last layer to the first
 * it is noted how few changes a path needs that begins with a step of each actor; then the path is walked from its start.
 */
export function bestPath(model: Model, table: StateTable, layers: readonly number[], depth: number, targets: readonly number[], failed: ReadonlySet<number>): Move[] {
  const ranking = new Ranking(model, table, layers, depth, new Set(targets), failed);
  ranking.rank();
  return ranking.walk();
}

class Ranking {
  private readonly table: StateTable;
  private readonly layers: readonly number[];
  private readonly depth: number;
  private readonly targets: ReadonlySet<number>;
  private readonly failed: ReadonlySet<number>;
  private readonly actorCount: number;
  private readonly expander: Expander;
  /** By state and actor: changes on the best path that begins with a step of the actor. */
  private readonly changes: Uint16Array;

  constructor(model: Model, table: StateTable, layers: readonly number[], depth: number, targets: ReadonlySet<number>, failed: ReadonlySet<number>) {
    this.table = table;
    this.layers = layers;
    this.depth = depth;
    this.targets = targets;
    this.failed = failed;
    this.actorCount = model.actors.length;
    this.expander = new Expander(model);
    this.changes = new Uint16Array((layers[depth] ?? 0) * this.actorCount).fill(unreachable);
  }

  rank(): void {
    const { layers, expander, changes, actorCount } = this;
    for (let layer = this.depth - 1; layer >= 0; layer--) {
      for (let index = layers[layer]!; index < layers[layer + 1]!; index++) {
        if (this.failed.has(index)) continue;
        this.table.read(index, expander.fromWords);
        expander.begin();
        while (expander.advance()) {
          const { actor } = expander;
          const rest = this.changesAfter(layer + 1, this.table.indexOf(expander.stateWords), actor);
          const own = index * actorCount + actor;
          if (rest < changes[own]!) changes[own] = rest;
        }
      }
    }
  }

  walk(): Move[] {
    const { expander } = this;
    const moves: Move[] = [];
    let [index, before] = [0, -1];
    for (let layer = 0; layer < this.depth; layer++) {
      let best = { move: { actor: 0, step: 0 }, reached: 0, cost: unreachable };
      this.table.read(index, expander.fromWords);
      expander.begin();
      while (expander.advance()) {
        const { actor, step } = expander;
        const reached = this.table.indexOf(expander.stateWords);
        const cost = this.changesAfter(layer + 1, reached, actor) + (before >= 0 && actor !== before ? 1 : 0);
        if (cost < best.cost) best = { move: { actor, step }, reached, cost };
      }
      moves.push(best.move);
      index = best.reached;
      before = best.move.actor;
    }
    return moves;
  }

  /** Changes that are still to come once `actor` has reached a state that is to stand in `layer`. */
  private changesAfter(layer: number, reached: number, actor: number): number {
    if (layer === this.depth) return this.targets.has(reached) ? 0 : unreachable;
    if (reached < this.layers[layer]!) return unreachable;
    let fewest = unreachable;
    const base = reached * this.actorCount;
    for (let other = 0; other < this.actorCount; other++) {
      fewest = Math.min(fewest, this.changes[base + other]! + (other === actor ? 0 : 1));
    }
    return fewest;
  }
}
