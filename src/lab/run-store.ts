import { mkdir, readdir, rename, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { fileError, runNames } from "./bundle-files.ts";
import { runFolder } from "./bundle.ts";
import { LabError } from "./errors.ts";
import { runsDir, trashDir } from "./paths.ts";
import { cleanLabel, labelFile } from "./run-label.ts";
import { replaceFile } from "./safe-file.ts";

/** What a person does with runs that are there: call them something, throw them away, take that back. */

/** What was thrown away is gone for good after this long. */
const trashDays = 30;

/** Calls a run something beside its name; an empty label takes that back. Gives the label as it is shown. */
export async function renameRun(name: string, label: string): Promise<string> {
  const path = join(await runFolder(name), labelFile);
  const clean = cleanLabel(label);
  if (clean === "") await rm(path, { force: true });
  else await replaceFile(path, `${clean}\n`);
  return clean;
}

/** Throws a run away: it can be had back for a month. */
export async function removeRun(name: string): Promise<void> {
  const folder = await runFolder(name);
  await mkdir(trashDir(), { recursive: true });
  await emptyOldTrash();
  await move(folder, join(trashDir(), name));
  const now = new Date();
  await utimes(join(trashDir(), name), now, now);
}

/** Takes back that a run was thrown away. */
export async function restoreRun(name: string): Promise<void> {
  if (!(await runNames(trashDir())).includes(name)) {
    throw new LabError("usage", { what: `no run "${name}" was thrown away`, where: trashDir(), next: `What was is kept for ${trashDays} days.` });
  }
  await mkdir(runsDir(), { recursive: true });
  await move(join(trashDir(), name), join(runsDir(), name));
}

async function move(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    throw fileError("The run cannot be moved", to, error);
  }
}

async function emptyOldTrash(): Promise<void> {
  const oldestMs = Date.now() - trashDays * 24 * 3600_000;
  for (const name of await readdir(trashDir())) {
    const path = join(trashDir(), name);
    if ((await stat(path)).mtimeMs < oldestMs) await rm(path, { recursive: true, force: true });
  }
}
