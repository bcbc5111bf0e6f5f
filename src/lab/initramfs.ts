import { readFile } from "node:fs/promises";
import { writeCpio, type CpioEntry } from "./cpio.ts";
import { LabError } from "./errors.ts";

/** A kernel module as the guest loads it: `brd` for `/lib/modules/brd.ko`, not compressed. */
export interface GuestModule {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface InitramfsParts {
  /** The guest's agent, a static binary: becomes /init. */
  readonly agentPath: string;
  /** A static busybox, for the person at the console. */
  readonly busyboxPath: string;
  readonly modules: readonly GuestModule[];
}

async function readPart(path: string, next: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new LabError("host", { what: `${(error as NodeJS.ErrnoException).code ?? "error"} while reading a part of the guest's image`, where: path, next }, { cause: error });
  }
}

const directories = ["bin", "dev", "lib", "lib/modules", "proc", "sys", "tmp"];

/**
 * The guest's root file system as an uncompressed archive; equal parts give equal bytes, so that the
 * result can be named by its hash. It is not compressed because unpacking under emulation costs
 * more than reading.
 */
export async function buildInitramfs(parts: InitramfsParts): Promise<Buffer> {
  const agent = await readPart(parts.agentPath, "Build the agent again.");
  const busybox = await readPart(parts.busyboxPath, "Install the Debian package busybox-static.");
  // Sorted: the order in which modules are asked for must not change the image.
  const modules = parts.modules.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const entries: CpioEntry[] = [
    ...directories.map((path): CpioEntry => ({ kind: "directory", path })),
    // The kernel opens it as the standard streams of PID 1 before anything can be mounted.
    { kind: "character-device", path: "dev/console", major: 5, minor: 1 },
    { kind: "file", path: "init", bytes: agent, executable: true },
    { kind: "file", path: "bin/busybox", bytes: busybox, executable: true },
    { kind: "symlink", path: "bin/sh", target: "busybox" },
    ...modules.map((module): CpioEntry => ({ kind: "file", path: `lib/modules/${module.name}.ko`, bytes: module.bytes, executable: false })),
  ];
  return writeCpio(entries);
}
