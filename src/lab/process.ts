import { spawn, type ChildProcess } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { Readable, Writable } from "node:stream";
import type { CancelSignal } from "../api/lab.ts";
import type { Transport } from "../api/transport.ts";
import { LabError } from "./errors.ts";
import { lineSplitter, Tail } from "./output.ts";
import programs from "../setup/programs.json" with { type: "json" };

/**
 * Every program the lab starts is started here, so that three things hold for all of them but a person's browser: they die
 * when we die, even by SIGKILL; they end by a deadline or an abort; what they print is bounded.
 */

/** Which way a command went wrong. */
export type CommandFailure = "missing" | "spawn" | "deadline" | "aborted" | "output" | "exit";

/** A command that could not be started, did not end in time, was aborted, printed too much or (`runChecked`) failed. */
export class CommandError extends LabError {
  readonly failure: CommandFailure;
  /** The last lines on standard error, for showing. */
  readonly stderr: string;

  constructor(failure: CommandFailure, problem: { what: string; where: string; next?: string }, stderr = "", options?: ErrorOptions) {
    super("host", problem, options);
    this.name = "CommandError";
    this.failure = failure;
    this.stderr = stderr;
  }
}

/** Standard error is kept for showing only: its last part is enough. */
const stderrKeptBytes = 64 * 1024;
const defaultMaxStdoutBytes = 16 * 1024 * 1024;
/** Between SIGTERM and SIGKILL: short enough that Ctrl-C is over within a second. */
const termGraceMs = 400;
/** A descendant may hold the pipes open after the command itself has ended. */
const pipeGraceMs = 1000;

export interface CommandOptions {
  readonly signal?: CancelSignal | undefined;
  readonly cwd?: string | undefined;
  /** Added to our own environment; `undefined` removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
}

export interface RunOptions extends CommandOptions {
  readonly deadlineMs: number;
  /** Written to standard input, which is then closed. Without it standard input is empty. */
  readonly input?: string | Uint8Array | undefined;
  /** Called for each line as it is printed, without its newline. */
  readonly onLine?: ((line: string, stream: "stdout" | "stderr") => void) | undefined;
  /** More than this on standard output ends the command with an error. Default 16 MiB. */
  readonly maxStdoutBytes?: number | undefined;
}

export interface RunResult {
  /** Exit status; 128 + signal number when a signal ended the command. */
  readonly exitCode: number;
  readonly stdout: string;
  /** The last 64 KiB of standard error. */
  readonly stderr: string;
}

export interface ExitStatus {
  /** Exit status, or null when a signal ended the process. */
  readonly exitCode: number | null;
  readonly exitSignal: NodeJS.Signals | null;
}

/** A long-lived child. Whoever starts one must read its standard output and error, or it will block. */
export interface TiedProcess {
  readonly pid: number;
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Settles when the process has ended. Rejects with CommandError only when it could not be started at all. */
  readonly exit: Promise<ExitStatus>;
  /** Signals the process and its own children. Does nothing once it has ended. */
  kill(signal: NodeJS.Signals): void;
}

/** Debian keeps depmod and other programs that work for everybody where only root's PATH looks. */
function searchPath(): string {
  const own = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder.startsWith("/"));
  return [...new Set([...own, "/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin"])].join(delimiter);
}

/** Absolute path of a program, or null when no folder of the search path holds it. */
export function findProgram(name: string): string | null {
  const candidates = name.includes("/") ? [name] : searchPath().split(delimiter).map((folder) => join(folder, name));
  for (const candidate of candidates) {
    try {
      accessSync(candidate, constants.X_OK);
      if (statSync(candidate).isFile()) return candidate;
    } catch {
      // Not here: the next folder.
    }
  }
  return null;
}

/** How to get a program, as a sentence; through its Debian package where we know it. */
function installAdvice(name: string): string {
  const known = programs.find(({ program }) => program === name);
  return known === undefined ? `Install ${name}.` : `It comes with the Debian package ${known.package}: apt-get install ${known.package}`;
}

function programOrThrow(name: string): string {
  const path = findProgram(name);
  if (path !== null) return path;
  throw new CommandError("missing", { what: "there is no such program on this machine", where: name, next: installAdvice(name) });
}

// setpriv asks the kernel to kill the command when its parent dies, then becomes the command. If the parent
// died before setpriv asked, nothing would ever kill it: so the shell looks once whether the parent is still us.
const parentCheck = '[ "$PPID" = "$0" ] && exec "$@"';

