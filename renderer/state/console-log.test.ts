import { expect, test } from "vitest";
import { ConsoleLog } from "./console-log.ts";

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const bytes = (of: string): Uint8Array => new TextEncoder().encode(of);

test("a terminal that comes later gets what was printed, and then what is", async () => {
  const log = new ConsoleLog();
  await log.write(bytes("one"), 0);
  const seen: string[] = [];
  seen.push(...log.attach(async (chunk) => void seen.push(text(chunk))).map(text));
  await log.write(bytes("two"), 0);
  log.detach();
  await log.write(bytes("three"), 0);
  expect(seen).toEqual(["one", "two"]);
});

test("the oldest goes when it is too much, and is counted", async () => {
  const log = new ConsoleLog();
  for (let chunk = 0; chunk < 40; chunk++) await log.write(new Uint8Array(64 * 1024), chunk === 0 ? 7 : 0);
  expect(log.attach(async () => {}).length).toBe(32);
  expect(log.skippedBytes).toBe(8 * 64 * 1024 + 7);
});
