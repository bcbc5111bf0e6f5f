import type { FileHandle } from "node:fs/promises";
import { bannerRelease, embeddedConfig } from "./config.ts";
import { elfHeaderBytes, elfProgramTable, elfSegments, hasPvhNote, loadSegments, noteSegments } from "./elf.ts";

/** What a kernel's ELF tells of itself. */
export interface VmlinuxFacts {
  /** It has the entry point that lets QEMU start it without the decompressor. */
  readonly hasPvhEntry: boolean;
  /** "" when the ELF holds no kernel's version banner. */
  readonly release: string;
  /** The built-in configuration; null without CONFIG_IKCONFIG=y. */
  readonly configText: string | null;
}

/** Reads `bytes` bytes at `offset`, fewer at the end. */
export type ReadAt = (offset: number, bytes: number) => Promise<Buffer>;

/** A kernel's loaded part is below 200 MB even with everything built in; debug sections are not read. */
const maxSegmentBytes = 512 * 1024 * 1024;
const maxNoteBytes = 1024 * 1024;

export const readBuffer = (buffer: Buffer): ReadAt => async (offset, bytes) => buffer.subarray(offset, offset + bytes);

export const readFileAt = (file: FileHandle): ReadAt => async (offset, bytes) => {
  const buffer = Buffer.alloc(bytes);
  const { bytesRead } = await file.read(buffer, 0, bytes, offset);
  return buffer.subarray(0, bytesRead);
};

/** Null when these are not the bytes of an x86-64 ELF executable. */
export async function readVmlinux(read: ReadAt): Promise<VmlinuxFacts | null> {
  const table = elfProgramTable(await read(0, elfHeaderBytes));
  if (table === null) return null;
  const segments = elfSegments(await read(table.offset, table.entryBytes * table.count), table.entryBytes);

  let hasPvhEntry = false;
  for (const note of noteSegments(segments)) {
    if (note.fileBytes <= maxNoteBytes && hasPvhNote(await read(note.fileOffset, note.fileBytes))) hasPvhEntry = true;
  }
  let release = "";
  let configText: string | null = null;
  for (const segment of loadSegments(segments)) {
    if (segment.fileBytes === 0 || segment.fileBytes > maxSegmentBytes) continue;
    const bytes = await read(segment.fileOffset, segment.fileBytes);
    release ||= bannerRelease(bytes);
    configText ??= embeddedConfig(bytes);
  }
  return { hasPvhEntry, release, configText };
}
