import { existsSync } from "node:fs";
import { access, constants, mkdir, open, statfs } from "node:fs/promises";
import type { DoctorItem } from "../api/lab.ts";
import programs from "../setup/programs.json" with { type: "json" };
import { elfHeaderBytes, elfProgramTable, elfSegments, isDynamic } from "./kernels/elf.ts";
import type { LongTask } from "./kernels/image.ts";
import { listKernels } from "./kernels/open.ts";
import { readFileAt } from "./kernels/vmlinux.ts";
import { cacheDir, stateDir } from "./paths.ts";
import { findProgram, run } from "./process.ts";

/** What this machine has of what a run needs. */

const versionDeadlineMs = 20_000;
/** A kernel unpacked, a guest's saved state and its image. */
const comfortableBytes = 1e9;
/** A run's own folder and one kernel. */
const leastBytes = 300e6;
/** The first release that starts a 64-bit ELF through its PVH entry and has the devices used here. */
const oldestQemuMajor = 5;

/** What the doctor is told by those who know: it starts no guest and builds nothing itself. */
export interface DoctorFacts {
  /** The accelerator that a guest was really started with, and why this one. */
  readonly accelerator: { readonly name: string; readonly reason: string };
  /** The guest's initramfs; "" when it has not been built yet. */
  readonly guestImagePath: string;
}

type Program = (typeof programs)[number];

async function isStatic(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const read = readFileAt(file);
    const table = elfProgramTable(await read(0, elfHeaderBytes));
    if (table === null) return false;
    return !isDynamic(elfSegments(await read(table.offset, table.entryBytes * table.count), table.entryBytes));
  } finally {
    await file.close();
  }
}

/** "apt-get install …" where that works, with sudo in front for those who need it. */
function installLine(packageName: string): string {
  const aptGet = process.getuid?.() === 0 ? "apt-get" : "sudo apt-get";
  return findProgram("apt-get") === null ? `Install what Debian calls ${packageName}.` : `${aptGet} install ${packageName}`;
}

async function checkProgram(program: Program): Promise<DoctorItem> {
  const path = program.program === "" ? (program.files.find((file) => existsSync(file)) ?? null) : findProgram(program.program);
  const next = installLine(program.package);
  if (path === null) return { name: program.name, status: "missing", detail: `not found; it ${program.use}`, next };
  if (program.isStatic && !(await isStatic(path))) {
    return { name: program.name, status: "missing", detail: `${path} needs libraries, which the guest does not have`, next };
  }
  return { name: program.name, status: "ok", detail: path, next: "" };
}

/** The version that QEMU says of itself. */
async function checkQemu(program: Program, task: LongTask): Promise<DoctorItem> {
  const found = await checkProgram(program);
  if (found.status !== "ok") return found;
  const { stdout, exitCode } = await run(program.program, ["--version"], { deadlineMs: versionDeadlineMs, signal: task.signal });
  const version = /version (\d+)[\d.]*/.exec(stdout);
  if (exitCode !== 0 || version === null) {
    return { ...found, status: "missing", detail: `${found.detail} does not run`, next: `${found.detail} --version` };
  }
  const detail = `${version[0]}, ${found.detail}`;
  if (Number(version[1]) < oldestQemuMajor) return { ...found, status: "warning", detail, next: `Older than ${oldestQemuMajor}.0, which nothing here was tried with.` };
  return { ...found, detail };
}

function checkAccelerator({ name, reason }: DoctorFacts["accelerator"]): DoctorItem {
  return { name: "accelerator", status: "ok", detail: reason === "" ? name : `${name}: ${reason}`, next: "" };
}

async function checkFolder(name: string, folder: string, variable: string): Promise<DoctorItem> {
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "";
    return { name, status: "missing", detail: `${folder} cannot be written (${code})`, next: `export ${variable}=FOLDER, with a folder of your own` };
  }
  const { bavail, bsize } = await statfs(folder);
  const freeBytes = bavail * bsize;
  const detail = `${folder}, ${Math.floor(freeBytes / 1e6)} MB free`;
  if (freeBytes >= comfortableBytes) return { name, status: "ok", detail, next: "" };
  return { name, status: freeBytes < leastBytes ? "missing" : "warning", detail, next: `Free some space there, or export ${variable}=FOLDER on a larger disk.` };
}

async function checkKernels(): Promise<DoctorItem> {
  const ready = (await listKernels()).filter((kernel) => kernel.fetched).map((kernel) => kernel.series);
  if (ready.length > 0) return { name: "kernels", status: "ok", detail: ready.join(", "), next: "" };
  return { name: "kernels", status: "warning", detail: "none fetched yet; a run fetches the one it needs", next: "npm start -- kernels fetch 6.12" };
}

function checkGuestImage(path: string): DoctorItem {
  return { name: "guest image", status: "ok", detail: path === "" ? "not built yet; a run builds it" : path, next: "" };
}

/** Every check, in the order in which a person would mend things. Finds faults; throws none but an abort's CommandError. */
export async function examineHost(facts: DoctorFacts, task: LongTask): Promise<DoctorItem[]> {
  const items: DoctorItem[] = [];
  for (const program of programs) {
    items.push(program.name === "QEMU" ? await checkQemu(program, task) : await checkProgram(program));
  }
  return [
    ...items,
    checkAccelerator(facts.accelerator),
    await checkFolder("cache", cacheDir(), "XDG_CACHE_HOME"),
    await checkFolder("runs", stateDir(), "XDG_STATE_HOME"),
    await checkKernels(),
    checkGuestImage(facts.guestImagePath),
  ];
}
