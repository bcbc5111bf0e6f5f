import { expect, test } from "vitest";
import { BtfError, btfSection, parseBtf } from "./btf.ts";

/** A small BTF: an int, a structure `pair` with members `left` and `right`, a prototype and a function `meet`. */
function smallBtf(): Uint8Array {
  const strings = "\0int\0pair\0left\0right\0meet\0";
  const at = (name: string): number => strings.indexOf(`\0${name}\0`) + 1;
  const words = [
    [at("int"), 1 << 24, 4, 0x20],
    [at("pair"), (4 << 24) | 2, 8, at("left"), 1, 0, at("right"), 1, 32],
    [0, 13 << 24, 0],
    [at("meet"), 12 << 24, 3],
  ].flat();
  const out = new DataView(new ArrayBuffer(24 + words.length * 4 + strings.length));
  out.setUint16(0, 0xeb9f, true);
  out.setUint8(2, 1);
  out.setUint32(4, 24, true);
  out.setUint32(12, words.length * 4, true);
  out.setUint32(16, words.length * 4, true);
  out.setUint32(20, strings.length, true);
  words.forEach((word, i) => out.setUint32(24 + 4 * i, word, true));
  [...strings].forEach((char, i) => out.setUint8(24 + words.length * 4 + i, char.charCodeAt(0)));
  return new Uint8Array(out.buffer);
}

test("functions and members are found by name", () => {
  const btf = parseBtf(smallBtf());
  expect([...btf.functions]).toEqual(["meet"]);
  expect(btf.structures.get("pair")).toEqual({ sizeBytes: 8, members: new Map([["left", 0], ["right", 32]]) });
});

test("anything cut anywhere is an error, never a wrong answer", () => {
  const whole = smallBtf();
  for (let length = 0; length < whole.length; length++) expect(() => parseBtf(whole.subarray(0, length))).toThrow(BtfError);
});

test("text is not BTF, and no ELF has no section", () => {
  expect(() => parseBtf(new TextEncoder().encode("not BTF at all, but long enough"))).toThrow("this is not BTF");
  expect(btfSection(new Uint8Array(100))).toBeNull();
});
