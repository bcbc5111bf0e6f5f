import { expect, test } from "vitest";
import { fakeContext } from "../../test/fake-context.ts";
import { runCommandLine } from "./cli.ts";

test.each([
  [["serve"], { port: 0, open: false }],
  [["serve", "--port", "7777", "--open"], { port: 7777, open: true }],
])("%s", async (words, asked) => {
  const context = fakeContext();
  expect(await runCommandLine(words, context)).toBe(0);
  expect(context.served).toEqual([asked]);
});

test.each(["0", "65536", "x", "-1", "1e3"])("%s is no port", async (port) => {
  const context = fakeContext();
  expect(await runCommandLine(["serve", `--port=${port}`], context)).toBe(125);
  expect(context.served).toEqual([]);
});
