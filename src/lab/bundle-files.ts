import { constants } from "node:fs";
import { type FileHandle, mkdir, open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { FilePart } from "../api/lab.ts";
import { LabError } from "./errors.ts";
import { formatOwner, ownerState, parseOwner, thisProcess } from "./owner.ts";

/** The folder of runs: their names, and the partial folders in which they are built. */

const partialPrefix = ".partial-";
const ownerFile = "owner";
/** A folder whose owner is not yet written, or lives where we cannot see it, is left alone for this long. */
const ownerlessGraceMs = 60_000;
const unseenOwnerGraceMs = 24 * 3600_000;
const runName = /^(\d{4}-\d{2}-\d{2})-(\d{1,9})$/;
/** A day has fewer runs; without a bound a folder that cannot be made would be tried for ever. */
const maxRunsPerDay = 1_000_000;

export const partialFolder = (runsFolder: string, name: string): string => join(runsFolder, partialPrefix + name);

/** A failure of the host's file system as a person can act on it. Earlier runs are never touched by one. */
export function fileError(what: string, path: string, error: unknown): LabError {
  const { code = "", message = String(error) } = error as NodeJS.ErrnoException;
  const reason = describeCode[code] ?? message;
  const next = fixes[code] ?? "Earlier runs are as they were.";
  return new LabError("host", { what: `${what}: ${reason}`, where: path, next }, { cause: error });
}

const describeCode: Readonly<Record<string, string>> = {
  ENOSPC: "no space is left on the device",
  EDQUOT: "the disk quota is used up",
  EACCES: "permission denied",
  EPERM: "not permitted",
  EROFS: "the file system is read-only",
  ENOTDIR: "a part of the path is not a folder",
  ENOENT: "it does not exist",
  ELOOP: "it is a symbolic link",
};

const elsewhere = "or set XDG_STATE_HOME to a folder that can be written. Earlier runs are as they were.";
const fixes: Readonly<Record<string, string>> = {
  ENOSPC: `Free some space, ${elsewhere}`,
  EDQUOT: `Free some space, ${elsewhere}`,
  EACCES: `Change its permissions, ${elsewhere}`,
  EPERM: `Change its permissions, ${elsewhere}`,
  EROFS: `Mount it for writing, ${elsewhere}`,
  ENOTDIR: `Look at the path, ${elsewhere}`,
};

/** The names of complete runs, newest first. */
export async function runNames(runsFolder: string): Promise<string[]> {
  const names = (await entries(runsFolder)).filter((name) => runName.test(name));
  const counter = (name: string): number => Number(runName.exec(name)?.[2]);
  const day = (name: string): string => name.slice(0, "2026-11-23".length);
  return names.sort((a, b) => (day(a) === day(b) ? counter(b) - counter(a) : day(a) < day(b) ? 1 : -1));
}

async function entries(runsFolder: string): Promise<string[]> {
  try {
    return await readdir(runsFolder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw fileError("The runs cannot be listed", runsFolder, error);
  }
}

/** The date as the person's clock shows it. */
function localDay(date: Date): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/**
 * Takes the next free name of the day and makes its partial folder. Making the folder is the lock: of several
 * runs that start at once each makes its own. A name whose complete folder exists is looked at under that lock,
 * because only the holder of the lock can complete it. Names in `takenNames` are passed over too.
 */
export async function reserveRunName(runsFolder: string, startedAt: Date, takenNames: readonly string[]): Promise<string> {
  const day = localDay(startedAt);
  const counters = [...(await runNames(runsFolder)), ...takenNames].filter((name) => name.startsWith(`${day}-`)).map((name) => Number(runName.exec(name)?.[2]));
  const first = Math.max(0, ...counters) + 1;
  for (let counter = first; counter < first + maxRunsPerDay; counter += 1) {
    const name = `${day}-${counter}`;
    if (!(await makeFolder(partialFolder(runsFolder, name)))) continue;
    if (await claim(runsFolder, name)) return name;
  }
  throw new LabError("host", { what: "No run name is free", where: runsFolder, next: "Remove old runs of today." });
}

/** Writes our name into the folder just made, unless the run of that name is complete. */
async function claim(runsFolder: string, name: string): Promise<boolean> {
  const folder = partialFolder(runsFolder, name);
  const removeFolder = async (): Promise<void> => rm(folder, { recursive: true, force: true });
  if ((await entries(runsFolder)).includes(name)) {
    await removeFolder();
    return false;
  }
  try {
    await writeSynced(join(folder, ownerFile), formatOwner(thisProcess()));
    return true;
  } catch (error) {
    await removeFolder();
    throw error;
  }
}

/** False when the folder is there already. */
async function makeFolder(path: string): Promise<boolean> {
  try {
    await mkdir(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw fileError("A folder for the run cannot be made", path, error);
  }
}

/** Writes a whole file and waits until the device has it. */
export async function writeSynced(path: string, content: string | Uint8Array): Promise<void> {
  try {
    const handle = await open(path, "w");
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw fileError("A file of the run cannot be written", path, error);
  }
}

/** Waits until the device has what was written to a file or folder before. */
export async function syncPath(path: string): Promise<void> {
  const handle = await open(path, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** A complete folder does not say who built it. */
export const removeOwner = async (folder: string): Promise<void> => rm(join(folder, ownerFile), { force: true });

/** Removes the partial folders of processes that are gone. Never fails: what cannot be removed stays. */
export async function removeDeadPartials(runsFolder: string): Promise<void> {
  const partials = (await entries(runsFolder)).filter((name) => name.startsWith(partialPrefix));
  for (const name of partials) {
    const folder = join(runsFolder, name);
    if (await isDead(folder)) await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }
}

async function isDead(folder: string): Promise<boolean> {
  try {
    const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
    const { mtimeMs } = await handle.stat().finally(async () => handle.close());
    const ageMs = Date.now() - mtimeMs;
    const owner = await readOwner(folder);
    if (owner === null) return ageMs > ownerlessGraceMs;
    const state = ownerState(owner);
    return state === "dead" || (state === "unknown" && ageMs > unseenOwnerGraceMs);
  } catch {
    return false;
  }
}

async function readOwner(folder: string): Promise<ReturnType<typeof parseOwner>> {
  try {
    return parseOwner((await readSmallFile(join(folder, ownerFile), 4096)).toString("utf8"));
  } catch {
    return null;
  }
}

/** A part of a regular file, which ends where the file does. As careful as `readSmallFile`. */
export async function readFilePart(path: string, fromByte: number, byteCount: number): Promise<FilePart> {
  return withFile(path, async (handle, sizeBytes) => {
    const bytes = new Uint8Array(Math.max(0, Math.min(byteCount, sizeBytes - fromByte)));
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, fromByte);
    return { bytes: bytes.subarray(0, bytesRead), sizeBytes };
  });
}

/**
 * Reads a regular file of at most `maxBytes`. A bundle may be somebody else's: links, pipes and devices in it
 * are not followed or waited for.
 */
export async function readSmallFile(path: string, maxBytes: number): Promise<Buffer> {
  return withFile(path, async (handle, sizeBytes) => {
    if (sizeBytes > maxBytes) throw new LabError("host", { what: `It is longer than ${maxBytes} bytes`, where: path });
    const buffer = Buffer.alloc(sizeBytes);
    const { bytesRead } = await handle.read(buffer, 0, sizeBytes, 0);
    return buffer.subarray(0, bytesRead);
  });
}

async function withFile<Value>(path: string, work: (handle: FileHandle, sizeBytes: number) => Promise<Value>): Promise<Value> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch((error: unknown) => {
    throw fileError("It cannot be read", path, error);
  });
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) throw new LabError("host", { what: "It is not a regular file", where: path });
    return await work(handle, stat.size);
  } finally {
    await handle.close();
  }
}
