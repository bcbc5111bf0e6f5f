import { createHash } from "node:crypto";
import { mkdir, open, readFile, readdir, realpath, rm, stat, symlink, copyFile, cp } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { LabError } from "../errors.ts";
import { bzImageHeadBytes, parseBzImage } from "./bzimage.ts";
import { kernelsDir } from "./fetch.ts";
import type { KernelImage, LongTask } from "./image.ts";
import { makeFolder } from "./staging.ts";
import { loadKernel, readRecord, storeKernel, type KernelParts } from "./stored.ts";
import { readFileAt, readVmlinux } from "./vmlinux.ts";

/** A kernel of one's own, given by path: a build tree, a bzImage or a vmlinux. */

export const bzImageInTree = "arch/x86/boot/bzImage";

/** Where everything of a kernel of one's own lies. */
interface OwnKernel {
  readonly kind: KernelParts["image"]["kind"];
  readonly path: string;
  /** The build tree, "" when the file stands alone. */
  readonly tree: string;
}

// Every one of these is `invalid`, not `usage`: a bisection whose build failed must skip the commit, not call it bad.
function notAKernel(name: string, what: string, next: string): LabError {
  return new LabError("invalid", { what, where: `kernel "${name}"`, next });
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function describe(path: string): Promise<"bzimage" | "cut bzimage" | "vmlinux" | "elf without kernel" | "elf without pvh" | "other"> {
  const file = await open(path);
  try {
    const read = readFileAt(file);
    const header = parseBzImage(await read(0, bzImageHeadBytes));
    if (header !== null) return header.payloadOffset + header.payloadBytes <= (await file.stat()).size ? "bzimage" : "cut bzimage";
    const facts = await readVmlinux(read);
    if (facts === null) return "other";
    if (facts.release === "") return "elf without kernel";
    return facts.hasPvhEntry ? "vmlinux" : "elf without pvh";
  } finally {
    await file.close();
  }
}

async function locateInFolder(name: string, folder: string): Promise<OwnKernel> {
  const path = join(folder, bzImageInTree);
  if (!(await exists(path))) {
    throw notAKernel(name, `no ${bzImageInTree} in it`, "Build it first (make bzImage), or give a path to a bzImage.");
  }
  if ((await describe(path)) !== "bzimage") {
    throw notAKernel(name, `its ${bzImageInTree} is not a whole bzImage`, "Build it again (make bzImage).");
  }
  return { kind: "bzimage", path, tree: folder };
}

async function locateFile(name: string, path: string): Promise<OwnKernel> {
  const kind = await describe(path);
  switch (kind) {
    case "bzimage":
      return { kind, path, tree: path.endsWith(`/${bzImageInTree}`) ? resolve(dirname(path), "../../..") : "" };
    case "vmlinux":
      return { kind, path, tree: (await exists(join(dirname(path), "modules.order"))) ? dirname(path) : "" };
    case "cut bzimage":
      throw notAKernel(name, "a bzImage that is cut short", "Build or copy it again.");
    case "elf without kernel":
      throw notAKernel(name, "an x86-64 program, but not a Linux kernel", "Give a build tree, a bzImage or a vmlinux.");
    case "elf without pvh":
      throw notAKernel(name, "a vmlinux that QEMU cannot start: it has no PVH entry (CONFIG_PVH is off)", "Give the bzImage of the same build.");
    case "other":
      throw notAKernel(name, "neither a bzImage nor an x86-64 vmlinux", "Give a build tree, a bzImage or a vmlinux.");
  }
}

/** The path that a person gave; a leading `~` is the home folder. */
export const pathOf = (name: string): string => (name.startsWith("~/") ? join(homedir(), name.slice(2)) : resolve(name));

/**
 * Finds the kernel that a path means.
 *
 * @throws LabError `invalid` when there is none
 */
async function locate(name: string): Promise<OwnKernel> {
  const given = pathOf(name);
  let path: string;
  let isFolder: boolean;
  try {
    path = await realpath(given);
    isFolder = (await stat(path)).isDirectory();
    if (!isFolder && !(await stat(path)).isFile()) throw notAKernel(name, "neither a file nor a folder", "Give a build tree, a bzImage or a vmlinux.");
    return isFolder ? await locateInFolder(name, path) : await locateFile(name, path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ENOTDIR") throw notAKernel(name, "there is no such file or folder", "Give a series from `npm start -- kernels`, or the path of a build tree, a bzImage or a vmlinux.");
    if (code === "EACCES" || code === "EPERM") throw notAKernel(name, "it cannot be read", "Give yourself the right to read it.");
    throw error;
  }
}

/** Changes when any file changes that the prepared kernel is made from. */
async function stampOf(own: OwnKernel): Promise<string> {
  const parts: string[] = [];
  const inTree = own.tree === "" ? [] : [join(own.tree, ".config"), join(own.tree, "modules.order")];
  for (const path of [own.path, ...inTree]) {
    const found = await stat(path, { bigint: true }).catch(() => null);
    parts.push(`${path} ${found === null ? "none" : `${found.ino} ${found.size} ${found.mtimeNs}`}`);
  }
  return parts.join("\n");
}

async function textOrNull(path: string): Promise<string | null> {
  return readFile(path, "utf8").catch(() => null);
}

/** A tree's .config, or the config-<release> that distributions put beside the image. */
async function configBeside(own: OwnKernel): Promise<string | null> {
  if (own.tree !== "") return textOrNull(join(own.tree, ".config"));
  const suffix = /^(?:vmlinuz|vmlinux|bzImage)-(.+)$/.exec(basename(own.path))?.[1];
  return suffix === undefined ? null : textOrNull(join(dirname(own.path), `config-${suffix}`));
}

/**
 * Links the modules of a build tree into the form that depmod reads. The tree's list names objects or modules,
 * with or without a leading kernel/, by the release that wrote it.
 */
async function linkTreeModules(tree: string, target: string): Promise<boolean> {
  const order = await textOrNull(join(tree, "modules.order"));
  let linkCount = 0;
  for (const line of (order ?? "").split("\n")) {
    const module = line.trim().replace(/\.o$/, ".ko").replace(/^kernel\//, "");
    if (module === "" || !(await exists(join(tree, module)))) continue;
    const link = join(target, "kernel", module);
    await mkdir(dirname(link), { recursive: true });
    await symlink(join(tree, module), link);
    linkCount++;
  }
  if (linkCount === 0 && order === null) return false;
  await mkdir(target, { recursive: true });
  for (const name of ["modules.order", "modules.builtin", "modules.builtin.modinfo"]) {
    if (await exists(join(tree, name))) await copyFile(join(tree, name), join(target, name));
  }
  return true;
}

/** The modules that an installation put beside an image: /boot/vmlinuz-X has them in /lib/modules/X. */
async function linkInstalledModules(imagePath: string, release: string, target: string): Promise<boolean> {
  const installed = resolve(dirname(imagePath), "../lib/modules", release);
  if (!(await exists(join(installed, "kernel")))) return false;
  await mkdir(target, { recursive: true });
  for (const entry of await readdir(installed, { withFileTypes: true })) {
    const path = join(installed, entry.name);
    // build and source are links into header packages: nothing that depmod should walk.
    if (entry.isDirectory()) await symlinkTree(path, join(target, entry.name));
    else if (entry.isFile() && /^modules\.(?:order|builtin|builtin\.modinfo)$/.test(entry.name)) await cp(path, join(target, entry.name));
  }
  return true;
}

async function symlinkTree(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const entry of await readdir(from, { withFileTypes: true })) {
    if (entry.isDirectory()) await symlinkTree(join(from, entry.name), join(to, entry.name));
    else await symlink(join(from, entry.name), join(to, entry.name));
  }
}

const shortHash = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 16);

/** Removes what was prepared from earlier builds of the same file. */
async function removeEarlier(prefix: string, current: string): Promise<void> {
  for (const name of await readdir(kernelsDir())) {
    if (name.startsWith(prefix) && name !== current) await rm(join(kernelsDir(), name), { recursive: true, force: true });
  }
}

/**
 * Prepares a kernel of one's own, or finds it prepared by an earlier run of the same build.
 *
 * @throws LabError `invalid` when the path is no kernel; `host` when the cache cannot be written
 */
export async function openOwnKernel(name: string, task: LongTask): Promise<KernelImage> {
  const own = await locate(name);
  const prefix = `own-${shortHash(own.path)}-`;
  const folderName = prefix + shortHash(await stampOf(own));
  const folder = join(kernelsDir(), folderName);

  let record = await readRecord(folder);
  if (record === null) {
    const configText = await configBeside(own);
    record = await makeFolder(folder, async (staged) =>
      storeKernel(
        staged,
        {
          name,
          packageVersion: "",
          image: own.kind === "bzimage" ? { kind: own.kind, bytes: await readFile(own.path) } : { kind: own.kind, path: own.path },
          configText,
          placeModules: (root, release) => {
            const target = join(root, "lib/modules", release);
            return own.tree === "" ? linkInstalledModules(own.path, release, target) : linkTreeModules(own.tree, target);
          },
        },
        task,
      ),
    );
    await removeEarlier(prefix, folderName);
  }
  return loadKernel(folder, record, name);
}
