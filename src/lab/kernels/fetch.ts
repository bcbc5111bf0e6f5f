import { mkdir, readFile, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { LabError } from "../errors.ts";
import { cacheDir } from "../paths.ts";
import { runChecked } from "../process.ts";
import { Apt, isGoneFromArchive } from "./apt.ts";
import type { KernelSeries } from "./catalogue.ts";
import type { LongTask } from "./image.ts";
import { kernelDependencies, newestImage, type PackageRecord } from "./packages.ts";
import { explainFileError, makeFolder, requireSpace } from "./staging.ts";
import { storeKernel, type KernelRecord } from "./stored.ts";

const unpackDeadlineMs = 300_000;
/** The decompressed kernel that comes out of the image, on top of what the packages unpack to. */
const vmlinuxBytes = 100e6;

export const kernelsDir = (): string => join(cacheDir(), "kernels");
export const seriesDir = (series: KernelSeries): string => join(kernelsDir(), series.name);

/** What to download for a kernel, the image package first. */
interface KernelPackages {
  readonly present: readonly [PackageRecord, ...PackageRecord[]];
  /**
   * Names that the archive no longer has. It drops the modules and base files of a superseded kernel before the
   * kernel itself; up to 6.18 everything that counts is in the image package all the same.
   */
  readonly absent: readonly string[];
}

/** Undefined when no list has a kernel of the series. */
async function resolvePackages(apt: Apt, series: KernelSeries): Promise<KernelPackages | undefined> {
  const image = newestImage(await apt.imageCandidates(), series.name);
  if (image === undefined) return undefined;
  const wanted = kernelDependencies(image);
  const known = await apt.show(wanted.map((dependency) => dependency.name));
  const found = wanted.map(({ name, version }) => known.find((candidate) => candidate.name === name && candidate.version === version));
  return {
    present: [image, ...found.filter((record) => record !== undefined)],
    absent: wanted.filter((_, index) => found[index] === undefined).map((dependency) => dependency.name),
  };
}

async function fileNames(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

/**
 * Moves lib/modules to where depmod looks; packages made for a merged /usr have it there.
 * Returns the folders of the releases in it, which since 7.1 hold the kernel and its configuration too.
 */
async function placeModules(root: string, folder: string): Promise<string[]> {
  const target = join(folder, "lib/modules");
  for (const modules of [join(root, "lib/modules"), join(root, "usr/lib/modules")]) {
    if ((await fileNames(modules)).length === 0) continue;
    await mkdir(join(folder, "lib"), { recursive: true });
    await rename(modules, target);
    break;
  }
  return (await fileNames(target)).map((release) => join(target, release));
}

/** Unpacks packages into `folder`, where only lib/modules stays. Null when they hold no kernel. */
async function unpack(debFolder: string, folder: string, task: LongTask): Promise<{ imageBytes: Buffer; configText: string | null } | null> {
  const root = join(folder, "root");
  await mkdir(root);
  for (const name of await readdir(debFolder)) {
    task.progress?.("unpack", name.split("_")[0] ?? name);
    await runChecked("dpkg-deb", ["-x", join(debFolder, name), root], { deadlineMs: unpackDeadlineMs, signal: task.signal });
  }
  let imageBytes: Buffer | null = null;
  let configText: string | null = null;
  for (const place of [join(root, "boot"), ...(await placeModules(root, folder))]) {
    for (const name of await fileNames(place)) {
      if (/^vmlinuz(?:-|$)/.test(name)) imageBytes ??= await readFile(join(place, name));
      if (/^config(?:-|$)/.test(name)) configText ??= await readFile(join(place, name), "utf8");
    }
  }
  for (const done of [debFolder, root]) await rm(done, { recursive: true });
  return imageBytes === null ? null : { imageBytes, configText };
}

async function downloadAndStore(apt: Apt, series: KernelSeries, packages: KernelPackages, task: LongTask): Promise<KernelRecord> {
  const { present, absent } = packages;
  await requireSpace(kernelsDir(), present.reduce((sum, one) => sum + one.downloadBytes + one.installedBytes, vmlinuxBytes));

  return makeFolder(seriesDir(series), async (folder) => {
    const debFolder = join(folder, "packages");
    await mkdir(debFolder);
    await apt.download(present, debFolder);
    const unpacked = await unpack(debFolder, folder, task);
    if (unpacked === null) {
      throw new LabError("host", {
        what: `no kernel in ${present.map((one) => one.name).join(", ")}${absent.length === 0 ? "" : `, and the archive no longer has ${absent.join(", ")}`}`,
        where: `kernel ${series.name}`,
        next: "Choose another series with `npm start -- kernels`.",
      });
    }
    return storeKernel(
      folder,
      {
        name: series.name,
        packageVersion: present[0].version,
        image: { kind: "bzimage", bytes: unpacked.imageBytes },
        configText: unpacked.configText,
        placeModules: async (_, release) => (await fileNames(join(folder, "lib/modules", release))).includes("kernel"),
      },
      task,
    );
  });
}

/**
 * Fetches the newest kernel of a series into the cache, replacing one that is there.
 *
 * @throws LabError `host` when no mirror carries it, the disk is full or the cache cannot be written;
 *   CommandError when apt or a tool fails
 */
export async function fetchKernel(series: KernelSeries, task: LongTask): Promise<KernelRecord> {
  const stagedTask: LongTask = { ...task, progress: (stage, ...rest) => task.progress?.(`kernel ${series.name}: ${stage}`, ...rest) };
  const apt = await openApt(stagedTask);
  let isFresh = false;
  const refresh = async (): Promise<KernelPackages> => {
    await apt.update();
    isFresh = true;
    const packages = await resolvePackages(apt, series);
    if (packages === undefined) throw apt.notFound(series.name, series.suites);
    return packages;
  };
  const known = (await apt.hasLists()) ? await resolvePackages(apt, series) : undefined;
  const packages = known ?? (await refresh());
  try {
    return await downloadAndStore(apt, series, packages, stagedTask);
  } catch (error) {
    if (isFresh || !isGoneFromArchive(error)) throw error;
    return downloadAndStore(apt, series, await refresh(), stagedTask);
  }
}

async function openApt(task: LongTask): Promise<Apt> {
  try {
    await mkdir(kernelsDir(), { recursive: true });
    return await Apt.open(join(cacheDir(), "apt"), task);
  } catch (error) {
    throw explainFileError(error, cacheDir());
  }
}
