import { InvalidArgumentError, Option, type Command } from "commander";
import type { ProgramRequest, RunRequest } from "../api/lab.ts";
import { defaultTimeoutMs } from "../api/request.ts";
import { LabError } from "../lab/errors.ts";

/** Options of `run` that are about a program of one's own. */
export interface ProgramOptions {
  program?: string;
  file?: readonly string[];
  timeout?: number;
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, "": 1000, m: 60_000, h: 3_600_000 };
const timeoutMaxMs = 24 * 3_600_000;

/** `500ms`, `60`, `60s`, `2m`, `1h` in milliseconds. */
function parseDuration(text: string): number {
  const match = /^(\d{1,9})(ms|s|m|h|)$/.exec(text);
  const durationMs = match === null ? 0 : Number(match[1]) * unitMs[match[2] ?? ""]!;
  if (durationMs < 1 || durationMs > timeoutMaxMs) throw new InvalidArgumentError("Give it with a unit, up to 24h: 500ms, 60s, 5m.");
  return durationMs;
}

export function addProgramOptions(command: Command): Command {
  return command
    .option("--program <path>", "run this program or script in place of an experiment; what follows -- are its arguments")
    .option("--file <path[:guestpath]>", "a file or folder that the program needs; may be repeated", (text: string, before: readonly string[] = []) => [...before, text])
    .addOption(new Option("--timeout <duration>", `end the program when it takes longer (default ${defaultTimeoutMs / 1000}s)`).argParser(parseDuration));
}

export const programHelp = `
A program of your own (--program) is run as root, with its libraries, in the
folder you are in; --file adds what else it needs. Nothing is predicted: what
the kernel counted is shown, and what must hold of its swap structures is
checked before, meanwhile and after. A program that exits with 0 passes; with 4,
as kernel selftests do, it says that it cannot be run here.
`;

/**
 * The request for a program with the guest of an experiment's; null when no program is to be run.
 *
 * @throws LabError `usage` for options that are about experiments
 */
export function toProgramRequest({ program, file = [], timeout = defaultTimeoutMs }: ProgramOptions, args: readonly string[], asked: RunRequest): ProgramRequest | null {
  if (program === undefined) return null;
  const { experiment: _, size, set, model, ...guest } = asked;
  const refused = size !== undefined ? "size" : model !== undefined ? "model" : Object.keys(set).length > 0 ? "set" : null;
  if (refused !== null) throw new LabError("usage", { what: `--program and --${refused} exclude each other: there is no experiment` });
  return { ...guest, program, args, files: file, folder: process.cwd(), timeoutMs: timeout };
}
