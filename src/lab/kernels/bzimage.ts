import { gunzipSync } from "node:zlib";
import { runForBytes } from "../process.ts";
import type { LongTask } from "./image.ts";

/** The setup header of an x86 boot image (boot protocol 2.08 and later, kernel 2.6.26). */
export interface BzImageHeader {
  /** The release, as `uname -r` will say it; "" when the image does not carry it. */
  readonly release: string;
  /** Where the compressed kernel lies in the file. */
  readonly payloadOffset: number;
  readonly payloadBytes: number;
}

/** How much of the file `parseBzImage` must be given: the header and the version string lie in the first setup sectors. */
export const bzImageHeadBytes = 64 * 1024;
const sectorBytes = 512;
const decompressDeadlineMs = 60_000;
/** A kernel with everything built in is some 100 MB; a broken size field must not fill the memory. */
const maxKernelBytes = 1024 * 1024 * 1024;

/** Reads the setup header from the start of a file; null when this is no bzImage. */
export function parseBzImage(head: Buffer): BzImageHeader | null {
  if (head.length < 0x260 || head.readUInt16LE(0x1fe) !== 0xaa55 || head.toString("latin1", 0x202, 0x206) !== "HdrS") return null;
  if (head.readUInt16LE(0x206) < 0x0208) return null;
  const setupSectors = (head[0x1f1] ?? 0) || 4;
  const payloadOffset = (setupSectors + 1) * sectorBytes + head.readUInt32LE(0x248);
  const payloadBytes = head.readUInt32LE(0x24c);
  if (payloadBytes < 8) return null;
  return { release: readRelease(head), payloadOffset, payloadBytes };
}

/** "6.1.0 (builder@host) #1 …": the release is the first word. */
function readRelease(head: Buffer): string {
  const pointer = head.readUInt16LE(0x20e);
  if (pointer === 0) return "";
  const start = pointer + 0x200;
  const end = head.indexOf(0, start);
  return end < 0 ? "" : (head.toString("latin1", start, end).split(" ")[0] ?? "");
}

interface Compression {
  readonly name: string;
  readonly magic: readonly number[];
  /** The program that decompresses it from standard input to standard output; null for gzip, which needs none. */
  readonly command: readonly [string, ...string[]] | null;
}

const compressions: readonly Compression[] = [
  { name: "gzip", magic: [0x1f, 0x8b], command: null },
  { name: "xz", magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], command: ["xz", "-dc"] },
  { name: "zstd", magic: [0x28, 0xb5, 0x2f, 0xfd], command: ["zstd", "-dcq", "--long=31"] },
  { name: "lz4", magic: [0x02, 0x21, 0x4c, 0x18], command: ["lz4", "-dcq"] },
  { name: "lzma", magic: [0x5d, 0x00, 0x00], command: ["xz", "-dc", "--format=lzma"] },
];

/**
 * Decompresses the kernel inside a bzImage: an ELF, maybe with relocations after it.
 * Null when the compression is one we have no program for or the payload is not whole.
 *
 * @throws CommandError when the decompressor is missing or does not end
 */
export async function decompressPayload(payload: Buffer, task: LongTask): Promise<Buffer | null> {
  const compression = compressions.find(({ magic }) => magic.every((byte, index) => payload[index] === byte));
  if (compression === undefined) return null;
  if (compression.command === null) return gunzipOrNull(payload);

  // The kernel's build adds the size of the decompressed kernel behind every format that does not carry it.
  const expectedBytes = payload.readUInt32LE(payload.length - 4);
  const [command, ...args] = compression.command;
  const result = await runForBytes(command, args, {
    input: payload.subarray(0, -4),
    deadlineMs: decompressDeadlineMs,
    maxStdoutBytes: maxKernelBytes,
    signal: task.signal,
  });
  return result.stdout.length === expectedBytes ? result.stdout : null;
}

function gunzipOrNull(payload: Buffer): Buffer | null {
  try {
    return gunzipSync(payload, { maxOutputLength: maxKernelBytes });
  } catch {
    return null;
  }
}
