import { createWriteStream, type WriteStream } from "node:fs";

/** A guest gone mad must not fill the disk. */
const maxBytes = 64 * 1024 * 1024;
const lineMaxChars = 2200;

/**
 * Everything that goes over the wire, for people: one line each with milliseconds since the log began, `>`
 * for what we sent, `<` for what came (as it came: garbage too), `!` for what we make of it.
 */
export class WireLog {
  private readonly stream: WriteStream;
  private readonly startedAtMs = performance.now();
  private readonly decoder = new TextDecoder("latin1");
  private partial = "";
  private writtenBytes = 0;
  private failed: string | null = null;

  constructor(path: string) {
    this.stream = createWriteStream(path, { flags: "a" });
    this.stream.on("error", (error) => {
      this.failed ??= error.message;
    });
  }

  /** Why the log is not whole; null when it is. */
  get problem(): string | null {
    return this.failed;
  }

  sent(line: string): void {
    this.write(">", line.trimEnd());
  }

  received(chunk: Uint8Array): void {
    const lines = (this.partial + this.decoder.decode(chunk, { stream: true })).split("\n");
    this.partial = lines.pop() ?? "";
    for (const line of lines) this.write("<", line);
    if (this.partial.length > lineMaxChars) this.flushPartial();
  }

  note(text: string): void {
    this.write("!", text);
  }

  /** Resolves when the file is complete, or when it is known that it never will be. */
  close(): Promise<void> {
    this.flushPartial();
    return new Promise((resolve) => {
      this.stream.once("close", resolve);
      if (this.stream.closed) resolve();
      else this.stream.end();
    });
  }

  private flushPartial(): void {
    if (this.partial !== "") this.write("<", this.partial);
    this.partial = "";
  }

  private write(mark: string, text: string): void {
    if (this.failed !== null) return;
    const atMs = (performance.now() - this.startedAtMs).toFixed(1).padStart(9);
    const line = `${atMs} ${mark} ${printable(text.slice(0, lineMaxChars))}\n`;
    this.writtenBytes += line.length;
    if (this.writtenBytes > maxBytes) {
      this.failed = `cut off after ${maxBytes} bytes`;
      this.stream.write(`${atMs} ! ${this.failed}\n`);
      return;
    }
    this.stream.write(line);
  }
}

const printable = (text: string): string =>
  text.replaceAll(/[^ -~]/g, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`);