function spawnChild(command: string, args: readonly string[], options: CommandOptions, stdin: "pipe" | "ignore", hasChannel = false): ChildProcess {
  const program = programOrThrow(command);
  const tie = [programOrThrow("setpriv"), "--pdeathsig", "KILL", "--", programOrThrow("sh"), "-c", parentCheck, String(process.pid)] as const;
  const [first, ...rest] = tie;
  return spawn(first, [...rest, program, ...args], {
    cwd: options.cwd,
    // Messages are parsed and compared: always in the C locale.
    env: { ...process.env, PATH: searchPath(), LC_ALL: "C", ...options.env },
    stdio: hasChannel ? [stdin, "pipe", "pipe", "ipc"] : [stdin, "pipe", "pipe"],
    // Bytes cross the channel as bytes.
    serialization: "advanced",
    // A process group of its own: killing it takes its descendants (compiler passes, download methods) along.
    detached: true,
  });
}

function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The group ended between the look and the kill.
  }
}

const signalNumbers: Partial<Record<NodeJS.Signals, number>> = { SIGHUP: 1, SIGINT: 2, SIGABRT: 6, SIGKILL: 9, SIGSEGV: 11, SIGPIPE: 13, SIGTERM: 15 };

function commandLine(command: string, args: readonly string[]): string {
  const line = [command, ...args].join(" ");
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}

/**
 * Runs a command to its end and hands back its standard output as bytes. Any exit status resolves; see
 * `runChecked` for one that must succeed.
 *
 * @throws CommandError when it cannot be started, runs past `deadlineMs`, is aborted, or prints too much
 */
export function runForBytes(
  command: string,
  args: readonly string[],
  options: RunOptions,
): Promise<{ exitCode: number; stdout: Buffer; stderr: string }> {
  const where = commandLine(command, args);
  const { signal, deadlineMs, input, onLine } = options;
  const maxStdoutBytes = options.maxStdoutBytes ?? defaultMaxStdoutBytes;

  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(new CommandError("aborted", { what: "stopped before it began", where }));
      return;
    }
    const child = spawnChild(command, args, options, input === undefined ? "ignore" : "pipe");
    const stdout: Buffer[] = [];
    let stdoutBytes = 0;
    const stderr = new Tail(stderrKeptBytes);
    let stopped: { failure: CommandFailure; what: string; next?: string } | null = null;
    let killTimer: NodeJS.Timeout | undefined;
    let pipeTimer: NodeJS.Timeout | undefined;

    const stop = (failure: CommandFailure, what: string, next?: string): void => {
      if (stopped !== null) return;
      stopped = { failure, what, ...(next === undefined ? {} : { next }) };
      killGroup(child, "SIGTERM");
      killTimer = setTimeout(() => killGroup(child, "SIGKILL"), termGraceMs);
    };
    const onAbort = (): void => stop("aborted", "stopped because it was asked to");
    const deadline = setTimeout(
      () => stop("deadline", `did not end within ${deadlineMs / 1000} s`, "Try again; if it happens again, run the command by hand to see what it waits for."),
      deadlineMs,
    );
    signal?.addEventListener("abort", onAbort, { once: true });

    const stdoutLines = onLine === undefined ? null : lineSplitter((line) => onLine(line, "stdout"));
    const stderrLines = onLine === undefined ? null : lineSplitter((line) => onLine(line, "stderr"));
    child.stdout?.on("data", (chunk: Buffer) => {
      stdoutBytes += chunk.length;
      if (stdoutBytes > maxStdoutBytes) {
        stop("output", `printed more than ${maxStdoutBytes} bytes`);
        return;
      }
      stdout.push(chunk);
      stdoutLines?.push(chunk);
    });
    child.stderr?.on("data", (chunk: Buffer) => {
      stderr.push(chunk);
      stderrLines?.push(chunk);
    });

    let settled = false;
    const settle = (finish: () => void): void => {
      if (settled) return;
      settled = true;
      clearTimeout(deadline);
      clearTimeout(killTimer);
      clearTimeout(pipeTimer);
      signal?.removeEventListener("abort", onAbort);
      stdoutLines?.end();
      stderrLines?.end();
      finish();
    };
    const finished = (): void =>
      settle(() => {
        if (stopped !== null) {
          const { failure, ...problem } = stopped;
          reject(new CommandError(failure, { ...problem, where }, stderr.text()));
          return;
        }
        const exitCode = child.exitCode ?? 128 + (child.signalCode === null ? 0 : (signalNumbers[child.signalCode] ?? 0));
        resolve({ exitCode, stdout: Buffer.concat(stdout), stderr: stderr.text() });
      });
    child.on("error", (error) => settle(() => reject(spawnFailure(where, error))));
    child.on("exit", () => {
      pipeTimer = setTimeout(finished, pipeGraceMs);
    });
    child.on("close", finished);

    // The command may end without reading what it is given; its exit status tells then.
    child.stdin?.on("error", () => {});
    if (input !== undefined) child.stdin?.end(input);
  });
}

