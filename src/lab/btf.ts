/**
 * Reader of BTF, the type information that a kernel built with CONFIG_DEBUG_INFO_BTF carries in its ELF and shows in
 * /sys/kernel/btf/vmlinux. A kernel has a hundred thousand types and a run asks for a dozen, so reading only finds out
 * where each one is, and the rest happens when it is asked for.
 */

const magic = 0xeb9f;
const headerBytes = 24;
/** Kinds by number, as far as they matter here. Source: Documentation/bpf/btf.rst of 6.12. */
const kind = {
  ...{ int: 1, pointer: 2, array: 3, struct: 4, union: 5, enum: 6, typedef: 8, volatile: 9, const: 10, restrict: 11, func: 12 },
  ...{ funcProto: 13, var: 14, dataSection: 15, float: 16, declTag: 17, typeTag: 18, enum64: 19 },
} as const;

/** Kinds that only dress up another type. */
const wrappers: ReadonlySet<number> = new Set([kind.typedef, kind.volatile, kind.const, kind.restrict, kind.typeTag]);
/** Kinds whose size stands in their fixed part. */
const sized: ReadonlySet<number> = new Set([kind.int, kind.struct, kind.union, kind.enum, kind.enum64, kind.float]);
const pointerBytes = 8;

/** Bytes that follow a type's fixed part. */
function tailBytes(kindNumber: number, count: number): number {
  switch (kindNumber) {
    case kind.int:
    case kind.var:
    case kind.declTag:
      return 4;
    case kind.array:
      return 12;
    case kind.struct:
    case kind.union:
    case kind.dataSection:
    case kind.enum64:
      return 12 * count;
    case kind.enum:
    case kind.funcProto:
      return 8 * count;
    default:
      return 0;
  }
}

export class BtfError extends Error {
  override readonly name = "BtfError";
}

/** Where a member lies and how large it is. */
export interface Member {
  /** From the start of the outermost structure. */
  readonly bitOffset: number;
  /** Of a bit field its width, else eight times the size. */
  readonly bitWidth: number;
  /** Elements of an array, 1 of anything else, 0 of an array that the structure leaves open. */
  readonly elementCount: number;
  /** Size of one element. */
  readonly elementBytes: number;
}

/** What is asked of a structure: its size, and its members by name. */
export interface Structure {
  readonly sizeBytes: number;
  /**
   * Of several names, each is a member of the one before: `head.data`. Members of structures without a name are the
   * outer structure's own. Undefined when there is none.
   */
  member(path: string): Member | undefined;
}

/** A type's fixed part. */
interface TypeHeader {
  readonly at: number;
  readonly kindNumber: number;
  readonly count: number;
  /** Offsets of members carry the width of bit fields; values of enumerators are signed. */
  readonly flag: boolean;
  /** Its size or the type it refers to, by kind. */
  readonly sizeOrType: number;
}

interface Place {
  readonly bitOffset: number;
  readonly fieldWidth: number;
  readonly typeId: number;
}

export class Btf {
  private readonly view: DataView;
  private readonly strings: Buffer;
  /** Where each type begins, by type number; number 0 is void. */
  private readonly typeAt: readonly number[];
  /** By where their name begins in the strings; of several structures with one name the first. */
  private readonly structureAt: ReadonlyMap<number, number>;
  private readonly functionNames: ReadonlySet<number>;
  /** Numbers of the types that are enumerations. */
  private readonly enumerations: readonly number[];
  /** What was found by name; looking a name up goes through all strings. */
  private readonly offsets = new Map<string, readonly number[]>();

  /** For `parseBtf`. */
  constructor(parts: { view: DataView; strings: Buffer; typeAt: readonly number[]; structureAt: ReadonlyMap<number, number>; functionNames: ReadonlySet<number>; enumerations: readonly number[] }) {
    this.view = parts.view;
    this.strings = parts.strings;
    this.typeAt = parts.typeAt;
    this.structureAt = parts.structureAt;
    this.functionNames = parts.functionNames;
    this.enumerations = parts.enumerations;
  }

  hasFunction(name: string): boolean {
    return this.offsetsOf(name).some((offset) => this.functionNames.has(offset));
  }

