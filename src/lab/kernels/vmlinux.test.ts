import { expect, test } from "vitest";
import { hasPvhNote } from "./elf.ts";
import { banner, makeNote, makeVmlinux, withIkconfig } from "./fixtures.ts";
import { readBuffer, readVmlinux } from "./vmlinux.ts";

const read = (image: Buffer) => readVmlinux(readBuffer(image));

test("tells release, PVH entry and built-in configuration", async () => {
  const content = Buffer.concat([Buffer.from(banner("9.9.9-mine+")), withIkconfig("CONFIG_SWAP=y\n")]);
  expect(await read(makeVmlinux(content))).toEqual({ hasPvhEntry: true, release: "9.9.9-mine+", configText: "CONFIG_SWAP=y\n" });
});

test("tells what is not there", async () => {
  expect(await read(makeVmlinux("no kernel at all", { pvh: false }))).toEqual({ hasPvhEntry: false, release: "", configText: null });
});

test("does not take the banner's format string for a release", async () => {
  const facts = await read(makeVmlinux(`Linux version %s (%s)\0${banner("9.9.9")}`));
  expect(facts?.release).toBe("9.9.9");
});

test.each<[string, Buffer]>([
  ["another machine", makeVmlinux(banner("9.9.9"), { pvh: true, machine: 183 })],
  ["text", Buffer.from("x".repeat(200))],
  ["a cut header", makeVmlinux(banner("9.9.9")).subarray(0, 40)],
  ["nothing", Buffer.alloc(0)],
])("%s is no x86-64 ELF", async (_, image) => {
  expect(await read(image)).toBeNull();
});

test("a PVH note needs both its name and its type", () => {
  const value = Buffer.alloc(8);
  expect(hasPvhNote(makeNote("Xen", 18, value))).toBe(true);
  expect(hasPvhNote(makeNote("Xen", 6, value))).toBe(false);
  expect(hasPvhNote(makeNote("GNU", 18, value))).toBe(false);
  expect(hasPvhNote(Buffer.concat([makeNote("GNU", 3, Buffer.alloc(5)), makeNote("Xen", 18, value)]))).toBe(true);
  expect(hasPvhNote(makeNote("Xen", 18, value).subarray(0, 11))).toBe(false);
});
