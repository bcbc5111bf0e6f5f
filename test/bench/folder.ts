import { existsSync } from "node:fs";
import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { stateDir } from "../../src/lab/paths.ts";

/**
 * A folder of this process beside the runs, because what it costs to write a run depends on the file system.
 * `kind` is the first word of its name; what others of the kind that were killed have left there is removed.
 */
export async function makeFolder(kind: string): Promise<string> {
  const parent = stateDir();
  await mkdir(parent, { recursive: true });
  for (const name of await readdir(parent)) {
    const [first, pid = ""] = name.split("-");
    if (first === kind && /^\d+$/.test(pid) && !existsSync(`/proc/${pid}`)) await rm(join(parent, name), { recursive: true, force: true });
  }
  const folder = join(parent, `${kind}-${process.pid}`);
  await mkdir(folder);
  return folder;
}