  /** Undefined when the kernel has no structure of that name. */
  structure(name: string): Structure | undefined {
    const type = this.offsetsOf(name)
      .map((offset) => this.structureAt.get(offset))
      .find((at) => at !== undefined);
    if (type === undefined) return undefined;
    const header = this.header(type);
    return { sizeBytes: header.sizeOrType, member: (path) => this.memberOf(header, path) };
  }

  /** The value of an enumerator, undefined when no enumeration has it. */
  enumerator(name: string): number | undefined {
    const names = this.offsetsOf(name);
    if (names.length === 0) return undefined;
    for (const typeId of this.enumerations) {
      const header = this.header(typeId);
      for (let i = 0; i < header.count; i++) {
        const entry = header.at + 12 + 8 * i;
        if (!names.includes(this.view.getUint32(entry, true))) continue;
        return header.flag ? this.view.getInt32(entry + 4, true) : this.view.getUint32(entry + 4, true);
      }
    }
    return undefined;
  }

  /** Where a string begins in the string section; a blob that nobody deduplicated can have it more than once. */
  private offsetsOf(name: string): readonly number[] {
    const known = this.offsets.get(name);
    if (known !== undefined) return known;
    const { strings } = this;
    const offsets: number[] = [];
    for (let at = strings.indexOf(name, 0, "latin1"); at !== -1; at = strings.indexOf(name, at + 1, "latin1")) {
      if (strings[at - 1] === 0 && strings[at + name.length] === 0) offsets.push(at);
    }
    this.offsets.set(name, offsets);
    return offsets;
  }

  private nameAt(offset: number): string {
    const end = this.strings.indexOf(0, offset);
    if (offset >= this.strings.length || end === -1) throw new BtfError(`string ${offset} lies outside the BTF`);
    return this.strings.toString("latin1", offset, end);
  }

  private header(typeId: number): TypeHeader {
    const at = this.typeAt[typeId];
    if (at === undefined || typeId === 0) throw new BtfError(`type ${typeId} lies outside the BTF`);
    const info = this.view.getUint32(at + 4, true);
    return { at, kindNumber: (info >>> 24) & 0x1f, count: info & 0xffff, flag: info >>> 31 === 1, sizeOrType: this.view.getUint32(at + 8, true) };
  }

  /** The type behind typedefs and qualifiers. */
  private bare(typeId: number): TypeHeader {
    for (let id = typeId, steps = 0; steps < 64; steps++) {
      const header = this.header(id);
      if (!wrappers.has(header.kindNumber)) return header;
      id = header.sizeOrType;
    }
    throw new BtfError(`type ${typeId} refers to itself`);
  }

  private memberOf(structure: TypeHeader, path: string): Member | undefined {
    let place: Place = { bitOffset: 0, fieldWidth: 0, typeId: 0 };
    let inside = structure;
    for (const [index, name] of path.split(".").entries()) {
      if (index > 0) inside = this.bare(place.typeId);
      const found = this.findMember(inside, name);
      if (found === undefined) return undefined;
      place = { ...found, bitOffset: place.bitOffset + found.bitOffset };
    }
    const { elementCount, elementBytes } = this.extent(place.typeId);
    const bitWidth = place.fieldWidth === 0 ? elementCount * elementBytes * 8 : place.fieldWidth;
    return { bitOffset: place.bitOffset, bitWidth, elementCount, elementBytes };
  }

  private findMember(inside: TypeHeader, name: string): Place | undefined {
    if (inside.kindNumber !== kind.struct && inside.kindNumber !== kind.union) return undefined;
    for (let i = 0; i < inside.count; i++) {
      const entry = inside.at + 12 + 12 * i;
      const offset = this.view.getUint32(entry + 8, true);
      const bitOffset = inside.flag ? offset & 0xffffff : offset;
      const typeId = this.view.getUint32(entry + 4, true);
      const memberName = this.nameAt(this.view.getUint32(entry, true));
      if (memberName === name) return { bitOffset, fieldWidth: inside.flag ? offset >>> 24 : 0, typeId };
      const within = memberName === "" ? this.findMember(this.bare(typeId), name) : undefined;
      if (within !== undefined) return { ...within, bitOffset: bitOffset + within.bitOffset };
    }
    return undefined;
  }

