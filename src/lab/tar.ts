/** Archives as tar has written them since 1988: plain files with short names, which is all that a bundle has. */

const blockBytes = 512;

export interface TarEntry {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** `mtime` is what every file is said to be from. Names are of ASCII and at most 100 characters long. */
export function writeTar(entries: readonly TarEntry[], mtime: Date): Buffer {
  const blocks = entries.flatMap(({ name, bytes }) => {
    if (!/^[\x20-\x7e]{1,100}$/.test(name)) throw new Error(`${name} cannot be the name of a file in an archive`);
    return [header(name, bytes.length, mtime), bytes, Buffer.alloc(-bytes.length & (blockBytes - 1))];
  });
  return Buffer.concat([...blocks, Buffer.alloc(2 * blockBytes)]);
}

function header(name: string, sizeBytes: number, mtime: Date): Buffer {
  const block = Buffer.alloc(blockBytes);
  const octal = (value: number, digits: number): string => value.toString(8).padStart(digits, "0");
  block.write(name, 0, "latin1");
  block.write(octal(0o644, 7), 100);
  block.write(octal(0, 7), 108);
  block.write(octal(0, 7), 116);
  block.write(octal(sizeBytes, 11), 124);
  block.write(octal(Math.floor(mtime.getTime() / 1000), 11), 136);
  block.write("        ", 148);
  block.write("0", 156);
  block.write("ustar\u000000", 257);
  block.write(`${octal(sum(block), 6)}\u0000 `, 148);
  return block;
}

const sum = (block: Uint8Array): number => block.reduce((total, byte) => total + byte, 0);

/**
 * The plain files of an archive that may come from anybody; links, folders and whatever else there is are passed over, and
 * names are only handed on. Throws an Error in words when it is damaged or has more than `entriesMax` of them.
 */
export function readTar(archive: Buffer, entriesMax: number): TarEntry[] {
  const entries: TarEntry[] = [];
  for (let at = 0, seen = 0; at + blockBytes <= archive.length; seen++) {
    const block = archive.subarray(at, at + blockBytes);
    if (block.every((byte) => byte === 0)) break;
    if (seen === entriesMax) throw new Error(`it has more than ${entriesMax} entries`);
    const { name, sizeBytes, isFile } = parseHeader(block);
    const start = at + blockBytes;
    if (start + sizeBytes > archive.length) throw new Error("it ends in the midst of a file");
    if (isFile) entries.push({ name, bytes: archive.subarray(start, start + sizeBytes) });
    at = start + Math.ceil(sizeBytes / blockBytes) * blockBytes;
  }
  return entries;
}

function parseHeader(block: Buffer): { name: string; sizeBytes: number; isFile: boolean } {
  const field = (start: number, length: number): string => block.toString("latin1", start, start + length).split("\u0000")[0]!.trim();
  const octal = (text: string): number => (/^[0-7]{1,12}$/.test(text) ? Number.parseInt(text, 8) : NaN);
  const unsummed = Buffer.from(block);
  unsummed.fill(" ", 148, 156);
  const sizeBytes = octal(field(124, 12));
  if (Number.isNaN(sizeBytes) || sum(unsummed) !== octal(field(148, 8))) throw new Error("it is no tar archive, or damaged");
  const prefix = block.toString("latin1", 257, 262) === "ustar" ? field(345, 155) : "";
  const type = String.fromCharCode(block[156]!);
  return { name: prefix === "" ? field(0, 100) : `${prefix}/${field(0, 100)}`, sizeBytes, isFile: type === "0" || type === "\u0000" };
}
