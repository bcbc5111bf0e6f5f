import { existsSync } from "node:fs";
import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { stateDir } from "../../src/lab/paths.ts";

const prefix = "bench-";

/**
 * A folder of this process beside the runs, because what it costs to write a run depends on the file system.
 * Removes what benches that were killed have left there.
 */
export async function makeFolder(): Promise<string> {
  const parent = stateDir();
  await mkdir(parent, { recursive: true });
  for (const name of await readdir(parent)) {
    const pid = /^bench-(\d+)$/.exec(name)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) await rm(join(parent, name), { recursive: true, force: true });
  }
  const folder = join(parent, `${prefix}${process.pid}`);
  await mkdir(folder);
  return folder;
}
