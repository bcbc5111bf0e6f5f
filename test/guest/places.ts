import { existsSync } from "node:fs";
import { copyFile, mkdir, rm, symlink } from "node:fs/promises";
import { randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { buildAgent } from "../../src/lab/agent-build.ts";
import { openKernel } from "../../src/lab/kernels/open.ts";
import { cacheDir } from "../../src/lab/paths.ts";

/** What guests of these tests run: one of these kernels, or a copy of one. The rest of the catalogue is for `test/ladder`. */
export const testedSeries: readonly string[] = ["6.1", "6.12", "6.18", "7.3"];

/**
 * A folder for everything that a test file leaves behind, its runs among it: a person's own runs are not touched.
 * Kernels, images and saved states stay those of the ordinary cache, so that nothing is made twice.
 */
export function useOwnFolder(): string {
  const folder = join(tmpdir(), `swaplab-guest-test-${randomUUID()}`);
  process.env["XDG_STATE_HOME"] = join(folder, "state");
  beforeAll(async () => {
    await mkdir(folder, { recursive: true });
    // On a fresh machine they are fetched, and here is time for it.
    for (const name of testedSeries) await openKernel(name, {});
  });
  afterAll(async () => rm(folder, { recursive: true, force: true }));
  return folder;
}

/**
 * In place of the ordinary cache one in which things may be damaged. Kernels and the agent are those of the ordinary
 * cache; images and saved states it makes itself. Gives back its folder.
 */
export function useOwnCache(folder: string): string {
  const base = join(folder, "cache");
  const own = join(base, "swaplab");
  beforeAll(async () => {
    await buildAgent();
    const ordinary = cacheDir();
    await mkdir(join(own, "kernels"), { recursive: true });
    for (const name of testedSeries) await symlink(join(ordinary, "kernels", name), join(own, "kernels", name));
    await symlink(join(ordinary, "agents"), join(own, "agents"));
    const accelerator = join(ordinary, "accelerator.json");
    if (existsSync(accelerator)) await copyFile(accelerator, join(own, "accelerator.json"));
    process.env["XDG_CACHE_HOME"] = base;
  });
  return own;
}
