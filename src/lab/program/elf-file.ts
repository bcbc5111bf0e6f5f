import { elfProgramTable, elfSegments, loadSegments, programHeaderDynamic, programHeaderInterpreter, type Segment } from "../kernels/elf.ts";

/** Of a program or library what its dynamic loader goes by. */
export interface ElfFile {
  /** The dynamic loader that it asks for; empty for a static program and for a library. */
  readonly interpreter: string;
  /** Names of the libraries that it needs, in order. */
  readonly needed: readonly string[];
  /** Folders in which they are looked for: the older form, which holds for what it loads too, and the newer one. */
  readonly rpath: readonly string[];
  readonly runpath: readonly string[];
}

const tag = { end: 0, needed: 1, stringTable: 5, rpath: 15, runpath: 29 } as const;
const entryBytes = 16;

/** True for any ELF file, also for one of another machine. */
export const isElf = (bytes: Buffer): boolean => bytes.length >= 4 && bytes.readUInt32BE(0) === 0x7f454c46;

/** Null when it is no ELF file for x86-64. What is cut or makes no sense in one reads as absent. */
export function readElf(bytes: Buffer): ElfFile | null {
  const table = elfProgramTable(bytes);
  if (table === null) return null;
  const segments = elfSegments(bytes.subarray(table.offset, table.offset + table.entryBytes * table.count), table.entryBytes);
  const interpreter = segments.find(({ type }) => type === programHeaderInterpreter);
  return {
    interpreter: interpreter === undefined ? "" : stringAt(bytes, interpreter.fileOffset),
    ...dynamicPart(bytes, segments),
  };
}

function dynamicPart(bytes: Buffer, segments: readonly Segment[]): Omit<ElfFile, "interpreter"> {
  const entries = dynamicEntries(bytes, segments.find(({ type }) => type === programHeaderDynamic));
  const valuesOf = (wanted: number): number[] => entries.flatMap(([kind, value]) => (kind === wanted ? [value] : []));
  const [address] = valuesOf(tag.stringTable);
  const strings = address === undefined ? null : fileOffsetOf(address, segments);
  if (strings === null) return { needed: [], rpath: [], runpath: [] };
  const texts = (wanted: number): string[] => valuesOf(wanted).map((value) => stringAt(bytes, strings + value));
  const folders = (wanted: number): string[] => texts(wanted).flatMap((text) => text.split(":")).filter((folder) => folder !== "");
  return { needed: texts(tag.needed), rpath: folders(tag.rpath), runpath: folders(tag.runpath) };
}

function dynamicEntries(bytes: Buffer, segment: Segment | undefined): [number, number][] {
  const entries: [number, number][] = [];
  if (segment === undefined) return entries;
  const end = Math.min(bytes.length, segment.fileOffset + segment.fileBytes) - entryBytes;
  for (let at = segment.fileOffset; at <= end; at += entryBytes) {
    const kind = Number(bytes.readBigUInt64LE(at));
    if (kind === tag.end) break;
    entries.push([kind, Number(bytes.readBigUInt64LE(at + 8))]);
  }
  return entries;
}

/** Addresses are those that the file has in memory; each lies in one of the segments that are loaded. */
function fileOffsetOf(address: number, segments: readonly Segment[]): number | null {
  const segment = loadSegments(segments).find((load) => address >= load.address && address < load.address + load.fileBytes);
  return segment === undefined ? null : segment.fileOffset + address - segment.address;
}

function stringAt(bytes: Buffer, offset: number): string {
  const end = offset < bytes.length ? bytes.indexOf(0, offset) : -1;
  return end === -1 ? "" : bytes.toString("utf8", offset, end);
}
