import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { CancelSignal } from "../api/lab.ts";
import { LabError } from "./errors.ts";
import type { Machine } from "./qemu/machine.ts";
import { QmpCommandError } from "./qemu/qmp.ts";

/** A stretch of the kernel's virtual addresses. */
export interface MemoryRange {
  readonly address: bigint;
  readonly sizeBytes: number;
}

/** `scattered`: small pieces of the kernel's map of all memory, where what lies between two is likely to be there too. */
type Where = "apart" | "scattered";
const everyWhere: readonly Where[] = ["apart", "scattered"];

/** Where bytes come from: QEMU, or a test's own. All ranges of one call are read together, results in their order. */
export type ReadMemory = (ranges: readonly MemoryRange[], where?: Where) => Promise<Buffer[]>;

interface ReadPiece extends MemoryRange {
  readonly bytes: Buffer;
}

/**
 * Ranges with at most so many bytes between them are read in one piece. Less than a page: every page touched then belongs
 * to one of them and is there. More: reading that much takes less time than another command.
 */
const gapBytesMax: Readonly<Record<Where, number>> = { apart: 4095, scattered: 128 * 1024 };

/**
 * The kernel's memory seen from outside, through QMP: nothing in the guest takes part. QEMU writes it into files of the
 * run's scratch folder, which go away with it.
 */
export class KernelMemory {
  private readonly machine: Machine;
  private readonly scratchPath: string;
  private readonly signal: CancelSignal | undefined;
  /**
   * What was of use while the guest last stood still. Most of it will be again, and reading it all at once takes a
   * fraction of the time that it takes to follow pointers.
   */
  private used: Readonly<Record<Where, readonly MemoryRange[]>> = { apart: [], scattered: [] };

  constructor(machine: Machine, scratchPath: string, signal?: CancelSignal) {
    this.machine = machine;
    this.scratchPath = scratchPath;
    this.signal = signal;
  }

  /** Does `work` while the guest stands still. What it reads is all of one moment. */
  async whileStopped<Value>(work: (read: ReadMemory) => Promise<Value>): Promise<Value> {
    const { qmp } = this.machine;
    const likely = everyWhere.flatMap((where) => joinRanges(this.used[where], gapBytesMax[where]));
    await qmp.execute("stop", {}, { signal: this.signal });
    try {
      let known = inOrder(await this.readLikely(likely));
      const used: Record<Where, MemoryRange[]> = { apart: [], scattered: [] };
      const value = await work(async (ranges, where = "apart") => {
        for (const range of ranges) used[where].push(range);
        const missing = ranges.filter((range) => findPiece(known, range) === undefined);
        if (missing.length > 0) known = inOrder([...known, ...(await this.readPieces(missing, where))]);
        return ranges.map((range) => cut(findPiece(known, range)!, range));
      });
      this.used = used;
      return value;
    } finally {
      await qmp.execute("cont", {}, { signal: this.signal });
    }
  }

  /** Bytes that never change, while the guest may run. */
  async readConstant(range: MemoryRange): Promise<Buffer> {
    return (await this.save(range, 0)).bytes;
  }

  /** Memory that is no longer there is no longer likely to be needed. */
  private async readLikely(ranges: readonly MemoryRange[]): Promise<ReadPiece[]> {
    const pieces = await Promise.all(
      ranges.map((range, index) =>
        this.save(range, index).catch((error: unknown) => {
          if (error instanceof QmpCommandError) return null;
          throw error;
        }),
      ),
    );
    return pieces.filter((piece) => piece !== null);
  }

  /** QEMU takes the commands one after the other; none of them waits for our answer. */
  private async readPieces(ranges: readonly MemoryRange[], where: Where): Promise<ReadPiece[]> {
    try {
      return await Promise.all(joinRanges(ranges, gapBytesMax[where]).map((range, index) => this.save(range, index)));
    } catch (error) {
      if (where === "apart" || !(error instanceof QmpCommandError)) throw error;
      // Something between them is not there after all.
      return this.readPieces(ranges, "apart");
    }
  }

  /** There may be a hundred at once. None listens for a cancel of its own: that ends the guest, and with it all of them. */
  private async save(range: MemoryRange, index: number): Promise<ReadPiece> {
    const { address, sizeBytes } = range;
    const filename = join(this.scratchPath, `memory-${index}`);
    await this.machine.qmp.execute("memsave", { val: BigInt.asIntN(64, address), size: sizeBytes, filename });
    const bytes = readFileSync(filename);
    if (bytes.length === sizeBytes) return { ...range, bytes };
    throw new LabError("host", { what: `QEMU saved ${bytes.length} of ${sizeBytes} bytes`, where: `kernel's memory at 0x${address.toString(16)}` });
  }
}

const endOf = ({ address, sizeBytes }: MemoryRange): bigint => address + BigInt(sizeBytes);

/** Ascending, of overlapping ones the longer first. */
function ascending(a: MemoryRange, b: MemoryRange): number {
  if (a.address !== b.address) return a.address < b.address ? -1 : 1;
  return b.sizeBytes - a.sizeBytes;
}

/** Pieces by address, without those that lie inside another: then their ends ascend too. */
function inOrder(pieces: readonly ReadPiece[]): ReadPiece[] {
  let end = 0n;
  return [...pieces].sort(ascending).filter((piece) => {
    if (endOf(piece) <= end) return false;
    end = endOf(piece);
    return true;
  });
}

const nothing: ReadPiece = { address: 0n, sizeBytes: 0, bytes: Buffer.alloc(0) };

/** The piece that holds all of a range, in a list that `inOrder` made: if any does, the last that begins before it. */
function findPiece(pieces: readonly ReadPiece[], range: MemoryRange): ReadPiece | undefined {
  if (range.sizeBytes === 0) return nothing;
  let low = 0;
  for (let high = pieces.length; low < high; ) {
    const middle = (low + high) >> 1;
    if (pieces[middle]!.address <= range.address) low = middle + 1;
    else high = middle;
  }
  const piece = pieces[low - 1];
  return piece !== undefined && endOf(range) <= endOf(piece) ? piece : undefined;
}

function cut({ address, bytes }: ReadPiece, range: MemoryRange): Buffer {
  if (range.sizeBytes === 0) return bytes;
  const start = Number(range.address - address);
  return bytes.subarray(start, start + range.sizeBytes);
}

/** The ranges in ascending order, those with at most so many bytes between them joined, empty ones left out. */
export function joinRanges(ranges: readonly MemoryRange[], gapBytes: number): MemoryRange[] {
  const joined: { address: bigint; sizeBytes: number }[] = [];
  for (const { address, sizeBytes } of ranges.filter((range) => range.sizeBytes > 0).sort(ascending)) {
    const last = joined.at(-1);
    const fromLast = last === undefined ? Infinity : Number(address - last.address);
    if (last === undefined || fromLast > last.sizeBytes + gapBytes) joined.push({ address, sizeBytes });
    else last.sizeBytes = Math.max(last.sizeBytes, fromLast + sizeBytes);
  }
  return joined;
}
