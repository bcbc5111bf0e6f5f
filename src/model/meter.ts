import { Costs } from "./costs.ts";

/** Counts what the kernel would count: calls by function name, vmstat events, per-size folio statistics, and what it pays. */
export class Meter {
  readonly calls = new Map<string, number>();
  readonly vmstat = new Map<string, number>();
  /** Key: folio order and name of the statistic. */
  readonly folioStats = new Map<number, Map<string, number>>();
  /** Function name to return value to hits. */
  readonly returns = new Map<string, Map<number, number>>();
  readonly costs = new Costs();

  /** Null: this kernel has no such function. */
  call(name: string | null, times = 1): void {
    if (name === null) return;
    this.calls.set(name, (this.calls.get(name) ?? 0) + times);
  }

  event(name: string, times = 1): void {
    this.vmstat.set(name, (this.vmstat.get(name) ?? 0) + times);
  }

  folio(order: number, name: string, times = 1): void {
    let stats = this.folioStats.get(order);
    if (stats === undefined) this.folioStats.set(order, (stats = new Map()));
    stats.set(name, (stats.get(name) ?? 0) + times);
  }

  returned(name: string, value: number): void {
    let values = this.returns.get(name);
    if (values === undefined) this.returns.set(name, (values = new Map()));
    values.set(value, (values.get(value) ?? 0) + 1);
  }

  /** Forgets everything counted so far: a step begins. */
  reset(): void {
    this.calls.clear();
    this.vmstat.clear();
    this.folioStats.clear();
    this.returns.clear();
    this.costs.reset();
  }
}
