import { readdir, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import type { ExportFormat, ExportedRun, RunSummary } from "../api/lab.ts";
import { bundleFileNames, type BundleFileName } from "../report/bundle-file-names.ts";
import { toJson } from "../report/json.ts";
import { resultKtap } from "../report/ktap.ts";
import { resultMail } from "../report/mail.ts";
import { parseResult } from "../report/parse.ts";
import { resultLimits } from "../report/result.ts";
import { readSmallFile } from "./bundle-files.ts";
import { beginBundle, openRun, runFolder, summarizeRun } from "./bundle.ts";
import { LabError } from "./errors.ts";
import { renameRun } from "./run-store.ts";
import { readTar, type TarEntry, writeTar } from "./tar.ts";

/** Runs on their way to somebody else, and from somebody else. */

/** Of all files of a bundle together. Consoles are the longest of them. */
const bundleBytesMax = 256 * 1024 * 1024;
/** Of an archive as it comes. */
const archiveBytesMax = 64 * 1024 * 1024;
const entriesMax = 1000;

/** A run as a file for others. */
export async function exportRun(name: string, format: ExportFormat): Promise<ExportedRun> {
  const text = (lines: readonly string[]): Uint8Array => Buffer.from(`${lines.join("\n")}\n`);
  const { result } = await openRun(name);
  switch (format) {
    case "json":
      return { fileName: `${name}.json`, mediaType: "application/json", bytes: Buffer.from(toJson(result)) };
    case "ktap":
      return { fileName: `${name}.ktap`, mediaType: "text/plain", bytes: text(resultKtap(result)) };
    case "mail":
      return { fileName: `${name}.txt`, mediaType: "text/plain", bytes: text(resultMail(result, false)) };
    case "archive": {
      const files = await filesOf(await runFolder(name));
      const tar = writeTar(files.map((file) => ({ ...file, name: `swaplab-${name}/${file.name}` })), new Date(result.startedAt));
      return { fileName: `swaplab-${name}.tar.gz`, mediaType: "application/gzip", bytes: await promisify(gzip)(tar) };
    }
  }
}

/** The files of a bundle in a folder that may be anybody's. */
async function filesOf(folder: string): Promise<{ name: BundleFileName; bytes: Buffer }[]> {
  const present = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    throw refusal(folder, `it cannot be read (${error.code})`);
  });
  const files: { name: BundleFileName; bytes: Buffer }[] = [];
  let leftBytes = bundleBytesMax;
  for (const name of bundleFileNames.filter((candidate) => present.includes(candidate))) {
    const bytes = await readSmallFile(join(folder, name), Math.min(leftBytes, limitOf(name)));
    leftBytes -= bytes.length;
    files.push({ name, bytes });
  }
  return files;
}

const limitOf = (name: BundleFileName): number => (name === "result.json" ? resultLimits.textBytes : bundleBytesMax);

/**
 * Takes a bundle in that somebody else made, from a .tar.gz or .tar, or from a folder on this machine. Only the files that a
 * bundle has are taken, and only when its result can be read; nothing in it is believed or run.
 *
 * @throws LabError `usage` saying what is wrong with it
 */
export async function importRun(from: Uint8Array | string): Promise<RunSummary> {
  const where = typeof from === "string" ? from : "archive";
  const files = typeof from === "string" ? await fromPath(expand(from)) : await fromArchive(Buffer.from(from.buffer, from.byteOffset, from.byteLength));
  const written = files.find(({ name }) => name === "result.json");
  if (written === undefined) throw refusal(where, "there is no result.json in it");
  const parsed = parseResult(Buffer.from(written.bytes).toString("utf8"));
  if (!parsed.ok) throw refusal(where, `its result cannot be read: ${parsed.problem}`);

  const bundle = await beginBundle(new Date());
  try {
    for (const { name, bytes } of files) if (name !== "result.json") await bundle.write(name, bytes);
    await bundle.finish({ ...parsed.result, run: bundle.name });
  } catch (error) {
    await bundle.abandon();
    throw error;
  }
  await renameRun(bundle.name, `imported: ${parsed.result.run}`);
  return summarizeRun(bundle.name);
}

const refusal = (where: string, what: string): LabError =>
  new LabError("usage", { what, where, next: "Give the .tar.gz that an export makes, or the folder of a run." });

const expand = (path: string): string => (path.startsWith("~/") ? join(homedir(), path.slice(2)) : path);

async function fromPath(path: string): Promise<readonly { name: BundleFileName; bytes: Uint8Array }[]> {
  const found = await stat(path).catch(() => null);
  if (found === null) throw refusal(path, "it is not there");
  return found.isDirectory() ? filesOf(path) : fromArchive(await readSmallFile(path, archiveBytesMax));
}

async function fromArchive(archive: Buffer): Promise<readonly { name: BundleFileName; bytes: Uint8Array }[]> {
  let entries: TarEntry[];
  try {
    const isCompressed = archive[0] === 0x1f && archive[1] === 0x8b;
    entries = readTar(isCompressed ? await promisify(gunzip)(archive, { maxOutputLength: bundleBytesMax }) : archive, entriesMax);
  } catch (error) {
    throw refusal("archive", error instanceof RangeError ? `it unpacks to more than ${bundleBytesMax / 1024 / 1024} MiB` : (error as Error).message);
  }
  // Of a path only the last part counts, and that only when it is the name of one of a bundle's files.
  const files = entries.flatMap(({ name, bytes }) => bundleFileNames.filter((known) => known === basename(name)).map((known) => ({ name: known, bytes })));
  const result = files.find(({ name }) => name === "result.json");
  if (result !== undefined && result.bytes.length > resultLimits.textBytes) throw refusal("archive", "its result is longer than a result may be");
  return [...new Map(files.map((file) => [file.name, file])).values()];
}
