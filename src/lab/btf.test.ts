import { expect, test } from "vitest";
import { BtfFixture } from "./btf-fixture.ts";
import { BtfError, btfSection, parseBtf } from "./btf.ts";

function smallBtf(): Uint8Array {
  const btf = new BtfFixture();
  const [u8, u32, pointer] = [btf.int(1), btf.int(4), btf.pointer()];
  const word = btf.wrapper("word_t", btf.wrapper("", u32));
  const fields = btf.structure("fields", 8, [
    { name: "lock", type: u32, bitOffset: 0, bitWidth: 0 },
    { name: "data", type: u32, bitOffset: 32, bitWidth: 24 },
    { name: "flags", type: u32, bitOffset: 56, bitWidth: 8 },
  ]);
  const hidden = btf.structure("", 8, [{ name: "within", type: word, bitOffset: 32 }], 5);
  btf.structure("outer", 256, [
    { name: "pair", type: btf.structure("pair", 16, [{ name: "head", type: fields, bitOffset: 0 }, { name: "tail", type: fields, bitOffset: 64 }]), bitOffset: 64 },
    { name: "next", type: btf.array(word, 10), bitOffset: 192 },
    { name: "grid", type: btf.array(btf.array(u8, 3), 2), bitOffset: 512 },
    { name: "", type: hidden, bitOffset: 576 },
    { name: "where", type: pointer, bitOffset: 640 },
    { name: "open", type: btf.array(fields, 0), bitOffset: 704 },
  ]);
  btf.structure("pair", 4, []);
  btf.enumeration({ ONE: 1, MANY: 1 << 10 });
  btf.func("meet");
  return btf.bytes();
}

test("functions are found by their whole name", () => {
  const btf = parseBtf(smallBtf());
  expect(["meet", "mee", "eet", "outer"].map((name) => btf.hasFunction(name))).toEqual([true, false, false, false]);
});

test("structures have sizes; of two with one name the first counts", () => {
  const btf = parseBtf(smallBtf());
  expect([btf.structure("outer")?.sizeBytes, btf.structure("pair")?.sizeBytes, btf.structure("oute")]).toEqual([256, 16, undefined]);
});

const members: [string, object | undefined][] = [
  ["where", { bitOffset: 640, bitWidth: 64, elementCount: 1, elementBytes: 8 }],
  ["pair", { bitOffset: 64, bitWidth: 128, elementCount: 1, elementBytes: 16 }],
  ["pair.tail.data", { bitOffset: 160, bitWidth: 24, elementCount: 1, elementBytes: 4 }],
  ["pair.tail.flags", { bitOffset: 184, bitWidth: 8, elementCount: 1, elementBytes: 4 }],
  ["pair.head.lock", { bitOffset: 64, bitWidth: 32, elementCount: 1, elementBytes: 4 }],
  ["next", { bitOffset: 192, bitWidth: 320, elementCount: 10, elementBytes: 4 }],
  ["grid", { bitOffset: 512, bitWidth: 48, elementCount: 2, elementBytes: 3 }],
  ["within", { bitOffset: 608, bitWidth: 32, elementCount: 1, elementBytes: 4 }],
  ["open", { bitOffset: 704, bitWidth: 0, elementCount: 0, elementBytes: 8 }],
  ["pair.middle", undefined],
  ["where.to", undefined],
];

test.each(members)("the member %j of a structure", (path, member) => {
  expect(parseBtf(smallBtf()).structure("outer")?.member(path)).toEqual(member);
});

test("enumerators have values, whatever their enumeration is called", () => {
  const btf = parseBtf(smallBtf());
  expect([btf.enumerator("ONE"), btf.enumerator("MANY"), btf.enumerator("NONE")]).toEqual([1, 1024, undefined]);
});

test("anything cut anywhere is an error, never a wrong answer", () => {
  const whole = smallBtf();
  for (let length = 0; length < whole.length; length++) expect(() => parseBtf(whole.subarray(0, length))).toThrow(BtfError);
});

test("a type that leads nowhere is an error", () => {
  const btf = new BtfFixture();
  btf.structure("odd", 8, [{ name: "member", type: 77, bitOffset: 0 }, { name: "loop", type: 2, bitOffset: 0 }]);
  btf.wrapper("loop_t", 2);
  const odd = parseBtf(btf.bytes()).structure("odd");
  expect(() => odd?.member("member")).toThrow(BtfError);
  expect(() => odd?.member("loop")).toThrow(BtfError);
});

/** An ELF with nothing but section headers, their names, and `content` as a section called `name`. */
function elf(name: string, content: Uint8Array): Buffer {
  const names = Buffer.from(`\0.names\0${name}\0`, "latin1");
  const namesAt = 64 + content.length;
  const table = namesAt + names.length;
  const out = Buffer.alloc(table + 3 * 64);
  out.writeUInt32BE(0x7f454c46);
  out.writeBigUInt64LE(BigInt(table), 40);
  [64, 3, 1].forEach((value, i) => out.writeUInt16LE(value, 58 + 2 * i));
  out.set(content, 64);
  out.set(names, namesAt);
  const section = (index: number, nameAt: number, at: number, size: number): void => {
    out.writeUInt32LE(nameAt, table + 64 * index);
    out.writeBigUInt64LE(BigInt(at), table + 64 * index + 24);
    out.writeBigUInt64LE(BigInt(size), table + 64 * index + 32);
  };
  section(1, 1, namesAt, names.length);
  section(2, 8, 64, content.length);
  return out;
}

const sectionOf = (file: Buffer): Promise<Uint8Array | null> => btfSection(async (offset, size) => file.subarray(offset, offset + size));

test("the section is found by its name", async () => {
  const whole = smallBtf();
  expect(await sectionOf(elf(".BTF", whole))).toEqual(Buffer.from(whole));
  expect(await sectionOf(elf(".BTF.ext", whole))).toBeNull();
});

test("text is not BTF, and no ELF has no section", async () => {
  expect(() => parseBtf(new TextEncoder().encode("not BTF at all, but long enough"))).toThrow("this is not BTF");
  expect(await sectionOf(Buffer.alloc(100))).toBeNull();
  expect(await sectionOf(elf(".BTF", smallBtf()).subarray(0, 300))).toBeNull();
});
