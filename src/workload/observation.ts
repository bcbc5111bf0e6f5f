/**
 * What one side, guest or model, says of the world after a step. Both sides fill the same shape,
 * so that comparing them needs no translation.
 */

import type { CostCounts } from "../model/costs.ts";

/**
 * A run of neighbouring pages of one region that are in the same state.
 * `swap` runs have consecutive swap offsets. In a shared mapping a swapped page shows as `none`.
 */
export type PageRun =
  | { readonly kind: "swap"; readonly firstPage: number; readonly pageCount: number; readonly swapType: number; readonly offset: number }
  | { readonly kind: "present" | "none"; readonly firstPage: number; readonly pageCount: number };

/** The pages of one region as one process maps them, ascending, without gaps over the region as first mapped. */
export interface Placement {
  readonly process: string;
  readonly region: string;
  readonly runs: readonly PageRun[];
}

/** One line of /proc/swaps. */
export interface SwapArea {
  /** As the workload calls it. */
  readonly name: string;
  /** The lowest that was free when the area was switched on. */
  readonly swapType: number;
  readonly sizeKb: number;
  readonly usedKb: number;
  readonly priority: number;
}

/** What the threads of a storm did, in their order, and the first word that they read and that must not have been there. */
export interface StormReport {
  readonly threads: readonly { readonly role: string; readonly pieces: number }[];
  readonly wrong: WrongWord | null;
}

/** Pages count from the start of the storm's range, words inside their page. */
export interface WrongWord {
  readonly page: number;
  readonly word: number;
  /** The write that the word says it is from; null for a word that is 0. */
  readonly held: { readonly page: number; readonly write: number; readonly word: number } | null;
  /** The writes of the page that it could have been from, and whether it could have been 0. */
  readonly oldest: number;
  readonly newest: number;
  readonly mayBeZero: boolean;
}

/** State and counter values after a step. Counters are differences over the step. */
export interface Observation {
  /** Index into the list of steps; step 0 is the swapon that starts every run. */
  readonly step: number;
  /** /proc/vmstat event counters, difference over the step, pages or events. */
  readonly vmstat: Readonly<Record<string, number>>;
  /** /proc/vmstat gauges after the step, pages (nr_swapcached). */
  readonly gauges: Readonly<Record<string, number>>;
  /** Per folio size in kB: hugepages-<size>kB/stats/*, difference over the step. */
  readonly folioStats: Readonly<Record<number, Readonly<Record<string, number>>>>;
  /** Hits of probed functions, difference over the step. A function that could not be probed is absent. */
  readonly calls: Readonly<Record<string, number>>;
  /** Return values of probed functions: value to hits, difference over the step. */
  readonly returns: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly swapAreas: readonly SwapArea[];
  readonly placements: readonly Placement[];
  /** Pages whose content was not what the workload last put there (`read` only). */
  readonly wrongPages: number;
  /** Of a storm only. */
  readonly storm?: StormReport;
  /** The error number of the op's system call, by name ("ENOMEM"), or "" when it succeeded. */
  readonly errno: string;
}

/** What one step is predicted to show. */
export interface Prediction extends Observation {
  /** Counts of which only an interval can be told, by check name. */
  readonly bounds: Readonly<Record<string, { readonly low: number; readonly high: number; readonly reason: string }>>;
  /** What the step would cost the kernel; nothing in a guest counts that. */
  readonly costs: Readonly<CostCounts>;
  /** From a storm on nothing is predicted, and only this is known. */
  readonly open?: OpenState;
}

/** What is known of the swap core when nobody could follow what was done to it. */
export interface OpenState {
  /** Some process may still map pages that are swapped out. */
  readonly mapped: boolean;
  /** Folios that nobody maps may still be in the swap cache: one that is locked when its last slot is unmapped stays there. */
  readonly cached: boolean;
}
