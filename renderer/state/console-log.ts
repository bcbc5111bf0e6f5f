/** What a guest printed, kept for a terminal that is opened later, and handed to the one that is open. */
export class ConsoleLog {
  private readonly chunks: Uint8Array[] = [];
  private byteCount = 0;
  private listener: ((bytes: Uint8Array) => Promise<void>) | null = null;
  /** Bytes that are no longer kept, or never came. */
  skippedBytes = 0;

  /** Settles when the terminal has taken the bytes: until then the lab sends no more than a window's worth. */
  async write(bytes: Uint8Array, skippedBytes: number): Promise<void> {
    this.skippedBytes += skippedBytes;
    this.chunks.push(bytes);
    this.byteCount += bytes.length;
    while (this.byteCount > keptBytesMax && this.chunks.length > 1) {
      const oldest = this.chunks.shift()!.length;
      this.byteCount -= oldest;
      this.skippedBytes += oldest;
    }
    await this.listener?.(bytes);
  }

  get isEmpty(): boolean {
    return this.chunks.length === 0;
  }

  /** What is kept, and from now on what comes. One terminal at a time. */
  attach(listener: (bytes: Uint8Array) => Promise<void>): readonly Uint8Array[] {
    this.listener = listener;
    return [...this.chunks];
  }

  detach(): void {
    this.listener = null;
  }
}

/** A terminal scrolls back some thousands of lines; nobody sees more. */
const keptBytesMax = 2 * 1024 * 1024;
