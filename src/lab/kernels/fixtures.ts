import { gzipSync } from "node:zlib";

/** Small made kernels for the tests beside: as much of the real formats as the readers look at. */

/** An x86-64 ELF with one loaded segment holding `content` and, when asked for, a PVH entry note. */
export function makeVmlinux(content: string | Buffer, options: { pvh: boolean; machine?: number } = { pvh: true }): Buffer {
  const body = Buffer.isBuffer(content) ? content : Buffer.from(content, "latin1");
  // A note of another kind comes first, so that a reader must step over it (its 5-byte name padded to 8).
  const notes = Buffer.concat([makeNote("Linu", 257, Buffer.from([1, 2, 3])), ...(options.pvh ? [makeNote("Xen", 18, Buffer.alloc(4, 7))] : [])]);
  const headersBytes = 64 + 2 * 56;
  const header = Buffer.alloc(headersBytes);
  header.write("\x7fELF\x02\x01\x01", 0, "latin1");
  header.writeUInt16LE(2, 16);
  header.writeUInt16LE(options.machine ?? 62, 18);
  header.writeBigUInt64LE(64n, 32);
  header.writeUInt16LE(56, 54);
  header.writeUInt16LE(2, 56);
  writeProgramHeader(header, 64, 1, headersBytes, body.length);
  writeProgramHeader(header, 120, 4, headersBytes + body.length, notes.length);
  return Buffer.concat([header, body, notes]);
}

function writeProgramHeader(into: Buffer, at: number, type: number, fileOffset: number, fileBytes: number): void {
  into.writeUInt32LE(type, at);
  into.writeBigUInt64LE(BigInt(fileOffset), at + 8);
  into.writeBigUInt64LE(BigInt(fileBytes), at + 32);
}

export function makeNote(name: string, type: number, value: Buffer): Buffer {
  const pad = (bytes: Buffer): Buffer => Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
  const head = Buffer.alloc(12);
  head.writeUInt32LE(name.length + 1, 0);
  head.writeUInt32LE(value.length, 4);
  head.writeUInt32LE(type, 8);
  return Buffer.concat([head, pad(Buffer.from(`${name}\0`, "latin1")), pad(value)]);
}

/** A bzImage around an already compressed payload. */
export function makeBzImage(release: string, payload: Buffer): Buffer {
  const setupSectors = 3;
  const start = (setupSectors + 1) * 512;
  const payloadOffset = 0x40;
  const image = Buffer.alloc(start + payloadOffset + payload.length + 100);
  image[0x1f1] = setupSectors;
  image.writeUInt16LE(0xaa55, 0x1fe);
  image.write("HdrS", 0x202, "latin1");
  image.writeUInt16LE(0x020f, 0x206);
  image.writeUInt16LE(0x300, 0x20e);
  image.write(`${release} (someone@somewhere) #1 SMP\0`, 0x500, "latin1");
  image.writeUInt32LE(payloadOffset, 0x248);
  image.writeUInt32LE(payload.length, 0x24c);
  payload.copy(image, start + payloadOffset);
  return image;
}

/** As the kernel's build adds it behind every payload but gzip's. */
export function withSize(compressed: Buffer, sizeBytes: number): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt32LE(sizeBytes);
  return Buffer.concat([compressed, size]);
}

export const banner = (release: string): string => `..Linux version ${release} (someone@somewhere) (gcc) #1 SMP\n\0`;

export function withIkconfig(config: string): Buffer {
  return Buffer.concat([Buffer.from("IKCFG_ST but only as text\0"), Buffer.from("IKCFG_ST"), gzipSync(config), Buffer.from("IKCFG_ED")]);
}
