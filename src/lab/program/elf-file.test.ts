import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { makeElf } from "./elf-fixture.ts";
import { isElf, readElf } from "./elf-file.ts";

const words = { interpreter: "/lib64/ld-linux-x86-64.so.2", needed: ["libm.so.6", "libc.so.6"], rpath: "/opt/a:$ORIGIN/../lib", runpath: "/opt/b" };

test("what a loader goes by is read", () => {
  expect(readElf(makeElf(words))).toEqual({ ...words, rpath: ["/opt/a", "$ORIGIN/../lib"], runpath: ["/opt/b"] });
});

test("a static program needs nothing", () => {
  expect(readElf(makeElf({}))).toEqual({ interpreter: "", needed: [], rpath: [], runpath: [] });
});

test("this program itself is dynamic", () => {
  const elf = readElf(readFileSync(process.execPath));
  expect(elf?.interpreter).toMatch(/^\/.*ld.*\.so/);
  expect(elf?.needed.some((name) => name.startsWith("libc."))).toBe(true);
});

test("what is none, or one of another machine, is null", () => {
  expect(readElf(Buffer.from("#!/bin/sh\n"))).toBeNull();
  const other = makeElf(words);
  other.writeUInt16LE(40, 18);
  expect([isElf(other), readElf(other)]).toEqual([true, null]);
});

test("one that is cut anywhere does no harm", () => {
  const whole = makeElf(words);
  for (let length = 0; length < whole.length; length++) expect(() => readElf(whole.subarray(0, length))).not.toThrow();
});
