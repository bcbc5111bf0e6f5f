import { crc32 } from "./crc32.ts";
import { decodePayload, payloadMaxBytes, type Payload } from "./payload.ts";

/** Longest line, its newline not included. */
export const lineMaxBytes = 2100;
/** How much of a bad line is kept for showing. */
const garbageKeptBytes = 200;

/** One line: `~<seq> <len> <crc32> <payload>`, the checksum over `<seq> <payload>`, and a newline. */
export function encodeFrame(seq: number, payload: string): string {
  if (!Number.isSafeInteger(seq) || seq < 0) throw new RangeError(`${seq} cannot be a sequence number`);
  if (payload.length > payloadMaxBytes) throw new RangeError(`a payload of ${payload.length} bytes is longer than ${payloadMaxBytes}`);
  return `~${seq} ${payload.length} ${crc32(`${seq} ${payload}`).toString(16).padStart(8, "0")} ${payload}\n`;
}

export type FrameEvent =
  | { readonly kind: "message"; readonly seq: number; readonly payload: Payload }
  /** Bytes that are no message: `text` is the beginning of them, one character a byte. */
  | { readonly kind: "garbage"; readonly text: string; readonly sizeBytes: number }
  /** Messages `from` to `to`, both included, never came. */
  | { readonly kind: "gap"; readonly from: number; readonly to: number }
  /** A message that had come before; it is dropped. */
  | { readonly kind: "repeat"; readonly seq: number };

/** What has come since the reader was made. */
export interface FrameCounters {
  readonly messages: number;
  readonly garbageLines: number;
  readonly garbageBytes: number;
  readonly gaps: number;
  readonly lostMessages: number;
  readonly repeats: number;
}

interface Frame {
  readonly seq: number;
  readonly payload: Payload;
}

const frameForm = /^~(0|[1-9]\d{0,15}) (0|[1-9]\d{0,3}) ([0-9a-f]{8}) ([ -~]*)$/;

function parseFrame(text: string): Frame | null {
  const match = frameForm.exec(text);
  if (match === null) return null;
  const [, seqText = "", lengthText = "", crcText = "", payloadText = ""] = match;
  const seq = Number(seqText);
  if (!Number.isSafeInteger(seq) || payloadText.length !== Number(lengthText)) return null;
  if (crc32(`${seqText} ${payloadText}`) !== Number.parseInt(crcText, 16)) return null;
  const payload = decodePayload(payloadText);
  return payload === null ? null : { seq, payload };
}

/** A frame that ends the line, wherever it begins: the line before it may have been cut off without its newline. */
function findFrame(line: string): { start: number; frame: Frame } | null {
  for (let start = line.indexOf("~"); start >= 0; start = line.indexOf("~", start + 1)) {
    const frame = parseFrame(line.slice(start));
    if (frame !== null) return { start, frame };
  }
  return null;
}

/** Characters handed to `String.fromCharCode` at once; its arguments live on the stack. */
const bytesAtOnce = 4096;

function latin1(bytes: Uint8Array): string {
  const pieces: string[] = [];
  for (let start = 0; start < bytes.length; start += bytesAtOnce) {
    pieces.push(String.fromCharCode(...bytes.subarray(start, start + bytesAtOnce)));
  }
  return pieces.join("");
}

/**
 * Takes a stream apart into messages, whatever the chunks it comes in. It begins anew at every newline and at
 * every `~`; what is no whole message with the right length and checksum is counted and shown, never believed.
 */
export class FrameReader {
  private nextSeq: number;
  private line = "";
  /** Bytes of the current line that were let go because it is longer than any message. */
  private droppedBytes = 0;
  private droppedText = "";
  private events: FrameEvent[] = [];
  private readonly counts = { messages: 0, garbageLines: 0, garbageBytes: 0, gaps: 0, lostMessages: 0, repeats: 0 };

  /** `nextSeq`: the sequence number of the first message to come, when the stream goes on from an earlier one. */
  constructor(nextSeq = 0) {
    this.nextSeq = nextSeq;
  }

  /** Text counts as one character a byte. */
  push(chunk: Uint8Array | string): FrameEvent[] {
    const text = typeof chunk === "string" ? chunk : latin1(chunk);
    let start = 0;
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", start)) {
      this.append(text.slice(start, end));
      this.endLine();
      start = end + 1;
    }
    this.append(text.slice(start));
    return this.take();
  }

  /** The stream is over: what is left of a line is garbage. */
  end(): FrameEvent[] {
    this.garbage(this.line);
    this.line = "";
    return this.take();
  }

  get counters(): FrameCounters {
    return { ...this.counts };
  }

  /** The sequence number that the next message should have. */
  get expectedSeq(): number {
    return this.nextSeq;
  }

  private take(): FrameEvent[] {
    const events = this.events;
    this.events = [];
    return events;
  }

  private append(text: string): void {
    this.line += text;
    if (this.line.length <= lineMaxBytes) return;
    // No message begins so far back; the next `~` that has enough behind it to be one may.
    const unfinished = this.line.length - lineMaxBytes;
    const keepFrom = this.line.indexOf("~", unfinished);
    this.drop(keepFrom < 0 ? this.line.length : keepFrom);
  }

  private drop(length: number): void {
    this.droppedText += this.line.slice(0, Math.max(0, Math.min(length, garbageKeptBytes - this.droppedText.length)));
    this.droppedBytes += length;
    this.line = this.line.slice(length);
  }

  private endLine(): void {
    const line = this.line;
    this.line = "";
    const found = findFrame(line);
    this.garbage(found === null ? line : line.slice(0, found.start));
    if (found !== null) this.message(found.frame);
  }

  /** An empty line is nothing: a sender may put one before a message to end whatever was cut off. */
  private garbage(rest: string): void {
    const sizeBytes = this.droppedBytes + rest.length;
    const text = (this.droppedText + rest).slice(0, garbageKeptBytes);
    this.droppedBytes = 0;
    this.droppedText = "";
    if (sizeBytes === 0) return;
    this.counts.garbageLines += 1;
    this.counts.garbageBytes += sizeBytes;
    this.events.push({ kind: "garbage", text, sizeBytes });
  }

  private message({ seq, payload }: Frame): void {
    if (seq < this.nextSeq) {
      this.counts.repeats += 1;
      this.events.push({ kind: "repeat", seq });
      return;
    }
    if (seq > this.nextSeq) {
      this.counts.gaps += 1;
      this.counts.lostMessages += seq - this.nextSeq;
      this.events.push({ kind: "gap", from: this.nextSeq, to: seq - 1 });
    }
    this.nextSeq = seq + 1;
    this.counts.messages += 1;
    this.events.push({ kind: "message", seq, payload });
  }
}
