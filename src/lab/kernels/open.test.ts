import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { checkKernelName } from "./open.ts";

test("a name that is neither a series nor a path is refused with those that there are", () => {
  expect(() => checkKernelName("nonsense")).toThrow(/kernel "nonsense": no such series.*There are 6\.1, 6\.12,.*or give the path/s);
  expect(() => checkKernelName("9.9")).toThrow(/kernel "9\.9"/);
});

test("a series may not be fetched yet, and what lies at a path is not looked into", () => {
  expect(() => checkKernelName("6.12")).not.toThrow();
  expect(() => checkKernelName(fileURLToPath(import.meta.url))).not.toThrow();
});
