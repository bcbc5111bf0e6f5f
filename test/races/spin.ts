import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { runChecked } from "../../src/lab/process.ts";
import type { Variant } from "../../src/races/switches.ts";

/** The model of swapoff that is written in SPIN's own language, searched by SPIN. */

const deadlineMs = 120_000;

export interface SpinSearch {
  readonly stateCount: number;
  /** As SPIN counts: the start is one, and so is each failed assertion. */
  readonly transitionCount: number;
  readonly failedCount: number;
  /** Steps to the failure that was met first; null without one. Depth first it counts the assertion itself too. */
  readonly depth: number | null;
  /** Of the processor's time. */
  readonly tookS: number;
}

/** Where SPIN works. */
export interface SpinPlace {
  /** Path of swapoff.pml. */
  readonly source: string;
  /** For what SPIN and the compiler write. */
  readonly folder: string;
  readonly signal?: AbortSignal | undefined;
}

function definitions(variant: Variant): string[] {
  const { fix, rcu, caller, shortcut, swapoffReclaims, earlyExit, clusterLock, swapon, processes, without } = variant;
  const values = {
    FIX: fix,
    RCU: rcu,
    SHMEM: caller === "shmem",
    SHORTCUT: shortcut,
    SWAPOFF_RECLAIMS: swapoffReclaims,
    EARLY_EXIT: earlyExit,
    CLUSTER_LOCK: clusterLock,
    SWAPON: swapon,
    PROCESSES: processes,
  };
  const words = Object.entries(values).map(([name, value]) => `-D${name}=${Number(value)}`);
  return without === null ? words : [...words, `-DWITHOUT_${without.toUpperCase().replaceAll("-", "_")}=1`];
}

/**
 * Has SPIN write the search and compiles it. SAFETY: assertions and ends, no cycles. NOREDUCE: no order of steps is left out because another
 * leads to the same, which would make fewer states than there are.
 */
export async function buildSpin(variant: Variant, flags: readonly string[], { source, folder, signal }: SpinPlace): Promise<string> {
  await mkdir(folder, { recursive: true });
  const options = { cwd: folder, deadlineMs, signal };
  await runChecked("spin", ["-a", ...definitions(variant), source], options);
  await runChecked("gcc", ["-w", "-DSAFETY", "-DNOREDUCE", ...flags, "-o", "pan", "pan.c"], options);
  return join(folder, "pan");
}

/** Searches everything, failures or not. */
export async function searchWithSpin(path: string, { folder, signal }: SpinPlace): Promise<SpinSearch> {
  // The shell says in its last line what its children took of the processor.
  const { stdout } = await runChecked("sh", ["-c", '"$0" -c0 && times', path], { cwd: folder, deadlineMs, signal });
  const number = (pattern: RegExp): number => {
    const text = pattern.exec(stdout)?.[1];
    if (text === undefined) throw new Error(`SPIN has not said ${pattern}:\n${stdout}`);
    return Number(text);
  };
  const depth = /\(at depth (\d+)\)/.exec(stdout)?.[1];
  if (/max search depth too small/.test(stdout)) throw new Error("SPIN has not searched everything: its depth is too small");
  return {
    stateCount: number(/([\d.e+]+) states, stored/),
    transitionCount: number(/([\d.e+]+) transitions/),
    failedCount: number(/errors: (\d+)/),
    depth: depth === undefined ? null : Number(depth),
    tookS: childrenS(stdout.trimEnd().split("\n").at(-1) ?? ""),
  };
}

/** `0m1.230s 0m0.040s`, user and system. */
function childrenS(line: string): number {
  const parts = [...line.matchAll(/(\d+)m([\d.]+)s/g)].map(([, minutes, seconds]) => Number(minutes) * 60 + Number(seconds));
  if (parts.length !== 2) throw new Error(`the shell has not said how long SPIN took: ${line}`);
  return parts[0]! + parts[1]!;
}
