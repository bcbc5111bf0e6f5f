import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, readFile, readdir, stat, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import * as v from "valibot";
import { LabError } from "../errors.ts";
import { runChecked } from "../process.ts";
import { bzImageHeadBytes, decompressPayload, parseBzImage } from "./bzimage.ts";
import { parseConfig } from "./config.ts";
import type { KernelImage, LongTask } from "./image.ts";
import { readBuffer, readFileAt, readVmlinux } from "./vmlinux.ts";

/** A kernel prepared in a folder of the cache, with a record beside it, so that later runs need neither network nor tools. */

const recordName = "kernel.json";
const depmodDeadlineMs = 120_000;

const recordSchema = v.object({
  schema: v.literal("swaplab.kernel/1"),
  name: v.string(),
  release: v.string(),
  packageVersion: v.string(),
  /** Paths are relative to the record's folder, or absolute for files of one's own that are used in place. */
  bootFile: v.string(),
  bootKind: v.picklist(["pvh", "bzimage"]),
  bootBytes: v.number(),
  vmlinuxFile: v.string(),
  sha256: v.string(),
  hasConfig: v.boolean(),
  modulesFolder: v.string(),
  /** Of the whole folder. */
  sizeBytes: v.number(),
});
export type KernelRecord = v.InferOutput<typeof recordSchema>;

/** What a kernel folder is made from. */
export interface KernelParts {
  readonly name: string;
  readonly packageVersion: string;
  /** The compressed image, or a vmlinux of one's own with a PVH entry. */
  readonly image: { readonly kind: "bzimage"; readonly bytes: Buffer } | { readonly kind: "vmlinux"; readonly path: string };
  /** The configuration as text when it lies beside the kernel. One inside the kernel comes first: it cannot be stale. */
  readonly configText: string | null;
  /** Brings lib/modules/<release> into the folder; false when there are no modules. */
  readonly placeModules: (folder: string, release: string) => Promise<boolean>;
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

async function folderBytes(folder: string): Promise<number> {
  let total = 0;
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (entry.isFile()) total += (await stat(join(entry.parentPath, entry.name))).size;
  }
  return total;
}

interface BootFacts {
  readonly bootFile: string;
  readonly bootKind: "pvh" | "bzimage";
  readonly vmlinuxFile: string;
  readonly release: string;
  readonly configText: string | null;
}

/** Takes the ELF out of a bzImage and starts that where it can be started; else the image itself. */
async function prepareBzImage(image: Buffer, folder: string, task: LongTask): Promise<BootFacts> {
  const header = parseBzImage(image.subarray(0, bzImageHeadBytes));
  if (header === null) throw new LabError("invalid", { what: "not a bzImage", where: folder });
  task.progress?.("unpack", "taking the kernel out of its image");
  const kernel = await decompressPayload(image.subarray(header.payloadOffset, header.payloadOffset + header.payloadBytes), task);
  const facts = kernel === null ? null : await readVmlinux(readBuffer(kernel));
  if (kernel !== null && facts !== null) await writeFile(join(folder, "vmlinux"), kernel);
  const canStartElf = facts?.hasPvhEntry === true;
  if (!canStartElf) await writeFile(join(folder, "bzImage"), image);
  return {
    bootFile: canStartElf ? "vmlinux" : "bzImage",
    bootKind: canStartElf ? "pvh" : "bzimage",
    vmlinuxFile: facts === null ? "" : "vmlinux",
    release: header.release || (facts?.release ?? ""),
    configText: facts?.configText ?? null,
  };
}

/** A vmlinux is used in place: with debug information it is half a gigabyte. */
async function prepareVmlinux(path: string): Promise<BootFacts> {
  const file = await open(path);
  try {
    const facts = await readVmlinux(readFileAt(file));
    if (facts === null) throw new LabError("invalid", { what: "not an x86-64 vmlinux", where: path });
    return { bootFile: path, bootKind: "pvh", vmlinuxFile: path, release: facts.release, configText: facts.configText };
  } finally {
    await file.close();
  }
}

/** Fills a folder with a kernel that is ready to boot and writes its record. */
export async function storeKernel(folder: string, parts: KernelParts, task: LongTask): Promise<KernelRecord> {
  const { image } = parts;
  const boot = image.kind === "bzimage" ? await prepareBzImage(image.bytes, folder, task) : await prepareVmlinux(image.path);
  const configText = boot.configText ?? parts.configText;
  if (configText !== null) await writeFile(join(folder, "config"), configText);

  const hasModules = boot.release !== "" && (await parts.placeModules(folder, boot.release));
  if (hasModules) {
    task.progress?.("modules", "depmod");
    await runChecked("depmod", ["-b", folder, boot.release], { deadlineMs: depmodDeadlineMs, signal: task.signal });
  }
  const bootPath = resolve(folder, boot.bootFile);
  const record: KernelRecord = {
    schema: "swaplab.kernel/1",
    name: parts.name,
    release: boot.release,
    packageVersion: parts.packageVersion,
    bootFile: boot.bootFile,
    bootKind: boot.bootKind,
    bootBytes: (await stat(bootPath)).size,
    vmlinuxFile: boot.vmlinuxFile,
    sha256: await sha256Of(bootPath),
    hasConfig: configText !== null,
    modulesFolder: hasModules ? join("lib/modules", boot.release) : "",
    sizeBytes: await folderBytes(folder),
  };
  await writeFile(join(folder, recordName), `${JSON.stringify(record, null, 2)}\n`);
  return record;
}

/** The record of a prepared kernel; null when there is none or it does not fit what lies beside it. */
export async function readRecord(folder: string): Promise<KernelRecord | null> {
  try {
    const parsed = v.safeParse(recordSchema, JSON.parse(await readFile(join(folder, recordName), "utf8")));
    if (!parsed.success) return null;
    const { bootFile, bootBytes, hasConfig, modulesFolder } = parsed.output;
    if (hasConfig) await stat(join(folder, "config"));
    if (modulesFolder !== "") await stat(join(folder, modulesFolder, "modules.dep"));
    return (await stat(resolve(folder, bootFile))).size === bootBytes ? parsed.output : null;
  } catch {
    return null;
  }
}

/** A prepared kernel, under the name by which it was asked for. */
export async function loadKernel(folder: string, record: KernelRecord, name: string): Promise<KernelImage> {
  return {
    name,
    release: record.release,
    packageVersion: record.packageVersion,
    bootPath: resolve(folder, record.bootFile),
    bootKind: record.bootKind,
    vmlinuxPath: record.vmlinuxFile === "" ? "" : resolve(folder, record.vmlinuxFile),
    sha256: record.sha256,
    config: record.hasConfig ? parseConfig(await readFile(join(folder, "config"), "utf8")) : null,
    modulesDir: record.modulesFolder === "" ? "" : join(folder, record.modulesFolder),
  };
}
