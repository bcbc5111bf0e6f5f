import { createHash } from "node:crypto";
import { closeSync, openSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { release, tmpdir } from "node:os";
import { join } from "node:path";
import * as v from "valibot";
import type { CancelSignal, LabEvents } from "../api/lab.ts";
import { LabError } from "./errors.ts";
import { GuestError } from "./guest-failure.ts";
import { GuestSession } from "./guest.ts";
import { cacheDir } from "./paths.ts";
import { qemuProgram, type Accelerator, type MachineDescription } from "./qemu/command.ts";
import { startMachine } from "./qemu/machine.ts";
import { runChecked } from "./process.ts";
import { WireLog } from "./wire-log.ts";

/** With a KVM that works the agent speaks within a second; with one that does not it never would. */
const kvmDeadlineMs = 6000;
const versionDeadlineMs = 10_000;
const kvmPath = "/dev/kvm";

export interface AcceleratorChoice {
  readonly name: Accelerator;
  /** Why this one, for the result: "a guest booted with KVM in 0.9 s". */
  readonly reason: string;
  /** True when it was found out in an earlier run. */
  readonly remembered: boolean;
}

export interface AcceleratorOptions {
  readonly machine: Omit<MachineDescription, "accelerator">;
  readonly qemuVersion: string;
  /** What a person asked for; nothing is tried then. */
  readonly forced?: Accelerator | undefined;
  readonly signal?: CancelSignal | undefined;
  readonly progress?: LabEvents["progress"] | undefined;
  /** What is tried, and where the answer is kept: others in tests. */
  readonly kvmProblem?: () => string | null;
  readonly tryBoot?: (description: MachineDescription, deadlineMs: number, signal: CancelSignal | undefined) => Promise<void>;
  readonly memoryPath?: string;
}

/** The first line of `--version`, without the program's name. */
export async function qemuVersion(signal?: CancelSignal): Promise<string> {
  const { stdout } = await runChecked(qemuProgram, ["--version"], { deadlineMs: versionDeadlineMs, signal });
  return (stdout.split("\n")[0] ?? "").replace(/^QEMU emulator version /, "").trim();
}

/** The host's processor as its kernel calls it. */
export function hostCpuModel(): string {
  try {
    return /^model name\s*:\s*(.*)$/m.exec(readFileSync("/proc/cpuinfo", "utf8"))?.[1] ?? "";
  } catch {
    return "";
  }
}

/** Why KVM need not even be tried; null when the device opens, which proves nothing yet. */
function kvmDeviceProblem(): string | null {
  try {
    closeSync(openSync(kvmPath, "r+"));
    return null;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "error";
    return code === "ENOENT" ? `there is no ${kvmPath}` : `${kvmPath} cannot be opened (${code})`;
  }
}

/** Boots a guest until its agent speaks. */
async function bootToHello(description: MachineDescription, deadlineMs: number, signal: CancelSignal | undefined): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "swaplab-try-"));
  try {
    // No disk is needed to say hello.
    const paths = { diskPath: join(folder, "disk"), consoleLogPath: join(folder, "console.log"), signal };
    const machine = await startMachine({ ...description, devices: [] }, paths);
    const log = new WireLog(join(folder, "wire.log"));
    const session = new GuestSession({ wire: machine.wire, console: machine.watcher, exit: machine.exit, log, signal });
    try {
      await session.awaitHello(deadlineMs);
    } finally {
      session.close();
      await machine.stop();
      await log.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const memorySchema = v.object({ key: v.string(), name: v.picklist(["tcg", "kvm"]), reason: v.string() });

/** The answer holds as long as none of these change. */
function hostKey(qemu: string): string {
  return createHash("sha256").update(JSON.stringify([release(), hostCpuModel(), qemu])).digest("hex");
}

async function recall(path: string, key: string): Promise<AcceleratorChoice | null> {
  try {
    const memory = v.parse(memorySchema, JSON.parse(await readFile(path, "utf8")));
    return memory.key === key ? { name: memory.name, reason: memory.reason, remembered: true } : null;
  } catch {
    // Not there, or not ours: it is found out again.
    return null;
  }
}

async function remember(path: string, key: string, { name, reason }: AcceleratorChoice): Promise<void> {
  const partial = `${path}.${process.pid}`;
  try {
    await mkdir(join(path, ".."), { recursive: true });
    await writeFile(partial, `${JSON.stringify({ key, name, reason })}\n`);
    await rename(partial, path);
  } catch {
    // Without a cache it is found out again next time.
    await rm(partial, { force: true }).catch(() => {});
  }
}

type Trial = { readonly choice: AcceleratorChoice; readonly conclusive: boolean };

async function tryKvm(options: AcceleratorOptions): Promise<Trial> {
  const startedAtMs = performance.now();
  const tryBoot = options.tryBoot ?? bootToHello;
  const choose = (name: Accelerator, reason: string, conclusive = true): Trial => ({ choice: { name, reason, remembered: false }, conclusive });
  try {
    await tryBoot({ ...options.machine, accelerator: "kvm" }, kvmDeadlineMs, options.signal);
    return choose("kvm", `a guest booted with KVM in ${((performance.now() - startedAtMs) / 1000).toFixed(1)} s`);
  } catch (error) {
    if (options.signal?.aborted === true || !(error instanceof LabError)) throw error;
    // A kernel that panics has run: its trouble is its own, and another one may boot.
    if (error instanceof GuestError && error.failure === "panic") return choose("kvm", "this kernel runs with KVM, up to its panic", false);
    if (error instanceof GuestError && error.failure === "silence") {
      return choose("tcg", `${kvmPath} opens, but no guest came up with it within ${kvmDeadlineMs / 1000} s`);
    }
    return choose("tcg", `${kvmPath} opens, but QEMU does not run a guest with it: ${error.what}`);
  }
}

/**
 * The accelerator to run guests with: KVM where a guest really boots with it, else TCG. That /dev/kvm is
 * there and opens says nothing: there are hosts on which every guest hangs.
 *
 * @throws LabError `host` after an abort, and nothing else
 */
export async function chooseAccelerator(options: AcceleratorOptions): Promise<AcceleratorChoice> {
  if (options.forced !== undefined) return { name: options.forced, reason: "asked for", remembered: false };
  const problem = (options.kvmProblem ?? kvmDeviceProblem)();
  if (problem !== null) return { name: "tcg", reason: problem, remembered: false };
  const path = options.memoryPath ?? join(cacheDir(), "accelerator.json");
  const key = hostKey(options.qemuVersion);
  const known = await recall(path, key);
  if (known !== null) return known;
  options.progress?.("accelerator", "trying KVM");
  const { choice, conclusive } = await tryKvm(options);
  if (conclusive) await remember(path, key, choice);
  return choice;
}
