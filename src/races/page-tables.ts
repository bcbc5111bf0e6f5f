import type { State, StateLayout, Variable } from "./model.ts";

/** One page-table entry a process, with its lock; for shared memory the XArray's entry, which has none. A bit a process. */
export class PageTables {
  /** The entry still refers to a slot. */
  private readonly entries: number;
  private readonly locks: number;
  private readonly processCount: number;

  constructor(layout: StateLayout, processCount: number) {
    this.entries = layout.byte();
    this.locks = layout.byte();
    this.processCount = processCount;
  }

  start(state: State): void {
    state[this.entries] = (1 << this.processCount) - 1;
  }

  hasEntry(state: State, process: number): boolean {
    return (state[this.entries]! & (1 << process)) !== 0;
  }

  clearEntry(state: State, process: number): void {
    state[this.entries]! &= ~(1 << process);
  }

  isLocked(state: State, process: number): boolean {
    return (state[this.locks]! & (1 << process)) !== 0;
  }

  lock(state: State, process: number): void {
    state[this.locks]! |= 1 << process;
  }

  unlock(state: State, process: number): void {
    state[this.locks]! &= ~(1 << process);
  }

  /** Processes whose lock is held, a bit each: the readers that a grace period begun now waits for. */
  holders(state: State): number {
    return state[this.locks]!;
  }

  shown(caller: "anon" | "shmem"): Variable[] {
    const processes = Array.from({ length: this.processCount }, (_, process) => process);
    if (caller === "shmem") return processes.map((process) => ({ name: `index ${process}`, show: (state) => (this.hasEntry(state, process) ? "entry" : "empty") }));
    return processes.map((process) => ({ name: `PTL of P${process + 1}`, show: (state) => (this.isLocked(state, process) ? "held" : "free") }));
  }
}
