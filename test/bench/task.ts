import { setImmediate as nextTurn } from "node:timers/promises";
import type { Figure } from "./figure.ts";

/** How often each thing is measured. */
export interface Repetitions {
  /** Guests that boot or are restored. */
  readonly guests: number;
  /** Work of the host's processor alone. */
  readonly computations: number;
}

/** What a section needs to do its work. */
export interface BenchTask {
  readonly signal: AbortSignal;
  readonly repetitions: Repetitions;
  /** A folder for disks, logs and binaries, on the file system that runs are kept on. Emptied by its owner. */
  readonly folder: string;
  /** What is being done, for a person. */
  say(text: string): void;
}

/** Measures; rejects when something could not be measured, never because it was slow. */
export type Section = (task: BenchTask) => Promise<Figure[]>;

/** Does something `count` times and says each time what it is. Stops between two of them when it is asked to. */
export async function repeat(task: BenchTask, count: number, what: string, once: () => Promise<void> | void): Promise<void> {
  for (let index = 1; index <= count; index++) {
    task.signal.throwIfAborted();
    task.say(`${what}, ${index} of ${count}`);
    await once();
    // Work that computes throughout would keep an interrupt waiting.
    await nextTurn();
  }
}
