import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ProgramRequest } from "../../api/lab.ts";
import { programArchive } from "./archive.ts";
import { makeElf } from "./elf-fixture.ts";
import { gatherProgram, type GatheredProgram } from "./gather.ts";

let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "swaplab-gather-"));
  await mkdir(join(folder, "data/inner"), { recursive: true });
  const files: Record<string, string | Buffer> = {
    "static": makeElf({}),
    "origin": makeElf({ interpreter: "/nowhere/ld.so", needed: ["libown.so"], runpath: "$ORIGIN" }),
    "libown.so": makeElf({}),
    "shell.sh": "#!/bin/sh -e\necho\n",
    "named.py": "#!/usr/bin/env no-such-interpreter\n",
    "gone.sh": "#!/no/such/interpreter\n",
    "loop.sh": `#!${folder}/loop.sh\n`,
    "text": "hello",
    "data/one": "1",
    "data/inner/two": "2",
  };
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  await chmod(join(folder, "data/one"), 0o755);
  await symlink("inner/two", join(folder, "data/link"));
});
afterAll(async () => rm(folder, { recursive: true, force: true }));

const gather = async (asked: Partial<ProgramRequest>): Promise<GatheredProgram> =>
  gatherProgram({ program: "./static", args: [], files: [], folder, timeoutMs: 1000, kernel: "6.12", memoryMb: 1024, cold: false, ...asked });

test("a program keeps its path, starts where the person is, and is told its arguments as they are", async () => {
  const program = await gather({ args: ["a b", "", "--", "ö"] });
  expect([program.path, program.folder, program.arguments]).toEqual([join(folder, "static"), folder, ["./static", "a b", "", "--", "ö"]]);
  expect(program.files.get(join(folder, "static"))).toMatchObject({ kind: "file", executable: true });
  expect(program.environment.map((text) => text.split("=")[0])).toEqual(["PATH", "HOME"]);
  const archive = (await programArchive(program)).toString("utf8");
  expect(archive).toContain(`\0${folder}\0${folder}/static\0${2}\0PATH=`);
  expect(archive).toContain("HOME=/\0./static\0a b\0\0--\0ö\0");
});

test("files, folders and places of one's own", async () => {
  const { files } = await gather({ files: ["data", "text:/etc/text", "text:sub/", "text:renamed"] });
  const shape = Object.fromEntries([...files].map(([path, file]) => [path.replace(folder, "."), file.kind === "symlink" ? file.target : file.kind]));
  expect(shape).toMatchObject({
    "./data": "folder", "./data/one": "file", "./data/inner/two": "file", "./data/link": "inner/two",
    "/etc": "folder", "/etc/text": "file", "./sub/text": "file", "./renamed": "file",
  });
  expect(files.get(join(folder, "data/one"))).toMatchObject({ executable: true });
  expect(files.get("/etc/text")).toMatchObject({ executable: false });
  // A folder comes before what is in it.
  const paths = [...files.keys()];
  expect(paths.indexOf("/etc")).toBeLessThan(paths.indexOf("/etc/text"));
});

test("a library that is asked for counts as there", async () => {
  const { libraries } = await gather({ program: "origin", files: ["static:/nowhere/ld.so"] });
  expect(libraries).toEqual([join(folder, "libown.so")]);
});

test("a shell script runs with this machine's shell, or the guest's", async () => {
  const { libraries, files } = await gather({ program: "shell.sh" });
  expect([...files.keys()].includes("/bin/sh")).toBe(libraries.includes("/bin/sh"));
});

describe("what cannot be run is refused with a reason", () => {
  test.each<[string, Partial<ProgramRequest>, RegExp]>([
    ["a program that is not there", { program: "./none" }, /none: there is no such file/],
    ["a folder", { program: "./data" }, /data: it is not a regular file/],
    ["a text", { program: "./text" }, /neither a program nor a script/],
    ["a script without its interpreter", { program: "./gone.sh" }, /gone\.sh: its interpreter \/no\/such\/interpreter was not found/],
    ["a script whose interpreter no folder has", { program: "./named.py" }, /no-such-interpreter was not found in/],
    ["a dynamic program without its loader", { program: "./origin" }, /its dynamic loader \/nowhere\/ld\.so was not found/],
    ["a file that is not there", { files: ["gone.txt"] }, /gone\.txt: there is no such file/],
    ["a place that the guest has itself", { files: ["text:/proc/text"] }, /the guest has a \/proc of its own/],
  ])("%s", async (_, asked, message) => {
    await expect(gather(asked)).rejects.toThrow(message);
  });
});

test("a script that is its own interpreter is left to the guest's kernel", async () => {
  expect((await gather({ program: "./loop.sh" })).path).toBe(join(folder, "loop.sh"));
});
