import { chmod, mkdtemp, open, rm } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CancelSignal, LabEvents } from "../../api/lab.ts";
import { ConsoleWatcher } from "../console-watch.ts";
import { LabError } from "../errors.ts";
import { spawnTied, type TiedProcess } from "../process.ts";
import { diskImagePath, diskSizeBytes, guestDevices, qemuArguments, qemuProgram, type MachineDescription, type MachinePaths } from "./command.ts";
import { watchExit, type MachineExit } from "./exit.ts";
import { QmpClient } from "./qmp.ts";

/** QEMU connects to its three sockets before it does anything else. */
const connectDeadlineMs = 10_000;
const qmpDeadlineMs = 10_000;
/** The stages of a stop: together less than a second, because that is how long Ctrl-C may take. */
const quitDeadlineMs = 350;
const termDeadlineMs = 300;
const killDeadlineMs = 2000;
/** Once QEMU is dead the rest of the console is there at once. */
const consoleDrainMs = 200;
/** Longest path of a unix socket: 108 bytes with its terminator. */
const socketPathMaxBytes = 107;

export interface StartOptions {
  /** Beginning of the names of the files that will hold the scratch disks; they are removed when the machine stops. */
  readonly diskPath: string;
  readonly consoleLogPath: string;
  /** A saved state to load. The machine then stands still until QMP `cont`. */
  readonly statePath?: string | undefined;
  /** An abort kills QEMU at once. */
  readonly signal?: CancelSignal | undefined;
}

/** One step on the way to the end, and how long it took. */
export interface StopStage {
  readonly stage: "already ended" | "quit" | "SIGTERM" | "SIGKILL";
  readonly tookMs: number;
}

/** A QEMU that runs. */
export interface Machine {
  readonly description: MachineDescription;
  /** Program and arguments, for the run's record. */
  readonly command: readonly string[];
  readonly pid: number;
  readonly qmp: QmpClient;
  /** The first serial port: kernel log and a person's console. Already read by `watcher`; others may read along. */
  readonly console: Socket;
  readonly watcher: ConsoleWatcher;
  /** The second serial port. */
  readonly wire: Socket;
  readonly exit: Promise<MachineExit>;
  /** Plugs the swap disks in; does nothing for devices without one. The guest finds them a moment later. */
  plugDisks(): Promise<void>;
  /** Ends QEMU, gently first, and removes the disks. Never rejects; may be called again. */
  stop(progress?: LabEvents["progress"]): Promise<readonly StopStage[]>;
}

type SocketName = "qmp" | "console" | "wire";

/** A folder for sockets that only we can look into; QEMU connects within milliseconds, then it is removed. */
async function makeSocketFolder(): Promise<string> {
  const longest = "/swaplab-XXXXXX/console".length;
  const base = [tmpdir(), process.env["XDG_RUNTIME_DIR"] ?? ""].find((folder) => folder.startsWith("/") && Buffer.byteLength(folder) + longest <= socketPathMaxBytes);
  if (base === undefined) {
    throw new LabError("host", {
      what: "its path is too long for a socket",
      where: tmpdir(),
      next: `Set TMPDIR to a folder whose path has at most ${socketPathMaxBytes - longest} bytes.`,
    });
  }
  try {
    return await mkdtemp(join(base, "swaplab-"));
  } catch (error) {
    const what = `${(error as NodeJS.ErrnoException).code ?? "error"} while making a folder for sockets`;
    throw new LabError("host", { what, where: base, next: "Set TMPDIR to a folder that can be written." }, { cause: error });
  }
}

/** Listens on a path; `connection` resolves with the first one, after which nobody else gets in. */
async function listenOnce(path: string): Promise<{ connection: Promise<Socket>; close: () => void }> {
  const server = createServer();
  server.maxConnections = 1;
  const connection = new Promise<Socket>((resolve) => {
    server.once("connection", (socket) => {
      // Errors end in "close", which is where everybody looks.
      socket.on("error", () => {});
      server.close();
      resolve(socket);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, resolve);
  });
  return { connection, close: () => server.close() };
}

async function makeDisk(path: string): Promise<void> {
  try {
    const file = await open(path, "w", 0o600);
    await file.truncate(diskSizeBytes).finally(() => file.close());
  } catch (error) {
    const what = `${(error as NodeJS.ErrnoException).code ?? "error"} while making the scratch disk`;
    throw new LabError("host", { what, where: path, next: "Make room, or make the folder writable." }, { cause: error });
  }
}

async function within<Value>(promise: Promise<Value>, deadlineMs: number): Promise<Value | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), deadlineMs);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

function didNotStart(exit: MachineExit | null): LabError {
  const what = exit === null ? `QEMU did not come up within ${connectDeadlineMs / 1000} s` : `QEMU ${exit.text} before the machine was up`;
  const said = exit === null || exit.stderr === "" ? "" : `: ${exit.stderr.split("\n").slice(-3).join("; ")}`;
  return new LabError("host", { what: `${what}${said}`, where: qemuProgram, next: "`npm start -- doctor` checks QEMU and the accelerator." });
}

interface Connections {
  readonly process: TiedProcess;
  readonly exit: Promise<MachineExit>;
  readonly sockets: Readonly<Record<SocketName, Socket>>;
  readonly command: readonly string[];
}

