import { fileURLToPath } from "node:url";
import { type ExitStatus, run, type RunResult, spawnTied } from "../../src/lab/process.ts";

/** The command line in a process of its own, started by the script that `npm start` runs. */

const script = fileURLToPath(new URL("../../src/setup/start.mjs", import.meta.url));
/** Enough for a cold boot on a busy machine. */
const deadlineMs = 150_000;

export interface Surroundings {
  readonly env?: Readonly<Record<string, string>>;
  /** Standard input, which is closed behind it. */
  readonly input?: string;
}

/** Runs a command to its end. */
export const command = async (words: readonly string[], { env, input }: Surroundings = {}): Promise<RunResult> =>
  run(process.execPath, [script, ...words], { deadlineMs, env, input });

/** The words for a shell that starts a command; it gets its arguments as they are. */
export const commandWords = (words: readonly string[]): string[] => [process.execPath, script, ...words];

export interface RunningCommand {
  readonly pid: number;
  /** How it ended, with everything it has printed. */
  readonly ended: Promise<ExitStatus & { readonly stdout: string; readonly stderr: string }>;
  /** What it has printed to standard error so far. */
  stderr(): string;
}

/** Starts a command and lets it run. */
export function startCommand(words: readonly string[], { env }: Surroundings = {}): RunningCommand {
  const child = spawnTied(process.execPath, [script, ...words], { env });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString("utf8")));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString("utf8")));
  child.stdin.end();
  const drained = Promise.all([child.stdout, child.stderr].map((stream) => new Promise((resolve) => stream.once("close", resolve))));
  const ended = child.exit.then(async (status) => {
    await drained;
    return { ...status, stdout, stderr };
  });
  return { pid: child.pid, ended, stderr: () => stderr };
}
