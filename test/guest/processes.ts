import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** The processes of this machine as /proc shows them, to see what a run starts and leaves behind. */

interface Process {
  readonly pid: number;
  readonly parent: number;
  /** The program's name, cut to 15 characters by the kernel. */
  readonly name: string;
  /** `Z` for one that has ended and that nobody has asked about yet. */
  readonly state: string;
}

function readProcess(pid: number): Process | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const name = stat.slice(stat.indexOf("(") + 1, stat.lastIndexOf(")"));
    const [state = "", parent = ""] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return { pid, parent: Number(parent), name, state };
  } catch {
    return null;
  }
}

/** The processes that a process has started and that still run, of one name. */
export function childrenOf(parent: number, program: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => readProcess(Number(name)))
    .filter((found) => found !== null && found.parent === parent && found.state !== "Z" && program.startsWith(found.name))
    .map((found) => found?.pid ?? 0);
}

/** The QEMUs that a process has started and that still run. */
export const qemusOf = (parent: number): number[] => childrenOf(parent, "qemu-system-x86_64");

export function isRunning(pid: number): boolean {
  const found = readProcess(pid);
  return found !== null && found.state !== "Z";
}

/** Waits until `look` finds something. */
export async function until<Value>(what: string, look: () => Value | undefined, deadlineMs = 60_000): Promise<Value> {
  const pauseMs = 20;
  for (let waitedMs = 0; waitedMs < deadlineMs; waitedMs += pauseMs) {
    const found = look();
    if (found !== undefined) return found;
    await sleep(pauseMs);
  }
  throw new Error(`waited ${deadlineMs / 1000} s in vain for this: ${what}`);
}
