import type { Observation } from "../workload/observation.ts";
import { type Check, invariant } from "./check.ts";
import { returnsText } from "./compare.ts";

/** How a program ended, as the guest says it. */
export interface ProgramEnd {
  /** `refused`: the kernel did not start it. */
  readonly how: "exit" | "signal" | "timeout" | "refused";
  /** Exit status, signal or error number. */
  readonly value: number;
  readonly leftBehind: number;
  /** Processes that could not be killed. */
  readonly stuck: number;
  readonly oomKills: number;
}

/** With this status a kernel selftest says that it cannot be run here. Source: tools/testing/selftests/kselftest.h. */
const skipStatus = 4;
/** Source: signal(7), x86-64. */
const signals: Readonly<Record<number, readonly [name: string, meaning: string]>> = {
  1: ["SIGHUP", "hang-up"], 2: ["SIGINT", "interrupt"], 3: ["SIGQUIT", "quit"], 4: ["SIGILL", "illegal instruction"], 5: ["SIGTRAP", "trap"],
  6: ["SIGABRT", "abort"], 7: ["SIGBUS", "bus error"], 8: ["SIGFPE", "arithmetic error"], 9: ["SIGKILL", "kill"], 10: ["SIGUSR1", "user's signal"],
  11: ["SIGSEGV", "invalid memory reference"], 12: ["SIGUSR2", "user's signal"], 13: ["SIGPIPE", "broken pipe"], 14: ["SIGALRM", "alarm"],
  15: ["SIGTERM", "termination"], 24: ["SIGXCPU", "CPU time limit"], 25: ["SIGXFSZ", "file size limit"], 31: ["SIGSYS", "bad system call"],
};

export const signalName = (number: number): string => signals[number]?.[0] ?? `signal ${number}`;

/** The program says itself that it cannot be judged here. */
export const isSkip = ({ how, value }: ProgramEnd): boolean => how === "exit" && value === skipStatus;

/** `exited with 3`, `was killed by SIGSEGV (invalid memory reference)`. */
export function endText({ how, value, oomKills }: ProgramEnd, timeoutMs: number): string {
  switch (how) {
    case "exit":
      return `exited with ${value}`;
    case "timeout":
      return `did not end within ${timeoutMs / 1000} s and was killed`;
    case "refused":
      return `could not be started (error ${value})`;
    case "signal": {
      if (value === 9 && oomKills > 0) return "was killed by the kernel because memory ran out";
      const meaning = signals[value]?.[1];
      return `was killed by ${signalName(value)}${meaning === undefined ? "" : ` (${meaning})`}`;
    }
  }
}

/** What is asked of the end of every program that could be run. */
export function endChecks(end: ProgramEnd, timeoutMs: number): Check[] {
  const wasRun = end.how !== "refused" && !isSkip(end);
  return [
    ...(wasRun ? [invariant("program.end", "exited with 0", endText(end, timeoutMs), "that is how a program says that all went well")] : []),
    ...(end.stuck === 0 ? [] : [invariant("program.unkillable", 0, end.stuck, "a process that is killed ends")]),
  ];
}

/** What is no reason to fail and has to be known. */
export function endRemarks({ how, value, leftBehind, oomKills }: ProgramEnd): string[] {
  const remarks: string[] = [];
  if (leftBehind > 0) remarks.push(`${leftBehind === 1 ? "a process" : `${leftBehind} processes`} lived on after the program had ended, and ${leftBehind === 1 ? "was" : "were"} killed`);
  const ofOthers = oomKills - (how === "signal" && value === 9 && oomKills > 0 ? 1 : 0);
  if (ofOthers > 0) remarks.push(`memory ran out, and the kernel killed ${ofOthers === 1 ? "a process" : `${ofOthers} processes`} that the program had started`);
  return remarks;
}

/** What was seen of a step, by the names that checks have; counters in which nothing happened are left out. */
export function readingsOf({ vmstat, gauges, folioStats, calls, returns, swapAreas }: Observation): { name: string; value: number | string }[] {
  const counted = (family: string, counts: Readonly<Record<string, number>>) =>
    Object.entries(counts).flatMap(([name, value]) => (value === 0 ? [] : [{ name: `${family}.${name}`, value }]));
  return [
    // An area that the program has switched on itself has no type that anybody was told.
    ...swapAreas.filter(({ swapType }) => swapType >= 0).map(({ swapType, usedKb }) => ({ name: `swap${swapType}.used_kb`, value: usedKb })),
    { name: "gauge.nr_swapcached", value: gauges["nr_swapcached"] ?? 0 },
    ...counted("vmstat", vmstat),
    ...Object.entries(folioStats).flatMap(([sizeKb, stats]) => counted(`folio.${sizeKb}kB`, stats)),
    ...counted("calls", calls),
    ...Object.entries(returns).flatMap(([name, hits]) => (Object.keys(hits).length === 0 ? [] : [{ name: `returns.${name}`, value: returnsText(hits) }])),
  ];
}
