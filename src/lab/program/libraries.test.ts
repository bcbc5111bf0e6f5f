import { expect, test } from "vitest";
import { makeElf, type ElfWords } from "./elf-fixture.ts";
import { readElf } from "./elf-file.ts";
import { findLibraries } from "./libraries.ts";

const loader = "/lib64/ld-linux-x86-64.so.2";

/** Finds the libraries of /home/me/test among these files. */
async function find(program: ElfWords, libraries: Readonly<Record<string, ElfWords>>): Promise<readonly string[]> {
  const files = new Map(Object.entries({ [loader]: {}, ...libraries }).map(([path, words]) => [path, makeElf(words)]));
  const elf = readElf(makeElf({ interpreter: loader, ...program }))!;
  return (await findLibraries("/home/me/test", elf, async (path) => files.get(path) ?? null)).paths;
}

test("the loader first, then level by level, each name once", async () => {
  const libc = { needed: ["ld-linux-x86-64.so.2"] };
  expect(
    await find({ needed: ["liba.so", "libb.so"] }, {
      "/usr/lib/liba.so": { needed: ["libc.so.6", "libb.so"] },
      "/usr/lib/libb.so": { needed: ["libc.so.6"] },
      "/lib/x86_64-linux-gnu/libc.so.6": libc,
    }),
  ).toEqual([loader, "/usr/lib/liba.so", "/usr/lib/libb.so", "/lib/x86_64-linux-gnu/libc.so.6"]);
});

test("the folder of what says $ORIGIN", async () => {
  expect(await find({ needed: ["liba.so"], runpath: "${ORIGIN}/lib" }, { "/home/me/lib/liba.so": {}, "/lib/liba.so": {} })).toEqual([loader, "/home/me/lib/liba.so"]);
});

test("the older form holds for what is loaded, the newer one does not", async () => {
  const libraries = { "/opt/liba.so": { needed: ["libb.so"] }, "/opt/libb.so": {}, "/lib/libb.so": {} };
  expect(await find({ needed: ["liba.so"], rpath: "/opt" }, libraries)).toEqual([loader, "/opt/liba.so", "/opt/libb.so"]);
  expect(await find({ needed: ["liba.so"], runpath: "/opt" }, libraries)).toEqual([loader, "/opt/liba.so", "/lib/libb.so"]);
});

test("what is no library for this machine is passed over", async () => {
  const files = new Map([[loader, makeElf({})], ["/lib/x86_64-linux-gnu/liba.so", Buffer.from("a linker script")], ["/usr/lib/liba.so", makeElf({})]]);
  const elf = readElf(makeElf({ interpreter: loader, needed: ["liba.so"] }))!;
  expect((await findLibraries("/home/me/test", elf, async (path) => files.get(path) ?? null)).paths).toEqual([loader, "/usr/lib/liba.so"]);
});

test("what is not there is named, and what needs it", async () => {
  await expect(find({ needed: ["liba.so"] }, { "/lib/liba.so": { needed: ["libgone.so.3"] } })).rejects.toMatchObject({
    kind: "usage",
    where: "/lib/liba.so",
    what: expect.stringContaining("libgone.so.3"),
    next: expect.stringContaining("--file"),
  });
});
