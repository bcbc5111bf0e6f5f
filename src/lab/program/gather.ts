import { createHash } from "node:crypto";
import { readdir, readFile, readlink, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { ProgramRequest } from "../../api/lab.ts";
import { LabError } from "../errors.ts";
import { isElf, readElf } from "./elf-file.ts";
import { findLibraries } from "./libraries.ts";

/** Something that the guest gets. */
export type GuestFile =
  | { readonly kind: "file"; readonly bytes: Buffer; readonly executable: boolean }
  | { readonly kind: "symlink"; readonly target: string }
  | { readonly kind: "folder" };

/** A program with everything that it needs, by the paths that all of it has in the guest. */
export interface GatheredProgram {
  readonly path: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  /** Loader, libraries and interpreters that were found for it. */
  readonly libraries: readonly string[];
  readonly files: ReadonlyMap<string, GuestFile>;
  /** Where it starts. */
  readonly folder: string;
  readonly environment: readonly string[];
  readonly arguments: readonly string[];
}

/** What the guest has there hides whatever is brought in. */
const hidden = ["/proc", "/sys", "/dev"];
/** All of it lies in the guest's memory. */
const totalBytesMax = 512 * 1024 * 1024;
const filesMax = 20_000;
/** Scripts may name scripts. Kernel: exec_binprm gives up after so many. */
const interpreterDepthMax = 5;
const searchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/busybox";

/**
 * Finds a program, what starts it, its libraries and the files that were asked for. Everything keeps the path that it has here
 * unless another is asked for, and the program starts in the same folder, so that what works here works there.
 *
 * @throws LabError `usage` naming what is not there or cannot be run
 */
export async function gatherProgram(request: ProgramRequest): Promise<GatheredProgram> {
  const gathering = new Gathering(request.folder);
  for (const text of request.files) await gathering.addAsked(text);
  const path = resolve(request.folder, request.program);
  const bytes = await gathering.addProgram(path);
  return {
    path,
    sha256: createHash("sha256").update(bytes).digest("hex"),
    sizeBytes: bytes.length,
    libraries: [...gathering.found],
    files: gathering.files,
    folder: request.folder,
    environment: gathering.environment(),
    arguments: [request.program, ...request.args],
  };
}

class Gathering {
  readonly files = new Map<string, GuestFile>();
  readonly found = new Set<string>();
  private readonly toldFolders = new Set<string>();
  private readonly folder: string;
  private totalBytes = 0;

  constructor(folder: string) {
    this.folder = folder;
    this.put(folder, { kind: "folder" });
  }

  environment(): string[] {
    const told = this.toldFolders.size === 0 ? [] : [`LD_LIBRARY_PATH=${[...this.toldFolders].join(":")}`];
    return [`PATH=${searchPath}`, "HOME=/", ...told];
  }

  /** `PATH` or `PATH:GUESTPATH`; a folder with everything in it. */
  async addAsked(text: string): Promise<void> {
    const colon = text.lastIndexOf(":");
    const isWhole = colon <= 0 || (await stat(resolve(this.folder, text)).catch(() => null)) !== null;
    const [from, to] = isWhole ? [text, text] : [text.slice(0, colon), text.slice(colon + 1)];
    const source = resolve(this.folder, from);
    const target = resolve(this.folder, to.endsWith("/") && !isWhole ? join(to, basename(source)) : to);
    await this.addTree(source, target);
    for (const path of [...this.files.keys()].filter((added) => added === target || added.startsWith(`${target}/`))) await this.addLibrariesOf(path);
  }

  private async addTree(source: string, target: string): Promise<void> {
    const found = await stat(source).catch((error: unknown) => {
      throw cannotRead(source, error);
    });
    if (!found.isDirectory()) {
      await this.addFile(source, target);
      return;
    }
    this.put(target, { kind: "folder" });
    for (const entry of await readdir(source, { withFileTypes: true })) {
      const [from, to] = [join(source, entry.name), join(target, entry.name)];
      if (entry.isSymbolicLink()) this.put(to, { kind: "symlink", target: await readlink(from) });
      else if (entry.isDirectory() || entry.isFile()) await this.addTree(from, to);
    }
  }

  /** @returns the program's bytes */
  async addProgram(path: string): Promise<Buffer> {
    const bytes = await this.addFile(path, path, true);
    await this.addWhatStarts(path, bytes, 0);
    return bytes;
  }

  private async addWhatStarts(path: string, bytes: Buffer, depth: number): Promise<void> {
    if (isElf(bytes)) {
      if (readElf(bytes) === null) throw cannotStart(path, "it is a program for another machine than x86-64");
      await this.addLibrariesOf(path);
      return;
    }
    const script = /^#![ \t]*([^\s]+)[ \t]*([^\n]*)/.exec(bytes.toString("latin1", 0, 256));
    if (script === null) throw cannotStart(path, "it is neither a program nor a script that says #! and its interpreter");
    if (depth === interpreterDepthMax) throw cannotStart(path, "one interpreter leads to another without end");
    const [, interpreter = "", rest = ""] = script;
    await this.addInterpreter(path, interpreter, depth);
    if (basename(interpreter) === "env") await this.addNamed(path, rest, depth);
  }

  private async addInterpreter(path: string, interpreter: string, depth: number): Promise<void> {
    const found = resolve(this.folder, interpreter);
    if (this.files.has(found)) return;
    if ((await stat(found).catch(() => null)) === null) {
      // The guest has busybox at hand.
      if (found === "/bin/sh") return;
      throw cannotStart(path, `its interpreter ${interpreter} was not found on this machine`);
    }
    const bytes = await this.addFile(found, found, true);
    this.found.add(found);
    await this.addWhatStarts(found, bytes, depth + 1);
  }

  /** `#!/usr/bin/env python3`: what is named is looked for in the search path. */
  private async addNamed(path: string, rest: string, depth: number): Promise<void> {
    const name = rest.split(/\s+/).find((word) => word !== "" && !word.startsWith("-") && !word.includes("="));
    if (name === undefined) return;
    for (const folder of searchPath.split(":")) {
      if ((await stat(join(folder, name)).catch(() => null))?.isFile() === true) return this.addInterpreter(path, join(folder, name), depth);
    }
    throw cannotStart(path, `its interpreter ${name} was not found in ${searchPath}`);
  }

  private async addLibrariesOf(path: string): Promise<void> {
    const file = this.files.get(path);
    const elf = file?.kind === "file" && isElf(file.bytes) ? readElf(file.bytes) : null;
    if (elf === null || (elf.interpreter === "" && elf.needed.length === 0)) return;
    const { paths, toldFolders } = await findLibraries(path, elf, (wanted) => this.read(wanted));
    for (const folder of toldFolders) this.toldFolders.add(folder);
    for (const library of paths) {
      if (this.files.has(library)) continue;
      await this.addFile(library, library, true);
      this.found.add(library);
    }
  }

  /** What the guest will have there: a file that was asked for, or else this machine's. */
  private async read(path: string): Promise<Buffer | null> {
    const added = this.files.get(path);
    if (added?.kind === "file") return added.bytes;
    return readFile(path).catch(() => null);
  }

  private async addFile(source: string, target: string, executable?: true): Promise<Buffer> {
    const found = await stat(source).catch((error: unknown) => {
      throw cannotRead(source, error);
    });
    if (!found.isFile()) throw new LabError("usage", { what: "it is not a regular file", where: source });
    this.totalBytes += found.size;
    if (this.totalBytes > totalBytesMax) throw new LabError("usage", { what: `all files together take more than ${totalBytesMax / 1024 ** 2} MiB`, where: source });
    const bytes = await readFile(source).catch((error: unknown) => {
      throw cannotRead(source, error);
    });
    this.put(target, { kind: "file", bytes, executable: executable ?? (found.mode & 0o111) !== 0 });
    return bytes;
  }

  /** The folders above it come first. */
  private put(path: string, file: GuestFile): void {
    const inside = hidden.find((folder) => path === folder || path.startsWith(`${folder}/`));
    if (inside !== undefined) throw new LabError("usage", { what: `the guest has a ${inside} of its own`, where: path, next: "Use files of another folder, or --file PATH:GUESTPATH." });
    if (path !== "/" && !this.files.has(dirname(path))) this.put(dirname(path), { kind: "folder" });
    if (path !== "/") this.files.set(path, file);
    if (this.files.size > filesMax) throw new LabError("usage", { what: `there are more than ${filesMax} files`, where: path });
  }
}

function cannotRead(path: string, error: unknown): LabError {
  const code = (error as NodeJS.ErrnoException).code ?? String(error);
  const what = code === "ENOENT" ? "there is no such file" : `it cannot be read (${code})`;
  return new LabError("usage", { what, where: path, next: "--program and --file take paths of files on this machine." }, { cause: error });
}

const cannotStart = (path: string, what: string): LabError => new LabError("usage", { what, where: path });
