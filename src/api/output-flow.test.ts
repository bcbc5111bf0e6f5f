import * as fc from "fast-check";
import { expect, test } from "vitest";
import { windowBytes } from "./byte-window.ts";
import { InputQueue } from "./input-queue.ts";
import { chunkBytesMax } from "./message.ts";
import { OutputFlow } from "./output-flow.ts";

interface Sent {
  readonly bytes: Uint8Array;
  readonly skippedBytes: number;
}

/** A flow whose time passes when it is told to. */
function flowWithClock(): { flow: OutputFlow; sent: Sent[]; waits: number[]; tick: () => void } {
  const sent: Sent[] = [];
  const due: (() => void)[] = [];
  const waits: number[] = [];
  const flow = new OutputFlow((bytes, skippedBytes) => sent.push({ bytes, skippedBytes }), (callback, delayMs) => {
    due.push(callback);
    waits.push(delayMs);
  });
  return { flow, sent, waits, tick: () => due.splice(0).forEach((callback) => callback()) };
}

test("what comes within a frame goes as one", () => {
  const { flow, sent, waits, tick } = flowWithClock();
  for (let byte = 0; byte < 200; byte++) flow.write(Uint8Array.of(byte));
  expect(sent).toEqual([]);
  tick();
  expect(waits).toEqual([16]);
  expect(sent.map(({ bytes }) => [...bytes])).toEqual([Array.from({ length: 200 }, (_, byte) => byte)]);
});

test("whatever is written arrives in order, in chunks that a message may have", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 100_000, size: "max" }), { maxLength: 6 }), (pieces) => {
      const { flow, sent, tick } = flowWithClock();
      for (const piece of pieces) flow.write(piece);
      for (let acknowledged = 0; ; ) {
        tick();
        const fresh = sent.slice(acknowledged);
        if (fresh.length === 0) break;
        acknowledged = sent.length;
        for (const { bytes } of fresh) flow.acknowledged(bytes.length);
      }
      expect(sent.every(({ bytes }) => bytes.length <= chunkBytesMax)).toBe(true);
      expect(Buffer.concat(sent.map(({ bytes }) => bytes)).equals(Buffer.concat(pieces))).toBe(true);
    }),
    { numRuns: 15 },
  );
});

test("a face that does not keep up misses the oldest, and is told how much", () => {
  const { flow, sent, tick } = flowWithClock();
  const piece = new Uint8Array(10_000);
  let written = 0;
  const write = (count: number): void => {
    for (let index = 0; index < count; index++, written += piece.length) flow.write(piece);
  };
  write(400);
  tick();
  const underWay = sent.reduce((sum, { bytes }) => sum + bytes.length, 0);
  expect(underWay).toBeLessThanOrEqual(windowBytes + chunkBytesMax);
  write(400);
  tick();
  for (let acknowledged = 0; acknowledged < sent.length; acknowledged++) {
    flow.acknowledged(sent[acknowledged]!.bytes.length);
    tick();
  }
  const arrived = sent.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const skipped = sent.reduce((sum, { skippedBytes }) => sum + skippedBytes, 0);
  expect(arrived + skipped).toBe(written);
  expect(skipped).toBeGreaterThan(written / 2);
});

test("what is poured waits for the face and loses nothing", async () => {
  const { flow, sent } = flowWithClock();
  const poured = flow.pour(new Uint8Array(1_000_000));
  let arrived = 0;
  for (let turn = 0; turn < 100 && arrived < 1_000_000; turn++) {
    await Promise.resolve();
    for (const { bytes } of sent.splice(0)) {
      arrived += bytes.length;
      flow.acknowledged(bytes.length);
    }
  }
  await poured;
  expect(arrived).toBe(1_000_000);
});

test("input is acknowledged when it has been dealt with", async () => {
  const taken: number[] = [];
  const queue = new InputQueue((byteCount) => taken.push(byteCount));
  queue.push(Uint8Array.of(1, 2, 3));
  const iterator = queue[Symbol.asyncIterator]();
  expect((await iterator.next()).value).toEqual(Uint8Array.of(1, 2, 3));
  expect(taken).toEqual([]);
  const second = iterator.next();
  queue.push(Uint8Array.of(4));
  await second;
  expect(taken).toEqual([3]);
  queue.end();
  expect((await iterator.next()).done).toBe(true);
  expect(queue.keptBytes).toBe(0);
});
