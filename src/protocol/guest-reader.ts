import { FrameReader, type FrameCounters, type FrameEvent } from "./frame.ts";
import { decodeMessage, type GuestMessage } from "./messages.ts";

export type GuestEvent =
  | { readonly kind: "message"; readonly seq: number; readonly message: GuestMessage }
  /** A message came whole but says nothing that can be believed. */
  | { readonly kind: "bad"; readonly seq: number; readonly problem: string }
  | Exclude<FrameEvent, { kind: "message" }>;

export interface GuestCounters extends FrameCounters {
  readonly badMessages: number;
}

/** Everything that the guest says, from the bytes of the serial port to typed messages. */
export class GuestReader {
  private readonly frames: FrameReader;
  private badMessages = 0;

  /** `nextSeq`: the first message to come, when the guest goes on from a saved state. */
  constructor(nextSeq = 0) {
    this.frames = new FrameReader(nextSeq);
  }

  push(chunk: Uint8Array | string): GuestEvent[] {
    return this.frames.push(chunk).map((event) => this.decode(event));
  }

  /** The port is closed. */
  end(): GuestEvent[] {
    return this.frames.end().map((event) => this.decode(event));
  }

  get counters(): GuestCounters {
    return { ...this.frames.counters, badMessages: this.badMessages };
  }

  /** The sequence number that the next message should have: kept with a saved state. */
  get expectedSeq(): number {
    return this.frames.expectedSeq;
  }

  private decode(event: FrameEvent): GuestEvent {
    if (event.kind !== "message") return event;
    const decoded = decodeMessage(event.payload);
    if (decoded.ok) return { kind: "message", seq: event.seq, message: decoded.message };
    this.badMessages += 1;
    return { kind: "bad", seq: event.seq, problem: decoded.problem };
  }
}
