import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeCpio } from "./cpio.ts";
import { buildInitramfs } from "./initramfs.ts";

interface Unpacked {
  readonly path: string;
  readonly inode: number;
  readonly mode: number;
  readonly modifiedAt: number;
  readonly device: string;
  readonly text: string;
}

/** Reads an archive back by the field table of the format, independently of the writer. */
function unpack(archive: Buffer): Unpacked[] {
  const entries: Unpacked[] = [];
  const field = (start: number, index: number): number => Number.parseInt(archive.toString("latin1", start + 6 + index * 8, start + 14 + index * 8), 16);
  const align = (offset: number): number => Math.ceil(offset / 4) * 4;
  for (let start = 0; start < archive.length; ) {
    expect(archive.toString("latin1", start, start + 6)).toBe("070701");
    const nameEnd = start + 110 + field(start, 11);
    expect(archive[nameEnd - 1]).toBe(0);
    const contentStart = align(nameEnd);
    const contentEnd = contentStart + field(start, 6);
    entries.push({
      path: archive.toString("latin1", start + 110, nameEnd - 1),
      inode: field(start, 0),
      mode: field(start, 1),
      modifiedAt: field(start, 5),
      device: `${field(start, 9)}:${field(start, 10)}`,
      text: archive.toString("latin1", contentStart, contentEnd),
    });
    start = align(contentEnd);
  }
  return entries;
}

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "swaplab-initramfs-"));
  await writeFile(join(folder, "agent"), "agent!");
  await writeFile(join(folder, "busybox"), "box");
});

afterAll(() => rm(folder, { recursive: true }));

const parts = (...moduleNames: string[]): Parameters<typeof buildInitramfs>[0] => ({
  agentPath: join(folder, "agent"),
  busyboxPath: join(folder, "busybox"),
  modules: moduleNames.map((name) => ({ name, bytes: Buffer.from(`module ${name}`) })),
});

test("an archive holds every kind of entry as it was given, and ends with its trailer", () => {
  const archive = writeCpio([
    { kind: "directory", path: "dev" },
    { kind: "character-device", path: "dev/console", major: 5, minor: 1 },
    { kind: "file", path: "odd", bytes: Buffer.from("12345"), executable: false },
    { kind: "file", path: "init", bytes: Buffer.from("run"), executable: true },
    { kind: "symlink", path: "sh", target: "init" },
  ]);
  expect(unpack(archive)).toEqual([
    { path: "dev", inode: 1, mode: 0o040755, modifiedAt: 0, device: "0:0", text: "" },
    { path: "dev/console", inode: 2, mode: 0o020600, modifiedAt: 0, device: "5:1", text: "" },
    { path: "odd", inode: 3, mode: 0o100644, modifiedAt: 0, device: "0:0", text: "12345" },
    { path: "init", inode: 4, mode: 0o100755, modifiedAt: 0, device: "0:0", text: "run" },
    { path: "sh", inode: 5, mode: 0o120777, modifiedAt: 0, device: "0:0", text: "init" },
    { path: "TRAILER!!!", inode: 0, mode: 0, modifiedAt: 0, device: "0:0", text: "" },
  ]);
});

test("the image has what the agent relies on", async () => {
  const entries = new Map(unpack(await buildInitramfs(parts("brd"))).map((entry) => [entry.path, entry]));
  expect(entries.get("init")).toMatchObject({ mode: 0o100755, text: "agent!" });
  expect(entries.get("bin/sh")).toMatchObject({ mode: 0o120777, text: "busybox" });
  expect(entries.get("lib/modules/brd.ko")?.text).toBe("module brd");
  expect(entries.get("dev/console")).toMatchObject({ mode: 0o020600, device: "5:1" });
  for (const path of ["dev", "proc", "sys", "tmp"]) expect(entries.get(path)?.mode).toBe(0o040755);
});

test("a folder comes before what is in it", async () => {
  const paths = unpack(await buildInitramfs(parts("brd"))).map(({ path }) => path);
  const orphans = paths.filter((path, index) => path.includes("/") && !paths.slice(0, index).includes(path.slice(0, path.lastIndexOf("/"))));
  expect(orphans).toEqual([]);
  expect(paths).toContain("lib/modules/brd.ko");
});

test("equal parts give equal bytes, in whatever order the modules are named", async () => {
  const image = await buildInitramfs(parts("scsi_mod", "sd_mod"));
  expect(await buildInitramfs(parts("sd_mod", "scsi_mod"))).toEqual(image);
  expect(await buildInitramfs(parts("sd_mod"))).not.toEqual(image);
});

test("a part that is missing is named with what to do", async () => {
  await expect(buildInitramfs({ ...parts(), busyboxPath: join(folder, "none") })).rejects.toMatchObject({
    kind: "host",
    where: join(folder, "none"),
    next: expect.stringContaining("busybox-static"),
  });
});
