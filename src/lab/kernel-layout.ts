import type { Btf, Member } from "./btf.ts";
import { LabError } from "./errors.ts";

/** A structure, or a symbol, that the reader of the kernel's memory cannot do without. */
export function unreadable(what: string): LabError {
  return new LabError("invalid", {
    what: `the kernel's swap structures are not laid out in a way that is known here: ${what}`,
    where: "kernel's memory",
    next: "With --model NAME everything else is compared.",
  });
}

/** The address of kernel data. Throws `invalid` naming the symbol that is missing. */
export function addressOf(addresses: ReadonlyMap<string, bigint>, symbol: string): bigint {
  const address = addresses.get(symbol);
  if (address === undefined) throw unreadable(`its symbol table has no ${symbol}`);
  return address;
}

/** The size of a structure. Throws `invalid` when the kernel has none of that name. */
export function sizeOf(btf: Btf, structure: string): number {
  const found = btf.structure(structure);
  if (found === undefined) throw unreadable(`there is no struct ${structure}`);
  return found.sizeBytes;
}

/** A member by its path. Throws `invalid` naming what is missing. */
export function memberOf(btf: Btf, structure: string, path: string): Member {
  const found = btf.structure(structure)?.member(path);
  if (found !== undefined) return found;
  sizeOf(btf, structure);
  throw unreadable(`struct ${structure} has no member ${path}`);
}

/** Several members, each under its own name here. */
export function membersOf<Name extends string>(btf: Btf, structure: string, paths: Readonly<Record<Name, string>>): Readonly<Record<Name, Member>> {
  const entries = Object.entries<string>(paths).map(([name, path]) => [name, memberOf(btf, structure, path)]);
  return Object.fromEntries(entries) as Record<Name, Member>;
}

/** Where a member of a structure at `base` begins, bytes. */
export const byteOffset = (member: Member, base = 0): number => base + (member.bitOffset >>> 3);

/** An unsigned member of at most 32 bits, a bit field included, of the structure at `base`. */
export function readNumber(bytes: Buffer, member: Member, base = 0): number {
  const { bitOffset, bitWidth } = member;
  const shift = bitOffset & 7;
  if (shift === 0 && bitWidth % 8 === 0) return bytes.readUIntLE(byteOffset(member, base), bitWidth / 8);
  const spanned = bytes.readUIntLE(byteOffset(member, base), Math.ceil((shift + bitWidth) / 8));
  return Math.floor(spanned / 2 ** shift) % 2 ** bitWidth;
}

/** A pointer or another unsigned member of 64 bits. */
export const readWord = (bytes: Buffer, member: Member, base = 0): bigint => bytes.readBigUInt64LE(byteOffset(member, base));

/** An array of unsigned numbers, in the structure that begins at the first byte. */
export function readNumbers(bytes: Buffer, member: Member): number[] {
  const { elementCount, elementBytes } = member;
  return Array.from({ length: elementCount }, (_, i) => {
    const at = byteOffset(member, i * elementBytes);
    return elementBytes === 8 ? Number(bytes.readBigUInt64LE(at)) : bytes.readUIntLE(at, elementBytes);
  });
}
