import type { ConsoleWatcher } from "./console-watch.ts";
import { LabError, type LabErrorKind } from "./errors.ts";
import type { MachineExit } from "./qemu/exit.ts";

/**
 * How a guest failed us.
 * - `panic`: its kernel said so on the console
 * - `silence`: nothing came before the deadline
 * - `ended`: QEMU is gone, or the wire is closed
 * - `wire`: what came cannot be believed, or something that came is missing
 */
export type GuestFailure = "panic" | "silence" | "ended" | "wire";

/** The guest did not reach its agent (`invalid`; `host` when QEMU itself gave up), or was lost later (`lost`). */
export class GuestError extends LabError {
  readonly failure: GuestFailure;
  /** The last lines of the console, oldest first. */
  readonly lastWords: readonly string[];
  /** The last lines of QEMU's standard error; empty when it said nothing. */
  readonly qemuStderr: string;

  constructor(
    kind: LabErrorKind,
    failure: GuestFailure,
    problem: { what: string; where: string; next?: string },
    evidence: { lastWords: readonly string[]; qemuStderr?: string },
  ) {
    super(kind, problem);
    this.name = "GuestError";
    this.failure = failure;
    this.lastWords = evidence.lastWords;
    this.qemuStderr = evidence.qemuStderr ?? "";
  }
}

/** What is known when the guest is given up. */
export interface GuestCircumstances {
  /** What was being waited for: "boot", or a request. */
  readonly stage: string;
  /** False until the agent has said hello. */
  readonly reached: boolean;
  readonly console: ConsoleWatcher;
}

const bootHint = "The console's last lines say how far it came; console.log in the run's folder has all of them.";
const lostHint = "The console's last lines and the wire log in the run's folder say what came before.";

function guestError(at: GuestCircumstances, failure: GuestFailure, what: string, exit?: MachineExit): GuestError {
  const kind = at.reached ? "lost" : "invalid";
  const hint = at.reached ? lostHint : bootHint;
  const text = at.reached ? what : `the kernel did not reach the agent: ${what}`;
  return new GuestError(kind, failure, { what: text, where: at.stage, next: hint }, { lastWords: at.console.lastWords(), qemuStderr: exit?.stderr ?? "" });
}

export const panicked = (at: GuestCircumstances, line: string): GuestError => guestError(at, "panic", `the kernel panicked ("${line}")`);

export function wentSilent(at: GuestCircumstances, waitedMs: number, progressed: boolean): GuestError {
  const seconds = Math.round(waitedMs / 100) / 10;
  const what = progressed ? `not done after ${seconds} s, though the guest was at work` : `no sign of life from the agent for ${seconds} s`;
  const alarm = at.console.alarms.at(-1);
  return guestError(at, "silence", alarm === undefined ? what : `${what} (the kernel had said "${alarm.text}")`);
}

export const wireBroken = (at: GuestCircumstances, what: string): GuestError => guestError(at, "wire", what);

/** `exit` is null when the wire was closed but QEMU goes on. */
export function guestEnded(at: GuestCircumstances, exit: MachineExit | null): GuestError {
  const panic = at.console.panic;
  if (panic !== null) return panicked(at, panic);
  if (exit === null) return guestError(at, "ended", "QEMU closed the wire");
  const said = exit.stderr === "" ? "" : `: ${exit.stderr.split("\n").at(-1)}`;
  const qemuGaveUp = exit.exitCode !== null && exit.exitCode !== 0;
  if (!at.reached && qemuGaveUp) {
    return new GuestError(
      "host",
      "ended",
      { what: `QEMU ${exit.text}${said}`, where: at.stage, next: "`npm start -- doctor` checks QEMU and the accelerator." },
      { lastWords: at.console.lastWords(), qemuStderr: exit.stderr },
    );
  }
  if (exit.exitSignal !== null) {
    return new GuestError(
      "lost",
      "ended",
      { what: `QEMU ${exit.text}`, where: at.stage, next: "Run it again; if nobody killed QEMU, the host's log may say who did." },
      { lastWords: at.console.lastWords(), qemuStderr: exit.stderr },
    );
  }
  return guestError(at, "ended", exit.exitCode === 0 ? "the guest ended by itself (switched off or reset)" : `QEMU ${exit.text}${said}`, exit);
}
