import { existsSync } from "node:fs";
import type { KernelSummary } from "../../api/lab.ts";
import { LabError } from "../errors.ts";
import { catalogue, findSeries, type KernelSeries } from "./catalogue.ts";
import { fetchKernel, seriesDir } from "./fetch.ts";
import type { KernelImage, LongTask } from "./image.ts";
import { openOwnKernel, pathOf } from "./own.ts";
import { loadKernel, readRecord, type KernelRecord } from "./stored.ts";

/**
 * A kernel that is ready to boot, by series ("6.12") or by path. A series is fetched when it is used for the
 * first time, and needs no network afterwards.
 *
 * @throws LabError `usage` for a series that is not in the catalogue, `invalid` for a path that is no kernel,
 *   `host` when fetching fails
 */
export async function openKernel(name: string, task: LongTask): Promise<KernelImage> {
  const series = findSeries(name);
  if (series !== undefined) return openSeries(series, task);
  if (/^\d+(?:\.\d+)*$/.test(name) && !existsSync(name)) {
    throw unknownSeries(name, orPath);
  }
  return openOwnKernel(name, task);
}

/**
 * Whether a name may be that of a kernel, without fetching it or looking into it.
 *
 * @throws LabError `usage` when it is neither a series of the catalogue nor a path at which there is something
 */
export function checkKernelName(name: string): void {
  if (findSeries(name) === undefined && !existsSync(pathOf(name))) throw unknownSeries(name, orPath);
}

const orPath = "; or give the path of a build tree, a bzImage or a vmlinux";

function unknownSeries(name: string, orElse: string): LabError {
  return new LabError("usage", {
    what: "no such series in the catalogue",
    where: `kernel "${name}"`,
    next: `There are ${catalogue.series.map((one) => one.name).join(", ")}${orElse}.`,
  });
}

async function openSeries(series: KernelSeries, task: LongTask): Promise<KernelImage> {
  const folder = seriesDir(series);
  const record = (await readRecord(folder)) ?? (await fetchKernel(series, task));
  return loadKernel(folder, record, series.name);
}

function summary(series: KernelSeries, record: KernelRecord | null): KernelSummary {
  const name = { series: series.name };
  if (record === null) return { ...name, release: "", packageVersion: "", fetched: false, detail: `from ${series.suites.join(", ")}` };
  const { release, packageVersion, sizeBytes, modulesFolder } = record;
  const withoutModules = modulesFolder === "" ? ", without modules (gone from the archive): nvme only" : "";
  return { ...name, release, packageVersion, fetched: true, detail: `${Math.round(sizeBytes / 1e6)} MB${withoutModules}` };
}

/** The catalogue with what is already in the cache. Asks no network. */
export async function listKernels(): Promise<KernelSummary[]> {
  return Promise.all(catalogue.series.map(async (series) => summary(series, await readRecord(seriesDir(series)))));
}

/**
 * Fetches the newest kernel of a series, also when an older one of it is there.
 *
 * @throws LabError `usage` for a series that is not in the catalogue, `host` when fetching fails
 */
export async function fetchNewest(name: string, task: LongTask): Promise<KernelSummary> {
  const series = findSeries(name);
  if (series === undefined) throw unknownSeries(name, "");
  return summary(series, await fetchKernel(series, task));
}