function spawnFailure(where: string, error: Error): CommandError {
  return new CommandError("spawn", { what: `could not be started (${error.message})`, where }, "", { cause: error });
}

/** `runForBytes` with standard output as text. */
export async function run(command: string, args: readonly string[], options: RunOptions): Promise<RunResult> {
  const result = await runForBytes(command, args, options);
  return { ...result, stdout: result.stdout.toString("utf8") };
}

/**
 * `run` for a command that must succeed.
 *
 * @throws CommandError also for an exit status other than 0, with the last lines of standard error
 */
export async function runChecked(command: string, args: readonly string[], options: RunOptions): Promise<RunResult> {
  const result = await run(command, args, options);
  if (result.exitCode === 0) return result;
  const said = result.stderr.trim().split("\n").slice(-5).join("\n  ");
  throw new CommandError(
    "exit",
    { what: `ended with status ${result.exitCode}${said === "" ? "" : `:\n  ${said}\n`}`, where: commandLine(command, args) },
    result.stderr,
  );
}

/**
 * Starts a process that lives beside us, with pipes on its three standard streams. It dies with us whatever
 * ends us, and by SIGKILL when `signal` is aborted.
 *
 * Must be called from the main thread: the kernel ties a child to the thread that started it.
 *
 * @throws CommandError when the program (or `setpriv`) is missing
 */
export function spawnTied(command: string, args: readonly string[], options: CommandOptions = {}): TiedProcess {
  const where = commandLine(command, args);
  if (options.signal?.aborted === true) throw new CommandError("aborted", { what: "stopped before it began", where });
  const child = spawnChild(command, args, options, "pipe");
  const { stdin, stdout, stderr } = child;
  if (stdin === null || stdout === null || stderr === null) throw new CommandError("spawn", { what: "could not be given pipes", where });

  const onAbort = (): void => killGroup(child, "SIGKILL");
  options.signal?.addEventListener("abort", onAbort, { once: true });
  const exit = new Promise<ExitStatus>((resolve, reject) => {
    child.on("exit", (exitCode, exitSignal) => resolve({ exitCode, exitSignal }));
    child.on("error", (error) => reject(spawnFailure(where, error)));
  }).finally(() => options.signal?.removeEventListener("abort", onAbort));
  // Whoever awaits `exit` sees the failure; nobody awaiting must not end the whole program.
  exit.catch(() => {});
  stdin.on("error", () => {});

  return { pid: child.pid ?? -1, stdin, stdout, stderr, exit, kill: (signal) => killGroup(child, signal) };
}

/** A child of Node's that talks with us over a channel. */
export interface TiedNode {
  readonly transport: Transport;
  /** The last lines it printed on standard error. */
  readonly complaints: () => string;
  readonly exit: Promise<ExitStatus>;
  kill(signal: NodeJS.Signals): void;
}

/**
 * Starts a script in a Node of its own, tied to us as `spawnTied` has it. What it prints goes nowhere but into its
 * complaints.
 *
 * @throws CommandError when `setpriv` is missing
 */
export function spawnTiedNode(script: string, args: readonly string[]): TiedNode {
  const child = spawnChild(process.execPath, [script, ...args], {}, "ignore", true);
  const complaints = new Tail(stderrKeptBytes);
  child.stdout?.resume();
  child.stderr?.on("data", (chunk: Buffer) => complaints.push(chunk));
  let closed: (why: string) => void = () => undefined;
  const exit = new Promise<ExitStatus>((resolve, reject) => {
    child.on("exit", (exitCode, exitSignal) => resolve({ exitCode, exitSignal }));
    child.on("error", (error) => reject(spawnFailure(script, error)));
  });
  exit.catch((error: unknown) => closed(String(error)));
  child.on("disconnect", () => closed("its process has ended"));
  return {
    transport: {
      send: (message) => {
        if (child.connected) child.send(message, () => undefined);
      },
      receive: (listeners) => {
        closed = listeners.closed;
        child.on("message", listeners.message);
      },
      close: () => {
        if (child.connected) child.disconnect();
      },
    },
    complaints: () => complaints.text(),
    exit,
    kill: (signal) => killGroup(child, signal),
  };
}

/**
 * Starts a program of the person's own, which we neither end nor take with us: a browser. Resolves with its exit status
 * when it ends within `watchMs`, with null when it goes on.
 *
 * @throws CommandError when it cannot be started
 */
export function launch(command: string, args: readonly string[], watchMs: number): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const child = spawn(programOrThrow(command), args, { stdio: "ignore", detached: true });
    const timer = setTimeout(() => resolve(null), watchMs);
    child.on("error", (error) => reject(spawnFailure(command, error)));
    child.on("exit", (exitCode) => {
      clearTimeout(timer);
      resolve(exitCode ?? 1);
    });
    child.unref();
  });
}
