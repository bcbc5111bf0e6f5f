import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeFrame, FrameReader, lineMaxBytes, type FrameEvent } from "./frame.ts";
import { encodePayload } from "./payload.ts";

const bytes = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));

const payload = fc
  .tuple(fc.constantFrom("vm", "run", "done", "calls"), fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.string({ maxLength: 30 }), { maxKeys: 5 }))
  .map(([verb, fields]) => encodePayload(verb, fields));
const payloads = fc.array(payload, { minLength: 1, maxLength: 12 });
const frames = (list: readonly string[]): string[] => list.map((text, seq) => encodeFrame(seq, text));

const logLine = fc.constantFrom(
  "[    2.907390] reboot: Power down\n",
  "[   12.000001] ~ sd 0:0:0:0: [sda] Attached SCSI disk\n",
  "~\n",
  "~0 2 00000000 vm\n",
  "BUG: kernel NULL pointer dereference, address: 0000000000000008\r\n",
  "\u{0}\u{ff}\u{fe}",
);

/** Feeds a text in pieces cut at the given places. */
function readIn(text: string, cuts: readonly number[], asText: boolean): FrameEvent[] {
  const reader = new FrameReader();
  const places = [...new Set(cuts.map((cut) => cut % (text.length + 1)))].toSorted((a, b) => a - b);
  const events: FrameEvent[] = [];
  let start = 0;
  for (const end of [...places, text.length]) {
    const piece = text.slice(start, end);
    events.push(...reader.push(asText ? piece : bytes(piece)));
    start = end;
  }
  return [...events, ...reader.end()];
}

/** Few and large pieces: what exceeds a line is reached, and a failure shrinks quickly. */
const garbagePiece = fc.constantFrom("~", "~~~", "~0 2 ", "~7 2000 00000000 vm a=", "\n", "\u{0}\u{ff}", "x".repeat(lineMaxBytes / 2), "~".repeat(300));

const cutsAnywhere = fc.array(fc.nat(), { maxLength: 40 });

/** What a faulty line may do to a stream. */
const fault = fc.oneof(
  fc.record({ kind: fc.constant("flip" as const), at: fc.nat(), bit: fc.nat({ max: 7 }) }),
  fc.record({ kind: fc.constant("cut" as const), at: fc.nat(), length: fc.integer({ min: 1, max: 80 }) }),
  fc.record({ kind: fc.constant("repeat" as const), at: fc.nat(), length: fc.integer({ min: 1, max: 200 }) }),
  fc.record({ kind: fc.constant("log" as const), at: fc.nat(), line: logLine }),
);

type Fault = typeof fault extends fc.Arbitrary<infer Value> ? Value : never;

function damage(text: string, faults: readonly Fault[]): string {
  return faults.reduce((damaged, one) => {
    const at = damaged.length === 0 ? 0 : one.at % damaged.length;
    const before = damaged.slice(0, at);
    switch (one.kind) {
      case "flip":
        return before + String.fromCharCode(damaged.charCodeAt(at) ^ (1 << one.bit)) + damaged.slice(at + 1);
      case "cut":
        return before + damaged.slice(at + one.length);
      case "repeat":
        return before + damaged.slice(at, at + one.length) + damaged.slice(at);
      case "log":
        return before + one.line + damaged.slice(at);
    }
  }, text);
}

describe("a clean stream", () => {
  test("gives every message in order, whatever the chunks", () => {
    fc.assert(
      fc.property(payloads, cutsAnywhere, fc.boolean(), (list, cuts, asText) => {
        const events = readIn(frames(list).join(""), cuts, asText);
        expect(events.map((event) => event.kind === "message" && [event.seq, encodePayload(event.payload.verb, Object.fromEntries(event.payload.fields))])).toEqual(
          list.map((text, seq) => [seq, text]),
        );
      }),
    );
  });
});

