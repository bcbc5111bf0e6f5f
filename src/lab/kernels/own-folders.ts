import { readdir, readFile, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import type { KernelSummary } from "../../api/lab.ts";
import { bzImageInTree } from "./own.ts";

/** Folders in a folder that are looked at. */
const childrenMax = 200;

/** The built kernels in these folders, each a build tree or a folder of some. Folders that are not there have none. */
export async function kernelsInFolders(folders: readonly string[]): Promise<KernelSummary[]> {
  const candidates = await Promise.all(
    folders.map(async (given) => {
      const folder = given.startsWith("~/") ? join(homedir(), given.slice(2)) : given;
      const children = await readdir(folder, { withFileTypes: true }).catch(() => []);
      return [folder, ...children.filter((child) => child.isDirectory()).slice(0, childrenMax).map(({ name }) => join(folder, name))];
    }),
  );
  const found = await Promise.all([...new Set(candidates.flat())].map(summaryOf));
  return found.filter((kernel) => kernel !== null);
}

async function summaryOf(tree: string): Promise<KernelSummary | null> {
  const image = await stat(join(tree, bzImageInTree)).catch(() => null);
  if (image?.isFile() !== true) return null;
  const release = (await readFile(join(tree, "include/config/kernel.release"), "utf8").catch(() => "")).trim();
  return { series: tree, release, packageVersion: "", fetched: true, detail: `a build of ${image.mtime.toISOString().slice(0, 16).replace("T", " ")}` };
}
