/** What programs print, in bounded pieces. */

/** The rest of a longer line is dropped. */
const maxLineChars = 8192;

/** Cuts a stream of chunks into lines for progress. */
export function lineSplitter(onLine: (line: string) => void): { push(chunk: Buffer): void; end(): void } {
  const decoder = new TextDecoder();
  let partial = "";
  const take = (text: string): void => {
    const lines = (partial + text).split("\n");
    partial = (lines.pop() ?? "").slice(0, maxLineChars);
    for (const line of lines) onLine(line.slice(0, maxLineChars));
  };
  return {
    push: (chunk) => take(decoder.decode(chunk, { stream: true })),
    end: () => {
      if (partial !== "") onLine(partial);
      partial = "";
    },
  };
}

/** The last bytes of a stream. */
export class Tail {
  private chunks: Buffer[] = [];
  private sizeBytes = 0;
  private readonly maxBytes: number;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  push(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.sizeBytes += chunk.length;
    if (this.sizeBytes > 2 * this.maxBytes) {
      const kept = Buffer.concat(this.chunks).subarray(-this.maxBytes);
      this.chunks = [kept];
      this.sizeBytes = kept.length;
    }
  }

  text(): string {
    return Buffer.concat(this.chunks).subarray(-this.maxBytes).toString("utf8");
  }
}
