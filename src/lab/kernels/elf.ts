/** The little of ELF that starting a kernel takes: 64-bit little-endian program headers and notes. */

const programHeaderLoad = 1;
export const programHeaderDynamic = 2;
export const programHeaderInterpreter = 3;
const programHeaderNote = 4;
const machineX86_64 = 62;
/** Name and type of the note that holds the entry point for a PVH boot. */
const pvhNoteName = "Xen";
const pvhNoteType = 18;
/** A kernel has about ten; anything far above is not one. */
const maxProgramHeaders = 128;
export const elfHeaderBytes = 64;

export interface Segment {
  readonly type: number;
  readonly fileOffset: number;
  /** Where it lies in memory, as far as a number holds it exactly. */
  readonly address: number;
  readonly fileBytes: number;
}

/** Where the program headers are; null when these bytes do not start an x86-64 ELF executable. */
export function elfProgramTable(header: Buffer): { offset: number; entryBytes: number; count: number } | null {
  if (header.length < elfHeaderBytes || header.readUInt32BE(0) !== 0x7f454c46) return null;
  const is64BitLittleEndian = header[4] === 2 && header[5] === 1;
  if (!is64BitLittleEndian || header.readUInt16LE(18) !== machineX86_64) return null;
  const offset = Number(header.readBigUInt64LE(32));
  const entryBytes = header.readUInt16LE(54);
  const count = header.readUInt16LE(56);
  if (entryBytes < 56 || count === 0 || count > maxProgramHeaders) return null;
  return { offset, entryBytes, count };
}

/** Reads the program headers from their bytes. */
export function elfSegments(table: Buffer, entryBytes: number): Segment[] {
  const segments: Segment[] = [];
  for (let at = 0; at + entryBytes <= table.length; at += entryBytes) {
    segments.push({
      type: table.readUInt32LE(at),
      fileOffset: Number(table.readBigUInt64LE(at + 8)),
      address: Number(table.readBigUInt64LE(at + 16)),
      fileBytes: Number(table.readBigUInt64LE(at + 32)),
    });
  }
  return segments;
}

export const loadSegments = (segments: readonly Segment[]): Segment[] => segments.filter((segment) => segment.type === programHeaderLoad);
export const noteSegments = (segments: readonly Segment[]): Segment[] => segments.filter((segment) => segment.type === programHeaderNote);

/** True for a program that needs a dynamic loader, and with it libraries. */
export const isDynamic = (segments: readonly Segment[]): boolean => segments.some((segment) => segment.type === programHeaderInterpreter);

const align4 = (value: number): number => (value + 3) & ~3;

/** True when a note segment holds the entry point for a PVH boot (CONFIG_PVH). */
export function hasPvhNote(notes: Buffer): boolean {
  let at = 0;
  while (at + 12 <= notes.length) {
    const nameBytes = notes.readUInt32LE(at);
    const valueBytes = notes.readUInt32LE(at + 4);
    const type = notes.readUInt32LE(at + 8);
    const name = notes.toString("latin1", at + 12, at + 12 + Math.max(0, nameBytes - 1));
    if (type === pvhNoteType && name === pvhNoteName) return true;
    at += 12 + align4(nameBytes) + align4(valueBytes);
  }
  return false;
}
