import { expect, test } from "vitest";
import { crc32 } from "./crc32.ts";

test("check value of the IEEE polynomial and the empty text", () => {
  expect(crc32("123456789")).toBe(0xcbf43926);
  expect(crc32("")).toBe(0);
});

test("bytes above 127 count as themselves", () => {
  // All 256 byte values in order.
  expect(crc32(String.fromCharCode(...Array.from({ length: 256 }, (_, byte) => byte)))).toBe(0x29058c73);
});
