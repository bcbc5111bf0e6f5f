import { randomBytes } from "node:crypto";
import { mkdir, readdir, rename, rm, statfs } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { LabError } from "../errors.ts";

/** Folders that appear whole or not at all: made under another name beside their place, then renamed. */

const prefix = ".new-";

/** What a failing file operation means for a person; other errors come back as they are. */
export function explainFileError(error: unknown, folder: string): unknown {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  const options = { cause: error };
  if (code === "ENOSPC" || code === "EDQUOT") {
    return new LabError("host", { what: "the disk is full", where: folder, next: "Free some space, or point XDG_CACHE_HOME at a larger disk." }, options);
  }
  if (code === "EACCES" || code === "EPERM" || code === "EROFS" || code === "ENOTDIR") {
    return new LabError("host", { what: `cannot be written (${code})`, where: folder, next: "Give yourself the right to write there, or set XDG_CACHE_HOME to a folder that can be written." }, options);
  }
  return error;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Removes what processes that were killed have left half done. */
async function removeLeftovers(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const pid = /^\.new-(\d+)-/.exec(name)?.[1];
    if (pid !== undefined && !isRunning(Number(pid))) await rm(join(parent, name), { recursive: true, force: true });
  }
}

/**
 * Lets `fill` make a folder's contents and puts the folder at `target` when it succeeds. Whatever was there
 * before goes away at that moment. When it fails, nothing is left.
 *
 * @throws LabError `host` for a full disk or a place that cannot be written
 */
export async function makeFolder<T>(target: string, fill: (folder: string) => Promise<T>): Promise<T> {
  const parent = dirname(target);
  const folder = join(parent, `${prefix}${process.pid}-${randomBytes(4).toString("hex")}-${basename(target)}`);
  try {
    await mkdir(folder, { recursive: true });
    await removeLeftovers(parent);
    const result = await fill(folder);
    await rm(target, { recursive: true, force: true });
    await rename(folder, target);
    return result;
  } catch (error) {
    throw explainFileError(error, parent);
  } finally {
    // Renamed by now, unless something failed; a clean-up that fails too must not hide why.
    await rm(folder, { recursive: true, force: true }).catch(() => {});
  }
}

/**
 * Checks before the work that there is room for it.
 *
 * @throws LabError `host` when the folder's disk has less than `neededBytes` free
 */
export async function requireSpace(folder: string, neededBytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize >= neededBytes) return;
  throw new LabError("host", {
    what: `${Math.ceil(neededBytes / 1e6)} MB are needed, ${Math.floor((bavail * bsize) / 1e6)} MB are free`,
    where: folder,
    next: "Free some space, or point XDG_CACHE_HOME at a larger disk.",
  });
}
