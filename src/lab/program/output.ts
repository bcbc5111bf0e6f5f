import type { ProgramResult } from "../../report/result.ts";
import type { GuestMessage } from "../../protocol/messages.ts";

type OutputMessage = Extract<GuestMessage, { kind: "output" }>;

/** So many of its last lines are in the result; the bundle's file has all that was kept. */
const linesMax = 200;
const lineMaxChars = 500;

/** One of a program's streams as it comes: the beginning without gaps and, of more than the guest keeps, the end. */
export class ProgramOutput {
  private readonly pieces: OutputMessage[] = [];

  take(message: OutputMessage): void {
    this.pieces.push(message);
  }

  /** What was printed; where some of it was not kept, a line says how much. */
  bytes(): Buffer {
    const parts: Uint8Array[] = [];
    let end = 0;
    for (const { at, bytes } of this.pieces) {
      if (at > end) parts.push(Buffer.from(`\n[${at - end} bytes were not kept]\n`));
      parts.push(bytes);
      end = at + bytes.length;
    }
    return Buffer.concat(parts);
  }

  /** `sizeBytes`: everything that was printed, as the guest counted it; null when it did not come to that. */
  summary(sizeBytes: number | null): ProgramResult["stdout"] {
    const keptBytes = this.pieces.reduce((sum, { bytes }) => sum + bytes.length, 0);
    const lines = this.bytes().toString("utf8").replace(/\n$/, "").split("\n");
    const shown = lines.slice(-linesMax).map((line) => line.slice(0, lineMaxChars));
    return { sizeBytes: sizeBytes ?? keptBytes, keptBytes, lines: keptBytes === 0 ? [] : shown };
  }
}
