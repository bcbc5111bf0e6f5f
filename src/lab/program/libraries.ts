import { readdir, readFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { LabError } from "../errors.ts";
import { type ElfFile, readElf } from "./elf-file.ts";

/** Where dynamic loaders look without being told. Source: ld.so(8); the first two are Debian's. */
const defaultFolders = ["/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib64", "/usr/lib64", "/lib", "/usr/lib"] as const;
const configPath = "/etc/ld.so.conf";
/** A configuration includes others; one that includes itself ends here. */
const includeDepthMax = 5;

/** A program or a library, where the guest will have it. */
interface Loaded {
  readonly path: string;
  readonly elf: ElfFile;
  /** Folders of what loaded it that hold for it too. */
  readonly inherited: readonly string[];
}

/** Reads what the guest will have at a path, from wherever it comes; null when it will have nothing there. */
export type ReadGuestFile = (path: string) => Promise<Buffer | null>;

export interface Libraries {
  /** Paths in the guest, the dynamic loader's first. */
  readonly paths: readonly string[];
  /** Folders that this machine's loader knows from its configuration and the guest's has to be told of. */
  readonly toldFolders: readonly string[];
}

/**
 * The dynamic loader of a program and all libraries that it will load at its start, found as the loader finds them, without
 * running anything. What a program loads later, by a name of its own, cannot be known.
 *
 * @throws LabError `usage` naming a library that is not there, and what needs it
 */
export async function findLibraries(path: string, elf: ElfFile, read: ReadGuestFile): Promise<Libraries> {
  const search = new LibrarySearch(read, await systemFolders());
  await search.load({ path, elf, inherited: [] });
  const loader = elf.interpreter === "" ? [] : [elf.interpreter];
  if (loader[0] !== undefined && (await read(loader[0])) === null) throw missing(`its dynamic loader ${loader[0]}`, path);
  return { paths: [...loader, ...search.found.values()], toldFolders: [...search.toldFolders] };
}

class LibrarySearch {
  /** Path by the name under which it was asked for: a loader loads each name once. */
  readonly found = new Map<string, string>();
  readonly toldFolders = new Set<string>();
  private readonly read: ReadGuestFile;
  private readonly folders: readonly string[];

  constructor(read: ReadGuestFile, folders: readonly string[]) {
    this.read = read;
    this.folders = folders;
  }

  /** Breadth first, as loaders do: which of several libraries of one name is taken depends on it. */
  async load(program: Loaded): Promise<void> {
    const loaderName = basename(program.elf.interpreter);
    for (let level: Loaded[] = [program]; level.length > 0; ) {
      const next: Loaded[] = [];
      for (const object of level) {
        for (const name of object.elf.needed) {
          // The loader is a library too, and there already.
          if (this.found.has(name) || name === loaderName) continue;
          next.push(await this.find(name, object));
        }
      }
      level = next;
    }
  }

  private async find(name: string, by: Loaded): Promise<Loaded> {
    const own = [...by.elf.rpath.map((folder) => expand(folder, by.path)), ...by.inherited];
    // What an object says in the newer form takes the place of everything said in the older one.
    const said = by.elf.runpath.length > 0 ? by.elf.runpath.map((folder) => expand(folder, by.path)) : own;
    const folders = name.includes("/") ? [""] : [...said, ...this.folders, ...defaultFolders];
    for (const folder of folders) {
      const path = folder === "" ? resolve(name) : join(folder, name);
      const bytes = await this.read(path);
      const elf = bytes === null ? null : readElf(bytes);
      if (elf === null) continue;
      this.found.set(name, path);
      const isKnown = folder === "" || said.includes(folder) || defaultFolders.some((known) => known === folder);
      if (!isKnown) this.toldFolders.add(folder);
      return { path, elf, inherited: own };
    }
    throw missing(`the library ${name}`, by.path);
  }
}

function missing(what: string, neededBy: string): LabError {
  return new LabError("usage", {
    what: `${what} was not found on this machine`,
    where: neededBy,
    next: "Install it, add it with --file PATH:GUESTPATH, or link the program with -static.",
  });
}

/** $ORIGIN is the folder of the object that says it, $LIB and $PLATFORM what they are on x86-64. Source: ld.so(8). */
function expand(folder: string, objectPath: string): string {
  const words: Readonly<Record<string, string>> = { ORIGIN: dirname(objectPath), LIB: "lib/x86_64-linux-gnu", PLATFORM: "x86_64" };
  return resolve(dirname(objectPath), folder.replaceAll(/\$(?:\{(\w+)\}|(ORIGIN|LIB|PLATFORM))/g, (all, braced?: string, bare?: string) => words[braced ?? bare ?? ""] ?? all));
}

/** Folders that this machine's loader is configured with. Its cache is made of them. */
async function systemFolders(path = configPath, depth = 0): Promise<string[]> {
  const text = await readFile(path, "utf8").catch(() => "");
  const folders: string[] = [];
  for (const line of text.split("\n").map((raw) => raw.replace(/#.*/, "").trim())) {
    const included = /^include\s+(\S+)$/.exec(line)?.[1];
    if (included !== undefined && depth < includeDepthMax) {
      for (const file of await filesLike(resolve(dirname(path), included))) folders.push(...(await systemFolders(file, depth + 1)));
    } else if (line.startsWith("/")) folders.push(line);
  }
  return folders;
}

/** A path whose last part may have stars. */
async function filesLike(pattern: string): Promise<string[]> {
  const form = new RegExp(`^${basename(pattern).replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`).replaceAll("*", ".*")}$`);
  const names = await readdir(dirname(pattern)).catch(() => []);
  return names.filter((name) => form.test(name)).toSorted().map((name) => join(dirname(pattern), name));
}
