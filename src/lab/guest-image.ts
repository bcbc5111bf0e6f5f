import { createHash, randomUUID } from "node:crypto";
import { mkdir, readdir, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { DeviceName } from "../workload/ops.ts";
import { buildAgent } from "./agent-build.ts";
import { LabError } from "./errors.ts";
import { buildInitramfs } from "./initramfs.ts";
import type { KernelImage, LongTask } from "./kernels/image.ts";
import { modulesForDevices } from "./kernels/modules.ts";
import { cacheDir } from "./paths.ts";

/** Where Debian's busybox-static puts its binary. */
export const busyboxPath = "/bin/busybox";

export interface GuestImage {
  readonly path: string;
  readonly sha256: string;
  /** Modules for the agent to load, in order, without `.ko`. */
  readonly modules: readonly string[];
}

export const imagesDir = (): string => join(cacheDir(), "images");

/**
 * The guest's initramfs for a kernel and its swap devices, written to the cache unless it is there.
 *
 * @throws LabError `invalid` when the kernel lacks a driver, `host` when the image cannot be built or written
 */
export async function guestImage(kernel: KernelImage, devices: readonly DeviceName[], task: LongTask): Promise<GuestImage> {
  task.progress?.("image", "");
  const agentPath = await buildAgent(task);
  const set = await modulesForDevices(kernel, devices, task);
  if (set.missing.length > 0) {
    throw new LabError("invalid", {
      what: `it has no driver ${set.missing.join(", ")}, neither built in nor as a module`,
      where: `kernel ${kernel.release}, device ${devices.join(", ")}`,
      next: "Build the driver in, or choose another --device.",
    });
  }
  const names = set.load.map(({ fileName }) => fileName.replace(/\.ko$/, ""));
  const modules = set.load.map(({ data }, index) => ({ name: names[index]!, bytes: data }));
  const bytes = await buildInitramfs({ agentPath, busyboxPath, modules });
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  return { path: await store(bytes, sha256), sha256, modules: names };
}

async function store(bytes: Buffer, sha256: string): Promise<string> {
  const path = join(imagesDir(), `${sha256.slice(0, 40)}.cpio`);
  try {
    const found = await stat(path).catch(() => null);
    if (found?.size === bytes.length) {
      const now = new Date();
      // A cache that cannot be written may still hold all that is needed.
      await utimes(path, now, now).catch(() => {});
      return path;
    }
    await mkdir(imagesDir(), { recursive: true });
    // Others may be writing the same one, in this process too.
    const partial = `${path}.${randomUUID()}`;
    await writeFile(partial, bytes)
      .then(() => rename(partial, path))
      .finally(() => rm(partial, { force: true }).catch(() => {}));
    await pruneImages(imagesDir());
    return path;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new LabError(
      "host",
      { what: `the guest's image cannot be written: ${code ?? message}`, where: path, next: "Make room there, or point XDG_CACHE_HOME to a folder that can be written." },
      { cause: error },
    );
  }
}

/** Images that are kept, those used last; each takes a few MB and is built again in a moment. */
const imagesKept = 32;
/** A run that has just made sure of its image may not have started QEMU with it yet. */
const imageInUseMs = 3600_000;

/** Removes the images that were not used for longest, and what was never completed. Never rejects: it is a cache. */
export async function pruneImages(folder: string, limits = { kept: imagesKept, inUseMs: imageInUseMs }): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  const found = await Promise.all(names.map(async (name) => ({ name, usedAtMs: (await stat(join(folder, name)).catch(() => null))?.mtimeMs ?? Date.now() })));
  const newestFirst = found.toSorted((a, b) => Number(b.name.endsWith(".cpio")) - Number(a.name.endsWith(".cpio")) || b.usedAtMs - a.usedAtMs);
  const old = newestFirst.filter(({ name, usedAtMs }, index) => (index >= limits.kept || !name.endsWith(".cpio")) && Date.now() - usedAtMs > limits.inUseMs);
  await Promise.all(old.map(({ name }) => rm(join(folder, name), { force: true }).catch(() => {})));
}
