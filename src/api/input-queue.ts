/** What a face sends to one call, until the call takes it. */
export class InputQueue implements AsyncIterable<Uint8Array> {
  private readonly chunks: Uint8Array[] = [];
  private readonly taken: (byteCount: number) => void;
  private isEnded = false;
  private wake: () => void = () => undefined;
  keptBytes = 0;

  /** `taken` is called when the call has dealt with so many bytes. */
  constructor(taken: (byteCount: number) => void) {
    this.taken = taken;
  }

  push(chunk: Uint8Array): void {
    if (this.isEnded) return;
    this.chunks.push(chunk);
    this.keptBytes += chunk.length;
    this.wake();
  }

  end(): void {
    this.isEnded = true;
    this.wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (;;) {
      const chunk = this.chunks.shift();
      if (chunk !== undefined) {
        yield chunk;
        this.keptBytes -= chunk.length;
        this.taken(chunk.length);
      } else if (this.isEnded) return;
      else await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }
}