  private extent(typeId: number): Pick<Member, "elementCount" | "elementBytes"> {
    const type = this.bare(typeId);
    if (type.kindNumber !== kind.array) return { elementCount: 1, elementBytes: this.sizeOf(type) };
    const inner = this.extent(this.view.getUint32(type.at + 12, true));
    return { elementCount: this.view.getUint32(type.at + 20, true), elementBytes: inner.elementCount * inner.elementBytes };
  }

  private sizeOf(type: TypeHeader): number {
    if (type.kindNumber === kind.pointer) return pointerBytes;
    return sized.has(type.kindNumber) ? type.sizeOrType : 0;
  }
}

/** Reads a BTF blob. Throws BtfError when it is cut or not BTF. */
export function parseBtf(bytes: Uint8Array): Btf {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < headerBytes || view.getUint16(0, true) !== magic) throw new BtfError("this is not BTF");
  const headerLength = view.getUint32(4, true);
  const typesStart = headerLength + view.getUint32(8, true);
  const typesEnd = typesStart + view.getUint32(12, true);
  const stringsStart = headerLength + view.getUint32(16, true);
  const stringsEnd = stringsStart + view.getUint32(20, true);
  if (typesEnd > bytes.length || stringsEnd > bytes.length) throw new BtfError("the BTF is cut short");

  const typeAt = [0];
  const structureAt = new Map<number, number>();
  const functionNames = new Set<number>();
  const enumerations: number[] = [];
  for (let at = typesStart; at < typesEnd; ) {
    if (at + 12 > typesEnd) throw new BtfError("the BTF's types are cut short");
    const info = view.getUint32(at + 4, true);
    const kindNumber = (info >>> 24) & 0x1f;
    const next = at + 12 + tailBytes(kindNumber, info & 0xffff);
    if (next > typesEnd) throw new BtfError("the BTF's types are cut short");
    const name = view.getUint32(at, true);
    if (kindNumber === kind.func) functionNames.add(name);
    if (kindNumber === kind.enum) enumerations.push(typeAt.length);
    if (kindNumber === kind.struct && name !== 0 && !structureAt.has(name)) structureAt.set(name, typeAt.length);
    typeAt.push(at);
    at = next;
  }
  const strings = Buffer.from(bytes.buffer, bytes.byteOffset + stringsStart, stringsEnd - stringsStart);
  return new Btf({ view, strings, typeAt, structureAt, functionNames, enumerations });
}

/** The bytes of an open file, or of anything else that can be read in pieces. */
export type ReadAt = (offset: number, sizeBytes: number) => Promise<Uint8Array>;

/** The .BTF section of a 64-bit little-endian ELF, or null when it has none. Reads only what it needs. */
export async function btfSection(readAt: ReadAt): Promise<Uint8Array | null> {
  const elf = viewOf(await readAt(0, 64));
  if (elf.byteLength < 64 || elf.getUint32(0, false) !== 0x7f454c46) return null;
  const tableOffset = Number(elf.getBigUint64(40, true));
  const entryBytes = elf.getUint16(58, true);
  const count = elf.getUint16(60, true);
  const namesIndex = elf.getUint16(62, true);
  if (entryBytes < 64 || tableOffset === 0 || namesIndex >= count) return null;
  const table = viewOf(await readAt(tableOffset, entryBytes * count));
  if (table.byteLength < entryBytes * count) return null;
  const section = (index: number): { name: number; offset: number; size: number } => {
    const at = entryBytes * index;
    return { name: table.getUint32(at, true), offset: Number(table.getBigUint64(at + 24, true)), size: Number(table.getBigUint64(at + 32, true)) };
  };
  const named = section(namesIndex);
  const names = await readAt(named.offset, named.size);
  const wanted = new TextEncoder().encode(".BTF\0");
  for (let index = 0; index < count; index++) {
    const { name, offset, size } = section(index);
    if (!wanted.every((byte, i) => names[name + i] === byte)) continue;
    const bytes = await readAt(offset, size);
    if (bytes.length === size) return bytes;
  }
  return null;
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
