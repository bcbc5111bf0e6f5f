import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { GuestReader, type GuestEvent } from "./guest-reader.ts";

const folder = new URL("../../test/corpus/wire/", import.meta.url);

/** An event in a few words. */
function summary(event: GuestEvent): string {
  switch (event.kind) {
    case "message":
      return `${event.seq} ${event.message.kind}`;
    case "bad":
      return `${event.seq} bad`;
    case "garbage":
      return `garbage ${event.sizeBytes}`;
    case "gap":
      return `gap ${event.from}-${event.to}`;
    case "repeat":
      return `repeat ${event.seq}`;
  }
}

/** What each capture of test/corpus/wire must be read as. */
const expected: Readonly<Record<string, readonly string[]>> = {
  "bit-flips": ["garbage 96", "garbage 80", "garbage 90", "garbage 63", "garbage 108", "garbage 66", "garbage 68", "gap 0-6", "7 done"],
  "checksum-fits-content-does-not": ["0 bad", "1 bad", "garbage 43", "garbage 25", "gap 2-3", "4 bad", "5 bad", "6 bad", "7 bad", "8 bad", "9 bad", "10 bad", "garbage 29", "gap 11-11", "12 vmstat"],
  "cut-without-newline": ["garbage 120", "gap 0-1", "2 calls", "garbage 106", "garbage 12", "gap 3-4", "5 done"],
  "kernel-log-between": ["garbage 66", "0 hello", "garbage 66", "garbage 76", "1 module", "2 disk", "garbage 76"],
  "kernel-log-inside": ["0 vmstat", "garbage 136", "garbage 48", "gap 1-1", "2 done", "garbage 20", "3 done", "4 returned"],
  "lengths-that-lie": ["garbage 96", "garbage 97", "garbage 114", "garbage 97", "garbage 97", "garbage 98", "garbage 97", "0 vmstat", "1 bad", "repeat 1", "repeat 1"],
  "noise-without-end": ["garbage 5259", "0 hello", "garbage 1", "garbage 3017", "1 vmstat", "garbage 2099", "2 swap-area", "garbage 25"],
  "oops": ["0 hello", "1 vmstat", "garbage 78", "garbage 57", "garbage 48", "garbage 57", "garbage 82", "garbage 26", "garbage 22", "garbage 37", "garbage 50", "garbage 120"],
  "repeats-and-gaps": ["0 vmstat", "1 swap-area", "repeat 1", "repeat 0", "gap 2-3", "4 calls", "repeat 3", "5 done", "repeat 5", "gap 6-899", "900 done"],
};

function read(name: string, chunkBytes: number): string[] {
  const bytes = readFileSync(new URL(`${name}.txt`, folder));
  const reader = new GuestReader();
  const events: GuestEvent[] = [];
  for (let start = 0; start < bytes.length; start += chunkBytes) events.push(...reader.push(bytes.subarray(start, start + chunkBytes)));
  return [...events, ...reader.end()].map(summary);
}

test("every capture has an expectation", () => {
  expect(readdirSync(folder).toSorted()).toEqual(Object.keys(expected).map((name) => `${name}.txt`).toSorted());
});

test.each(Object.entries(expected))("%s", (name, events) => {
  for (const chunkBytes of [1, 7, 1 << 20]) expect(read(name, chunkBytes)).toEqual(events);
});
