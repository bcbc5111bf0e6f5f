/**
 * How many bytes may be under way to the other side before it has acknowledged them, so that neither side has to
 * remember what the other one cannot deal with.
 */
export const windowBytes = 256 * 1024;

export class ByteWindow {
  private unacknowledgedBytes = 0;
  private isOver = false;
  private readonly waiting: (() => void)[] = [];

  get isClosed(): boolean {
    return this.isOver;
  }

  get hasRoom(): boolean {
    return this.unacknowledgedBytes < windowBytes;
  }

  /** Counts bytes as under way. */
  sent(byteCount: number): void {
    this.unacknowledgedBytes += byteCount;
  }

  /** Never believes more than was sent. */
  acknowledged(byteCount: number): void {
    this.unacknowledgedBytes = Math.max(0, this.unacknowledgedBytes - byteCount);
    if (this.hasRoom) this.wake();
  }

  /** Resolves when there is room, or when nobody waits for the bytes any more. */
  async room(): Promise<void> {
    while (!this.hasRoom && !this.isOver) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  close(): void {
    this.isOver = true;
    this.wake();
  }

  private wake(): void {
    for (const resolve of this.waiting.splice(0)) resolve();
  }
}

/** Pieces as one. */
export function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let filled = 0;
  for (const piece of pieces) {
    whole.set(piece, filled);
    filled += piece.length;
  }
  return whole;
}