describe("a damaged stream", () => {
  test("gives the same events whatever the chunks", () => {
    fc.assert(
      fc.property(payloads, fc.array(fault, { maxLength: 6 }), cutsAnywhere, (list, faults, cuts) => {
        const text = damage(frames(list).join(""), faults);
        expect(readIn(text, cuts, false)).toEqual(readIn(text, [], true));
      }),
    );
  });

  test("never gives a message that was not sent, nor one twice, nor one out of order", () => {
    fc.assert(
      fc.property(payloads, fc.array(fault, { minLength: 1, maxLength: 8 }), (list, faults) => {
        let lastSeq = -1;
        for (const event of readIn(damage(frames(list).join(""), faults), [], true)) {
          if (event.kind !== "message") continue;
          expect(event.seq).toBeGreaterThan(lastSeq);
          lastSeq = event.seq;
          expect(encodePayload(event.payload.verb, Object.fromEntries(event.payload.fields))).toBe(list[event.seq]);
        }
      }),
      { numRuns: 500 },
    );
  });

  test("what is lost shows as a gap of exactly the missing messages", () => {
    fc.assert(
      fc.property(payloads, fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }), (list, kept) => {
        const text = frames(list).filter((_, seq) => kept[seq]).join("");
        const reader = new FrameReader();
        const told = reader.push(text).flatMap((event) => {
          if (event.kind === "message") return [event.seq];
          return event.kind === "gap" ? Array.from({ length: event.to - event.from + 1 }, (_, index) => event.from + index) : [-1];
        });
        expect(told).toEqual(Array.from({ length: reader.expectedSeq }, (_, seq) => seq));
        const lastKept = list.findLastIndex((_, seq) => kept[seq]);
        expect(reader.expectedSeq).toBe(lastKept + 1);
      }),
    );
  });

  test("a message behind any garbage, with or without a newline between, is read", () => {
    fc.assert(
      fc.property(fc.array(garbagePiece, { maxLength: 12 }), cutsAnywhere, payload, (pieces, cuts, text) => {
        const garbage = pieces.join("");
        const events = readIn(garbage + encodeFrame(0, text), cuts, true);
        expect(events.at(-1)).toMatchObject({ kind: "message", seq: 0 });
        const garbageBytes = events.reduce((sum, event) => sum + (event.kind === "garbage" ? event.sizeBytes : 0), 0);
        expect(garbageBytes).toBe(garbage.replaceAll("\n", "").length);
      }),
    );
  });
});

describe("counters", () => {
  test("tell garbage, gaps and repeats apart", () => {
    const reader = new FrameReader();
    reader.push(`${encodeFrame(0, "vm")}[ 1.0] log\n${encodeFrame(0, "vm")}${encodeFrame(3, "vm")}~4 2 0000`);
    reader.end();
    expect(reader.counters).toEqual({ messages: 2, garbageLines: 2, garbageBytes: 10 + 9, gaps: 1, lostMessages: 2, repeats: 1 });
  });

  test("a reader that goes on from an earlier stream expects its next number", () => {
    const reader = new FrameReader(7);
    expect(reader.push(encodeFrame(6, "vm") + encodeFrame(7, "vm")).map((event) => event.kind)).toEqual(["repeat", "message"]);
  });

  test("garbage is kept in part only, and without end it does not pile up", () => {
    const reader = new FrameReader();
    expect(reader.push("x".repeat(1_000_000))).toEqual([]);
    expect(reader.push("\n")).toEqual([{ kind: "garbage", text: "x".repeat(200), sizeBytes: 1_000_000 }]);
  });
});

test.each([
  ["a sequence number with a leading zero", encodeFrame(1, "vm").replace("~1", "~01")],
  ["a number beyond what can be counted", "~99999999999999999999 2 00000000 vm\n"],
  ["more behind the payload than its length says", encodeFrame(0, "vm").replace("\n", "x\n")],
  ["a length that is not the payload's, under a checksum that fits", encodeFrame(0, "vm").replace("~0 2 ", "~0 3 ")],
  ["a checksum in capitals", "~0 2 ABCDEF01 vm\n"],
  ["a carriage return before the newline", encodeFrame(0, "vm").replace("\n", "\r\n")],
])("%s is garbage", (_, line) => {
  expect(new FrameReader().push(line).map((event) => event.kind)).toEqual(["garbage"]);
});

test("sending what no reader would take is a bug of the caller", () => {
  expect(() => encodeFrame(-1, "vm")).toThrow(RangeError);
  expect(() => encodeFrame(0, "x".repeat(2001))).toThrow(RangeError);
});
