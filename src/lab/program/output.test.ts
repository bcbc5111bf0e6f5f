import { expect, test } from "vitest";
import { ProgramOutput } from "./output.ts";

function output(...pieces: [number, string][]): ProgramOutput {
  const made = new ProgramOutput();
  for (const [at, text] of pieces) made.take({ kind: "output", stream: 0, at, bytes: Buffer.from(text) });
  return made;
}

test("pieces become what was printed", () => {
  const printed = output([0, "one\ntw"], [6, "o\n"]);
  expect(printed.bytes().toString()).toBe("one\ntwo\n");
  expect(printed.summary(8)).toEqual({ sizeBytes: 8, keptBytes: 8, lines: ["one", "two"] });
});

test("what lies between the beginning and the end of a flood is counted", () => {
  const printed = output([0, "begin\n"], [1000, "end\n"]);
  expect(printed.bytes().toString()).toBe("begin\n\n[994 bytes were not kept]\nend\n");
  expect(printed.summary(1004)).toMatchObject({ sizeBytes: 1004, keptBytes: 10 });
});

test("of a guest that was lost there is what came", () => {
  expect(output([0, "begin"]).summary(null)).toEqual({ sizeBytes: 5, keptBytes: 5, lines: ["begin"] });
  expect(output().summary(null)).toEqual({ sizeBytes: 0, keptBytes: 0, lines: [] });
});

test("of many or long lines the last, and their beginnings", () => {
  const { lines } = output([0, `${"x\n".repeat(300)}${"y".repeat(10_000)}\n`]).summary(10_601);
  expect([lines.length, lines.at(-1)?.length]).toEqual([200, 500]);
});