/** Starts QEMU and waits until it has connected to its sockets. */
async function launch(description: MachineDescription, options: StartOptions, folder: string): Promise<Connections> {
  const path = (name: SocketName): string => join(folder, name);
  const listeners = await Promise.all([path("qmp"), path("console"), path("wire")].map(listenOnce));
  try {
    const paths: MachinePaths = {
      ...{ diskPath: options.diskPath, consoleLogPath: options.consoleLogPath, statePath: options.statePath },
      ...{ qmpSocketPath: path("qmp"), consoleSocketPath: path("console"), wireSocketPath: path("wire") },
    };
    const args = qemuArguments(description, paths);
    const process = spawnTied(qemuProgram, args, { signal: options.signal });
    const exit = watchExit(process);
    const connected = Promise.all(listeners.map((listener) => listener.connection));
    const first = await within(Promise.race([connected, exit]), connectDeadlineMs);
    if (first === null || !Array.isArray(first)) {
      process.kill("SIGKILL");
      throw stoppedOnRequest(options.signal) ?? didNotStart(first);
    }
    const [qmp, console, wire] = first as [Socket, Socket, Socket];
    return { process, exit, sockets: { qmp, console, wire }, command: [qemuProgram, ...args] };
  } finally {
    for (const listener of listeners) listener.close();
  }
}

function stoppedOnRequest(signal: CancelSignal | undefined): LabError | null {
  return signal?.aborted === true ? new LabError("host", { what: "stopped because it was asked to", where: qemuProgram }) : null;
}

async function endInStages(launched: Connections, qmp: QmpClient | null, progress: LabEvents["progress"] | undefined): Promise<readonly StopStage[]> {
  const { process, exit } = launched;
  const startedAtMs = performance.now();
  const took = (): number => Math.round(performance.now() - startedAtMs);
  if ((await within(exit, 0)) !== null) return [{ stage: "already ended", tookMs: took() }];
  const steps: [StopStage["stage"], number, () => void][] = [
    ["quit", quitDeadlineMs, () => void qmp?.execute("quit", {}, { deadlineMs: quitDeadlineMs }).catch(() => {})],
    ["SIGTERM", termDeadlineMs, () => process.kill("SIGTERM")],
    ["SIGKILL", killDeadlineMs, () => process.kill("SIGKILL")],
  ];
  const stages: StopStage[] = [];
  for (const [stage, deadlineMs, act] of steps) {
    if (stage === "quit" && qmp === null) continue;
    progress?.("stop", stage);
    act();
    const ended = await within(exit, deadlineMs);
    stages.push({ stage, tookMs: took() });
    if (ended !== null) break;
  }
  return stages;
}

/**
 * Starts QEMU. The guest begins to boot at once, or stands still with a loaded state.
 *
 * @throws LabError `host` when QEMU is missing, refuses its arguments or does not come up
 */
export async function startMachine(description: MachineDescription, options: StartOptions): Promise<Machine> {
  const devices = guestDevices(description.devices);
  const imagePaths = devices.flatMap(({ plug }, number) => (plug === null ? [] : [diskImagePath(options.diskPath, number)]));
  const removeDisks = async (): Promise<void> => {
    await Promise.all(imagePaths.map((path) => rm(path, { force: true }).catch(() => {})));
  };
  const folder = await makeSocketFolder();
  let launched: Connections;
  try {
    await chmod(folder, 0o700);
    for (const path of imagePaths) await makeDisk(path);
    launched = await launch(description, options, folder);
  } catch (error) {
    await removeDisks();
    throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const { process, exit, sockets, command } = launched;
  const watcher = new ConsoleWatcher();
  sockets.console.on("data", (chunk: Buffer) => watcher.push(chunk));
  const consoleClosed = new Promise<void>((resolve) => {
    sockets.console.once("close", resolve);
  });

  let stopping: Promise<readonly StopStage[]> | null = null;
  const stopWith = async (qmp: QmpClient | null, progress?: LabEvents["progress"]): Promise<readonly StopStage[]> => {
    const stages = await endInStages(launched, qmp, progress);
    qmp?.close();
    for (const socket of Object.values(sockets)) socket.destroy();
    await removeDisks();
    return stages;
  };

  let qmp: QmpClient;
  try {
    qmp = await QmpClient.open(sockets.qmp, { deadlineMs: qmpDeadlineMs, signal: options.signal });
  } catch (error) {
    await stopWith(null);
    const ended = await within(exit, 0);
    throw stoppedOnRequest(options.signal) ?? (ended === null ? error : didNotStart(ended));
  }
  return {
    ...{ description, command, pid: process.pid, qmp, console: sockets.console, watcher, wire: sockets.wire },
    exit: exit.then(async (ended) => {
      // Its last words come through the socket, which is read later than the process's end is seen.
      await within(consoleClosed, consoleDrainMs);
      return ended;
    }),
    plugDisks: async () => {
      for (const { plug } of devices) if (plug !== null) await qmp.execute("device_add", plug, { signal: options.signal });
    },
    stop: (progress) => (stopping ??= stopWith(qmp, progress)),
  };
}
