import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { LabError } from "../errors.ts";
import { runForBytes } from "../process.ts";
import type { DeviceName } from "../../workload/ops.ts";
import { deviceDrivers, zramDefaultCompressor } from "./drivers.ts";
import type { KernelImage, LongTask } from "./image.ts";

/** Finds the modules that an experiment needs, with what they depend on, ready for the guest to load one after the other. */

const decompressDeadlineMs = 30_000;
/** A module is rarely above 2 MB. */
const maxModuleBytes = 64 * 1024 * 1024;

export interface ModuleFile {
  /** Plain file name, "zram.ko". */
  readonly fileName: string;
  /** The decompressed module. */
  readonly data: Buffer;
}

export interface ModuleSet {
  /** In load order. */
  readonly load: readonly ModuleFile[];
  /** Asked for and built into the kernel. */
  readonly builtin: readonly string[];
  /** Asked for and neither a module nor built in. */
  readonly missing: readonly string[];
  /** Asked for, but this kernel came without modules.builtin and modules.dep: the guest will tell. */
  readonly unknown: readonly string[];
}

/** The kernel treats - and _ in module names as the same. */
export function moduleName(path: string): string {
  return basename(path).replace(/\.ko(?:\.(?:xz|zst|gz))?$/, "").replaceAll("-", "_");
}

/** What modules.dep says: by module name its path and the paths it depends on, in the file's order. */
export type ModuleIndex = ReadonlyMap<string, { readonly path: string; readonly dependencies: readonly string[] }>;

export function parseModulesDep(text: string): ModuleIndex {
  const index = new Map<string, { path: string; dependencies: string[] }>();
  for (const line of text.split("\n")) {
    const colon = line.indexOf(":");
    if (colon < 0) continue;
    const path = line.slice(0, colon);
    index.set(moduleName(path), { path, dependencies: line.slice(colon + 1).split(" ").filter((word) => word !== "") });
  }
  return index;
}

/** Names in modules.builtin. */
export function parseModulesBuiltin(text: string): ReadonlySet<string> {
  return new Set(text.split("\n").filter((line) => line !== "").map(moduleName));
}

/** Paths in the order in which they must be loaded. depmod lists what a module needs with the first to load last. */
export function loadOrder(index: ModuleIndex, names: readonly string[]): string[] {
  const order = new Set<string>();
  for (const name of names) {
    const entry = index.get(moduleName(name));
    if (entry === undefined) continue;
    for (const path of entry.dependencies.toReversed()) order.add(path);
    order.add(entry.path);
  }
  return [...order];
}

async function decompress(path: string, file: Buffer, task: LongTask): Promise<Buffer | null> {
  if (path.endsWith(".gz")) return gunzipSync(file, { maxOutputLength: maxModuleBytes });
  const program = path.endsWith(".xz") ? "xz" : path.endsWith(".zst") ? "zstd" : null;
  if (program === null) return file;
  const result = await runForBytes(program, ["-dc"], { input: file, deadlineMs: decompressDeadlineMs, maxStdoutBytes: maxModuleBytes, signal: task.signal });
  return result.exitCode === 0 ? result.stdout : null;
}

async function readModule(path: string, task: LongTask): Promise<Buffer> {
  const data = await decompress(path, await readFile(path), task);
  if (data !== null && data.length > 4 && data.readUInt32BE(0) === 0x7f454c46) return data;
  throw new LabError("host", { what: "not a kernel module, or damaged", where: path, next: "Build it again, or remove this kernel's folder from the cache so that it is fetched again." });
}

async function textOrNull(path: string): Promise<string | null> {
  return readFile(path, "utf8").catch(() => null);
}

/**
 * The modules called `names`, and before each what it depends on.
 *
 * @throws LabError `host` when a module file is damaged; CommandError when xz or zstd is missing
 */
export async function modulesFor(kernel: KernelImage, names: readonly string[], task: LongTask = {}): Promise<ModuleSet> {
  const dep = kernel.modulesDir === "" ? null : await textOrNull(join(kernel.modulesDir, "modules.dep"));
  if (dep === null) return { load: [], builtin: [], missing: [], unknown: [...names] };
  const index = parseModulesDep(dep);
  const builtinNames = parseModulesBuiltin((await textOrNull(join(kernel.modulesDir, "modules.builtin"))) ?? "");

  const builtin = names.filter((name) => builtinNames.has(moduleName(name)));
  const missing = names.filter((name) => !builtinNames.has(moduleName(name)) && !index.has(moduleName(name)));
  const load: ModuleFile[] = [];
  for (const path of loadOrder(index, names)) {
    load.push({ fileName: basename(path).replace(/\.(?:xz|zst|gz)$/, ""), data: await readModule(join(kernel.modulesDir, path), task) });
  }
  return { load, builtin, missing, unknown: [] };
}

/** The modules for swapping to `devices`; zram's compressor comes along where it is a module of its own, and is never missing. */
export async function modulesForDevices(kernel: KernelImage, devices: readonly DeviceName[], task: LongTask = {}): Promise<ModuleSet> {
  const names = [...new Set(devices.flatMap((device) => deviceDrivers[device].map((driver) => driver.module)))];
  if (!devices.includes("zram")) return modulesFor(kernel, names, task);
  const compressor = kernel.config?.get("CONFIG_ZRAM_DEF_COMP") ?? zramDefaultCompressor;
  const set = await modulesFor(kernel, [compressor, ...names], task);
  const isWanted = (name: string): boolean => names.includes(name);
  return { ...set, missing: set.missing.filter(isWanted), unknown: set.unknown.filter(isWanted) };
}
