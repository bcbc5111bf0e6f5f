import { expect, test } from "vitest";
import { timeText } from "./time.ts";

const now = new Date(2026, 10, 24, 18, 0);
const at = (...parts: [number, number, number, number, number]): string => new Date(...parts).toISOString();

test.each([
  [at(2026, 10, 24, 9, 3), "09:03"],
  [at(2026, 10, 23, 12, 3), "23 Nov 12:03"],
  [at(2025, 0, 2, 12, 3), "2025-01-02"],
  ["soon", ""],
])("%s is %s", (iso, text) => {
  expect(timeText(iso, now)).toBe(text);
});
