import { mkdir, rename, rm } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import type { FilePart, RunList, RunOutcome, RunSummary } from "../api/lab.ts";
import { nearNames } from "../api/near.ts";
import type { BundleFileName } from "../report/bundle-file-names.ts";
import { toJson } from "../report/json.ts";
import { parseResult } from "../report/parse.ts";
import { resultLimits, type Result } from "../report/result.ts";
import {
  fileError,
  partialFolder,
  readFilePart,
  readSmallFile,
  removeDeadPartials,
  removeOwner,
  reserveRunName,
  runNames,
  syncPath,
  writeSynced,
} from "./bundle-files.ts";
import { LabError } from "./errors.ts";
import { runsDir, trashDir } from "./paths.ts";
import { RunIndex } from "./run-index.ts";
import { labelOf } from "./run-label.ts";

const resultFile = "result.json";
const scratchFolder = "scratch";

/** A run being built. Nothing of it is to be seen among the runs until `finish`. */
export interface BundleWriter {
  /** The run's name: `2026-11-23-1`. */
  readonly name: string;
  /** Where the bundle will be. */
  readonly finalPath: string;
  /** A folder for disks, sockets and other things that live as long as the run; not part of the bundle. */
  readonly scratchPath: string;
  /** For files that grow while the run lasts. */
  pathOf(file: BundleFileName): string;
  write(file: BundleFileName, content: string | Uint8Array): Promise<void>;
  /** Writes the result, waits until the device has everything, and gives the bundle its name. */
  finish(result: Result): Promise<RunOutcome>;
  /** Removes everything. Does nothing after `finish`. */
  abandon(): Promise<void>;
}

/**
 * Begins the bundle of a run that started at `startedAt`, and removes what processes that died left behind.
 * Throws a `host` LabError naming the path when the folder of runs cannot be written.
 */
export async function beginBundle(startedAt: Date): Promise<BundleWriter> {
  const runsFolder = runsDir();
  await mkdir(runsFolder, { recursive: true }).catch((error: unknown) => {
    throw fileError("The folder of runs cannot be made", runsFolder, error);
  });
  await removeDeadPartials(runsFolder);
  const name = await reserveRunName(runsFolder, startedAt, await runNames(trashDir()));
  const partial = partialFolder(runsFolder, name);
  const finalPath = join(runsFolder, name);
  const scratchPath = join(partial, scratchFolder);
  let finished = false;
  const abandon = async (): Promise<void> => {
    if (!finished) await rm(partial, { recursive: true, force: true });
  };
  await mkdir(scratchPath).catch(async (error: unknown) => {
    await abandon();
    throw fileError("A folder for the run cannot be made", scratchPath, error);
  });
  return {
    name,
    finalPath,
    scratchPath,
    pathOf: (file) => join(partial, file),
    write: async (file, content) => writeSynced(join(partial, file), content),
    finish: async (result) => {
      if (result.run !== name) throw new Error(`the result of run ${name} calls itself ${result.run}`);
      await complete(partial, finalPath, result);
      finished = true;
      return { result, bundlePath: finalPath };
    },
    abandon,
  };
}

async function complete(partial: string, finalPath: string, result: Result): Promise<void> {
  const text = toJson(result);
  const readBack = parseResult(text);
  if (!readBack.ok) throw new Error(`the result of this run could not be read back: ${readBack.problem}`);
  await writeSynced(join(partial, resultFile), text);
  try {
    await rm(join(partial, scratchFolder), { recursive: true, force: true });
    await removeOwner(partial);
    await syncPath(partial);
    await rename(partial, finalPath);
    await syncPath(join(finalPath, ".."));
  } catch (error) {
    throw fileError("The run cannot be completed", finalPath, error);
  }
}

/** The newest runs, or the newest in which a person's words are found. One that cannot be read is listed with its problem. */
export async function listRuns(newestCount: number, words = ""): Promise<RunList> {
  const names = await runNames(runsDir());
  const index = await RunIndex.open();
  const runs: RunSummary[] = [];
  let seenCount = 0;
  for (const name of names) {
    if (runs.length >= newestCount) break;
    const summary = await index.summary(name, async () => summarizeRun(name));
    if (hasWords(summary, words)) runs.push(summary);
    seenCount++;
  }
  await index.save(names);
  return { runs, olderCount: names.length - seenCount };
}

/** Every word is in some part of what the list shows of the run. */
function hasWords(run: RunSummary, words: string): boolean {
  const shown = Object.values(run).join(" ").toLowerCase();
  return words.toLowerCase().split(/\s+/).every((word) => shown.includes(word));
}

export async function summarizeRun(name: string): Promise<RunSummary> {
  const label = await labelOf(join(runsDir(), name));
  try {
    const { verdict, experiment, kernel, startedAt } = await readResult(join(runsDir(), name));
    const release = kernel.release === "" ? kernel.name : kernel.release;
    return { ok: true, name, label, verdict, experiment: experiment.name, release, device: experiment.device, startedAt };
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    return { ok: false, name, label, problem: error.what };
  }
}

export const isRunName = async (name: string): Promise<boolean> => (await runNames(runsDir())).includes(name);

/** The run of that name, the bundle in that folder, or the newest run. */
export async function openRun(name: string | undefined): Promise<RunOutcome> {
  const names = await runNames(runsDir());
  const wanted = name ?? names[0];
  if (wanted === undefined) {
    throw new LabError("usage", { what: "There are no runs yet", where: runsDir(), next: "Start one with: npm start -- run" });
  }
  if (names.includes(wanted)) return outcome(join(runsDir(), wanted));
  if (wanted.includes("/")) return outcome(resolve(wanted));
  throw noSuchRun(wanted, names);
}

/** The folder of the run of that name, which must be one of ours. */
export async function runFolder(name: string): Promise<string> {
  const names = await runNames(runsDir());
  if (names.includes(name)) return join(runsDir(), name);
  throw noSuchRun(name, names);
}

function noSuchRun(wanted: string, names: readonly string[]): LabError {
  const near = nearNames(wanted, names);
  const next = near.length === 0 ? "npm start -- list --runs shows what there is." : `Did you mean ${near.join(" or ")}?`;
  return new LabError("usage", { what: `There is no run "${wanted}"`, where: runsDir(), next });
}

/** Bytes of a file of a run's bundle, from `fromByte` on, at most `byteCount`. */
export async function readRunFile(name: string, file: BundleFileName, { fromByte, byteCount }: { fromByte: number; byteCount: number }): Promise<FilePart> {
  return readFilePart(join(await runFolder(name), file), fromByte, byteCount);
}

async function outcome(bundlePath: string): Promise<RunOutcome> {
  return { result: await readResult(bundlePath), bundlePath };
}

async function readResult(folder: string): Promise<Result> {
  const path = join(folder, resultFile);
  const text = (await readSmallFile(path, resultLimits.textBytes)).toString("utf8");
  const parsed = parseResult(text);
  if (parsed.ok) return parsed.result;
  const next = `The other files of ${basename(folder)} may still be of use.`;
  throw new LabError("host", { what: `It is not a result: ${parsed.problem}`, where: path, next });
}
