/** A small x86-64 ELF file for tests: headers, and what its dynamic loader goes by. */
export interface ElfWords {
  readonly interpreter?: string;
  readonly needed?: readonly string[];
  readonly rpath?: string;
  readonly runpath?: string;
}

const headerBytes = 64;
const programHeaderBytes = 56;
/** Addresses in memory are not offsets in the file. */
const base = 0x400000;

export function makeElf({ interpreter, needed = [], rpath, runpath }: ElfWords): Buffer {
  const strings = new Strings();
  const entries: [number, number][] = [
    ...needed.map((name): [number, number] => [1, strings.add(name)]),
    ...(rpath === undefined ? [] : [[15, strings.add(rpath)] as [number, number]]),
    ...(runpath === undefined ? [] : [[29, strings.add(runpath)] as [number, number]]),
  ];
  const interpreterAt = headerBytes + 3 * programHeaderBytes;
  const interpreterBytes = interpreter === undefined ? Buffer.alloc(0) : Buffer.from(`${interpreter}\0`);
  const stringsAt = interpreterAt + interpreterBytes.length;
  const dynamicAt = stringsAt + strings.bytes.length;
  const dynamic = Buffer.concat([...entries, [5, base + stringsAt] as const, [0, 0] as const].map(pair));
  const total = dynamicAt + dynamic.length;
  return Buffer.concat([
    header(),
    segment(1, 0, total),
    segment(2, dynamicAt, dynamic.length),
    // Without an interpreter a segment that means nothing here.
    segment(interpreter === undefined ? 0 : 3, interpreterAt, interpreterBytes.length),
    interpreterBytes,
    strings.bytes,
    dynamic,
  ]);
}

class Strings {
  bytes = Buffer.from("\0");

  add(text: string): number {
    const at = this.bytes.length;
    this.bytes = Buffer.concat([this.bytes, Buffer.from(`${text}\0`)]);
    return at;
  }
}

function pair([tag, value]: readonly [number, number]): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeBigUInt64LE(BigInt(tag), 0);
  bytes.writeBigUInt64LE(BigInt(value), 8);
  return bytes;
}

function header(): Buffer {
  const bytes = Buffer.alloc(headerBytes);
  bytes.write("\x7fELF\x02\x01\x01", "latin1");
  bytes.writeUInt16LE(62, 18);
  bytes.writeBigUInt64LE(BigInt(headerBytes), 32);
  bytes.writeUInt16LE(programHeaderBytes, 54);
  bytes.writeUInt16LE(3, 56);
  return bytes;
}

function segment(type: number, offset: number, sizeBytes: number): Buffer {
  const bytes = Buffer.alloc(programHeaderBytes);
  bytes.writeUInt32LE(type, 0);
  bytes.writeBigUInt64LE(BigInt(offset), 8);
  bytes.writeBigUInt64LE(BigInt(base + offset), 16);
  bytes.writeBigUInt64LE(BigInt(sizeBytes), 32);
  return bytes;
}
