import { readFile } from "node:fs/promises";
import { type CpioEntry, writeCpio } from "../cpio.ts";
import { LabError } from "../errors.ts";
import { busyboxPath } from "../guest-image.ts";
import type { GatheredProgram, GuestFile } from "./gather.ts";

/** Folders of the guest's root that it needs whatever is brought in. */
const folders = ["root", "root/bin", "root/proc", "root/sys", "root/dev", "root/busybox"];

/** Everything that the agent unpacks: the program's root, and beside it how to start it. */
export async function programArchive(program: GatheredProgram): Promise<Buffer> {
  const busybox = await readFile(busyboxPath).catch((error: unknown) => {
    throw new LabError("host", { what: "there is no busybox", where: busyboxPath, next: "Install the Debian package busybox-static." }, { cause: error });
  });
  const entries: CpioEntry[] = [
    ...folders.map((path): CpioEntry => ({ kind: "directory", path })),
    ...[...program.files].filter(([path]) => !folders.includes(`root${path}`)).map(([path, file]) => entryOf(`root${path}`, file)),
    { kind: "file", path: "start", bytes: startText(program), executable: false },
  ];
  if (!program.files.has("/bin/busybox")) entries.push({ kind: "file", path: "root/bin/busybox", bytes: busybox, executable: true });
  if (!program.files.has("/bin/sh")) entries.push({ kind: "symlink", path: "root/bin/sh", target: "busybox" });
  return writeCpio(entries);
}

function entryOf(path: string, file: GuestFile): CpioEntry {
  if (file.kind === "folder") return { kind: "directory", path };
  return file.kind === "symlink" ? { kind: "symlink", path, target: file.target } : { kind: "file", path, bytes: file.bytes, executable: file.executable };
}

/** Strings one after the other: folder, path, how many strings of environment follow, these, then the arguments. */
function startText({ folder, path, environment, arguments: words }: GatheredProgram): Buffer {
  return Buffer.from([folder, path, String(environment.length), ...environment, ...words].map((text) => `${text}\0`).join(""));
}
