/**
 * Reader of BTF, the type information that a kernel built with CONFIG_DEBUG_INFO_BTF carries in its ELF and shows in
 * /sys/kernel/btf/vmlinux. Only what the lab asks for is kept: functions, and structures with their members.
 */

const magic = 0xeb9f;
const headerBytes = 24;
/** Kinds by number, as far as they matter here. Source: Documentation/bpf/btf.rst of 6.12. */
const kind = { int: 1, array: 3, struct: 4, union: 5, enum: 6, func: 12, funcProto: 13, var: 14, dataSection: 15, declTag: 17, enum64: 19 } as const;

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

export interface Structure {
  readonly sizeBytes: number;
  /** Offset in bits from the structure's start, by member. */
  readonly members: ReadonlyMap<string, number>;
}

export interface Btf {
  readonly functions: ReadonlySet<string>;
  /** Structures by name; of several with one name the first. */
  readonly structures: ReadonlyMap<string, Structure>;
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

  const decoder = new TextDecoder("latin1");
  const nameAt = (offset: number): string => {
    const start = stringsStart + offset;
    const end = bytes.indexOf(0, start);
    if (start >= stringsEnd || end === -1) throw new BtfError(`string ${offset} lies outside the BTF`);
    return decoder.decode(bytes.subarray(start, end));
  };

  const functions = new Set<string>();
  const structures = new Map<string, Structure>();
  for (let at = typesStart; at < typesEnd; ) {
    if (at + 12 > typesEnd) throw new BtfError("the BTF's types are cut short");
    const info = view.getUint32(at + 4, true);
    const kindNumber = (info >>> 24) & 0x1f;
    const count = info & 0xffff;
    const next = at + 12 + tailBytes(kindNumber, count);
    if (next > typesEnd) throw new BtfError("the BTF's types are cut short");
    if (kindNumber === kind.func) functions.add(nameAt(view.getUint32(at, true)));
    if (kindNumber === kind.struct) {
      const name = nameAt(view.getUint32(at, true));
      if (name !== "" && !structures.has(name)) {
        // With the kind flag the upper byte of an offset is the width of a bit field.
        const offsetMask = info >>> 31 === 1 ? 0xffffff : 0xffffffff;
        const members = Array.from({ length: count }, (_, i): [string, number] => {
          const entry = at + 12 + 12 * i;
          return [nameAt(view.getUint32(entry, true)), (view.getUint32(entry + 8, true) & offsetMask) >>> 0];
        });
        structures.set(name, { sizeBytes: view.getUint32(at + 8, true), members: new Map(members) });
      }
    }
    at = next;
  }
  return { functions, structures };
}

/** The .BTF section of a 64-bit little-endian ELF, or null when it has none. */
export function btfSection(elf: Uint8Array): Uint8Array | null {
  const view = new DataView(elf.buffer, elf.byteOffset, elf.byteLength);
  if (elf.length < 64 || view.getUint32(0, false) !== 0x7f454c46) return null;
  const tableOffset = Number(view.getBigUint64(40, true));
  const entryBytes = view.getUint16(58, true);
  const count = view.getUint16(60, true);
  const namesIndex = view.getUint16(62, true);
  if (entryBytes < 64 || tableOffset === 0 || tableOffset + entryBytes * count > elf.length || namesIndex >= count) return null;
  const section = (index: number): { name: number; offset: number; size: number } => {
    const at = tableOffset + entryBytes * index;
    return { name: view.getUint32(at, true), offset: Number(view.getBigUint64(at + 24, true)), size: Number(view.getBigUint64(at + 32, true)) };
  };
  const names = section(namesIndex);
  const wanted = new TextEncoder().encode(".BTF\0");
  for (let index = 0; index < count; index++) {
    const { name, offset, size } = section(index);
    const start = names.offset + name;
    if (wanted.every((byte, i) => elf[start + i] === byte) && offset + size <= elf.length) return elf.subarray(offset, offset + size);
  }
  return null;
}
