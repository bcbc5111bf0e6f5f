import { ByteWindow } from "./byte-window.ts";
import { chunkBytesMax } from "./message.ts";

/** A console comes a few bytes at a time; a face is told at most once a frame. */
const batchMs = 16;
/** What is kept for a face that does not keep up. Of more the oldest is dropped; console.log has all of it. */
const keptBytesMax = 1024 * 1024;

/** Calls back once, after so many milliseconds. */
export type Later = (callback: () => void, delayMs: number) => void;

/** What comes out of one call, on its way to the face. */
export class OutputFlow {
  readonly window = new ByteWindow();
  private readonly emit: (bytes: Uint8Array, skippedBytes: number) => void;
  private readonly later: Later;
  private readonly kept: Uint8Array[] = [];
  private keptBytes = 0;
  private skippedBytes = 0;
  private isScheduled = false;

  constructor(emit: (bytes: Uint8Array, skippedBytes: number) => void, later: Later) {
    this.emit = emit;
    this.later = later;
  }

  /** Never waits: whoever writes must not be held up by a face. */
  write(bytes: Uint8Array): void {
    // The writer may use its memory again. (A Buffer's own slice is no copy.)
    this.kept.push(new Uint8Array(bytes));
    this.keptBytes += bytes.length;
    while (this.keptBytes > keptBytesMax) this.drop();
    this.schedule();
  }

  /** Waits until the face has room. Nothing is dropped. Throws when nobody waits for the bytes any more. */
  async pour(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; at += chunkBytesMax) {
      await this.window.room();
      if (this.window.isClosed) throw new Error("the call was stopped");
      this.send(new Uint8Array(bytes.subarray(at, at + chunkBytesMax)));
    }
  }

  acknowledged(byteCount: number): void {
    this.window.acknowledged(byteCount);
    if (this.keptBytes > 0) this.schedule();
  }

  /** Sends what is left as far as the face has room for it. */
  end(): void {
    this.flush();
    this.window.close();
  }

  private schedule(): void {
    if (this.isScheduled || !this.window.hasRoom) return;
    this.isScheduled = true;
    this.later(() => {
      this.isScheduled = false;
      this.flush();
    }, batchMs);
  }

  private flush(): void {
    while (this.keptBytes > 0 && this.window.hasRoom) this.send(this.takeKept());
  }

  /** The oldest bytes, as one piece that fits a message. */
  private takeKept(): Uint8Array {
    const piece = new Uint8Array(Math.min(this.keptBytes, chunkBytesMax));
    let filled = 0;
    while (filled < piece.length) {
      const first = this.kept[0]!;
      const part = first.subarray(0, piece.length - filled);
      piece.set(part, filled);
      filled += part.length;
      if (part.length === first.length) this.kept.shift();
      else this.kept[0] = first.subarray(part.length);
    }
    this.keptBytes -= piece.length;
    return piece;
  }

  private drop(): void {
    const { length } = this.kept.shift()!;
    this.keptBytes -= length;
    this.skippedBytes += length;
  }

  private send(bytes: Uint8Array): void {
    this.window.sent(bytes.length);
    this.emit(bytes, this.skippedBytes);
    this.skippedBytes = 0;
  }
}
