import { describe, expect, test } from "vitest";
import { fakeContext } from "../../test/fake-context.ts";
import { fakeLab } from "../../test/fake-lab.ts";
import { programArguments } from "../api/request.ts";
import { runCommandLine } from "./cli.ts";

/** What a command asks of the lab. */
async function requestOf(...words: string[]): Promise<unknown> {
  const lab = fakeLab();
  const context = fakeContext({ lab });
  expect(await runCommandLine(words, context)).toBe(0);
  return lab.programRequests[0];
}

test("what follows -- is the program's, exactly", async () => {
  const request = await requestOf("run", "--program", "./my_test", "--kernel", "7.1", "--", "-x", "--kernel", "", "a b", "--", "-h");
  expect(request).toEqual({
    program: "./my_test",
    args: ["-x", "--kernel", "", "a b", "--", "-h"],
    files: [],
    folder: process.cwd(),
    timeoutMs: 60_000,
    kernel: "7.1",
    memoryMb: 1024,
    cold: false,
  });
});

test("files, time and guest", async () => {
  const words = ["run", "--program", "t", "--kernel", "6.12", "--device", "brd", "--folio", "64kB", "--swap-size", "32M", "--cpus", "2", "--file", "a", "--file", "b:/c", "--timeout", "2m", "--memory", "512M"];
  const request = await requestOf(...words);
  expect(request).toMatchObject({ program: "t", args: [], files: ["a", "b:/c"], timeoutMs: 120_000, device: "brd", folio: "64kB", swapSize: "32M", cpus: 2, memoryMb: 512 });
  expect(await requestOf(...programArguments(request as never))).toEqual(request);
});

describe("what makes no sense is refused", () => {
  test.each([
    [["--program", "t", "--model", "6.1"], "--program and --model exclude each other"],
    [["--program", "t", "--size", "1M"], "--program and --size exclude each other"],
    [["--program", "t", "--set", "a=b"], "--program and --set exclude each other"],
    [["--program", "t", "--dry-run"], "--dry-run and --program exclude each other"],
    [["brim", "--file", "a"], "--file and --timeout are for a program"],
    [["brim", "more"], "too many arguments"],
    [["--program", "t", "--timeout", "soon"], "Give it with a unit"],
    [["--program", "t", "--timeout", "25h"], "Give it with a unit"],
  ])("%j", async (words, message) => {
    const context = fakeContext();
    expect(await runCommandLine(["run", ...words], context)).toBe(125);
    expect(context.err()).toContain(message);
  });
});
