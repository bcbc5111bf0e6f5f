import { readFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { ProgramRequest, RunOutcome } from "../../src/api/lab.ts";
import { defaultMemoryMb } from "../../src/api/request.ts";
import { SlotMaps } from "../../src/report/slot-maps/slot-maps.ts";
import { parseResult } from "../../src/report/parse.ts";
import type { Result } from "../../src/report/result.ts";
import { compileProgram } from "./compile.ts";
import { command } from "./command-line.ts";
import { testedSeries, useOwnFolder } from "./places.ts";
import { checksOf, differing, lab, story } from "./runs.ts";

const folder = join(useOwnFolder(), "program");

beforeAll(async () => {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "data.txt"), "brought along");
  await writeFile(join(folder, "script.sh"), "#!/bin/sh\ngrep -c . /proc/swaps; exec ./static \"$@\"\n");
  await writeFile(join(folder, "threads.sh"), "#!/bin/sh\ncat /proc/[0-9]*/comm\n");
  await compileProgram("pageout", join(folder, "dynamic"));
  await compileProgram("pageout", join(folder, "static"), "-static");
  await compileProgram("unkind", join(folder, "unkind"), "-static");
});

async function runProgram(program: string, asked: Partial<ProgramRequest> = {}): Promise<RunOutcome> {
  const request = { program, args: [], files: [], folder, timeoutMs: 60_000, kernel: "6.12", memoryMb: defaultMemoryMb, cold: false, ...asked };
  return lab.runProgram(request, { signal: new AbortController().signal, progress: () => {} });
}

const invariants = (result: Result) => checksOf(result).filter(({ name }) => name.startsWith("memory."));
const reading = (result: Result, name: string): number | string | undefined => result.steps[1]?.readings?.find((found) => found.name === name)?.value;

describe("a program pages memory out, and what must hold does", () => {
  test.each(testedSeries)("%s, dynamic", async (kernel) => {
    const { result, bundlePath } = await runProgram("./dynamic", { kernel, args: ["-x", "a b", "", "--"], files: ["data.txt"] });
    expect([result.verdict, differing(result)], story(result)).toEqual(["pass", []]);
    const stdout = await readFile(join(bundlePath, "program-stdout.txt"), "utf8");
    expect(stdout.split("\n")).toEqual([
      "wrong bytes 0",
      ...["argument 0 <./dynamic>", "argument 1 <-x>", "argument 2 <a b>", "argument 3 <>", "argument 4 <-->"],
      expect.stringMatching(/^environment PATH=/),
      "environment HOME=/",
      `folder ${folder}`,
      "file brought along",
      "",
    ]);
    expect(await readFile(join(bundlePath, "program-stderr.txt"), "utf8")).toBe("done\n");
    expect(await readFile(join(bundlePath, "console.log"), "utf8")).not.toContain("wrong bytes");
    expect(result.program).toMatchObject({ end: "exit", exitCode: 0, signal: "", leftBehind: 0, stderr: { sizeBytes: 5, lines: ["done"] } });
    expect(result.program?.libraries.some((path) => path.includes("libc.so"))).toBe(true);
    // Nothing was predicted, and it was looked at before and after.
    expect(checksOf(result).every(({ kind }) => kind === "invariant")).toBe(true);
    expect(result.steps.map(({ op, checks }) => [op, checks.length > 8])).toEqual([["swapon", true], ["program", true]]);
    expect(reading(result, "vmstat.pswpout")).toBe(4096);
    const maps = SlotMaps.of(await readFile(join(bundlePath, "slot-maps.bin")));
    expect([0, 1].map((step) => maps.at(step)?.areas.map(({ model, kernel: side }) => [model, side?.slots.length]))).toEqual([[[null, 65536]], [[null, 65536]]]);
  });

  test.each(["brd", "zram", "virtio", "scsi-ssd", "scsi-hdd", "nvme-hdd"])("on %s, static, two CPUs", async (device) => {
    const { result } = await runProgram("./static", { device, cpus: 2 });
    expect(result.verdict, story(result)).toBe("pass");
    expect([result.experiment.device, result.program?.libraries]).toEqual([device, []]);
    expect(invariants(result).length).toBeGreaterThan(8);
  });

  test("in large folios for every fault", async () => {
    const { result } = await runProgram("./static", { folio: "64kB" });
    expect(result.verdict, story(result)).toBe("pass");
    expect(reading(result, "folio.64kB.anon_fault_alloc")).toBeGreaterThanOrEqual(256);
    expect(reading(result, "folio.64kB.swpout")).toBeGreaterThanOrEqual(256);
  });

  test("a script, with busybox for what it calls", async () => {
    const { result } = await runProgram("./script.sh", { args: ["more"], files: ["static"] });
    expect(result.verdict, story(result)).toBe("pass");
    expect(result.program?.stdout.lines.slice(0, 4)).toEqual(["2", "wrong bytes 0", "argument 0 <./static>", "argument 1 <more>"]);
  });
});

// Both have CONFIG_DAMON_STAT, which watches all memory from boot on.
test.each(["6.18", "7.3"])("%s: no thread of DAMON is left, which would keep reclaim from the folio that it tries", async (kernel) => {
  const { result, bundlePath } = await runProgram("./threads.sh", { kernel });
  expect(result.verdict, story(result)).toBe("pass");
  const threads = (await readFile(join(bundlePath, "program-stdout.txt"), "utf8")).split("\n");
  expect(threads).toContain("kswapd0");
  expect(threads.filter((name) => name.startsWith("kdamond"))).toEqual([]);
});

describe("an unkind program ends in a named verdict", () => {
  const unkind = async (args: string[], asked: Partial<ProgramRequest> = {}): Promise<Result> => (await runProgram("./unkind", { args, ...asked })).result;

  test.each<[string[], Partial<ProgramRequest>, string, RegExp]>([
    [["exit", "3"], {}, "fail", /^The program exited with 3\.$/],
    [["exit", "4"], {}, "invalid", /skipped by the program: it exited with 4/],
    [["crash"], {}, "fail", /was killed by SIGSEGV/],
    [["hang"], { timeoutMs: 2000 }, "fail", /did not end within 2 s and was killed/],
    [["eat"], { memoryMb: 192, swapSize: "32M", timeoutMs: 150_000 }, "fail", /was killed by the kernel because memory ran out/],
    [["fork"], { timeoutMs: 3000, memoryMb: 256 }, "fail", /did not end within 3 s|exited with|was killed/],
    [["panic"], {}, "lost", /kernel panicked/],
  ])("%j", async (args, asked, verdict, reason) => {
    const result = await unkind(args, asked);
    expect([result.verdict, result.reason], story(result)).toEqual([verdict, expect.stringMatching(reason)]);
    // What was said until then is there, and what must hold holds.
    expect([result.program?.stdout.lines[0], result.program?.stderr.lines]).toEqual([`begins to ${args[0]}`, ["and says so here"]]);
    expect(invariants(result).filter(({ ok }) => !ok)).toEqual([]);
  });

  test("a panic's last words are kept", async () => {
    const result = await unkind(["panic"]);
    expect(result.lastWords.join("\n")).toContain("sysrq");
    expect(result.program).toMatchObject({ end: "none", exitCode: null });
  });

  test("a flood is cut, its beginning and its end are kept", async () => {
    const { result, bundlePath } = await runProgram("./unkind", { args: ["flood"] });
    const printed = result.program!.stdout;
    expect([result.verdict, printed.lines.at(-1)], story(result)).toEqual(["pass", "line 99999 of a flood"]);
    expect(printed.keptBytes).toBeLessThan(printed.sizeBytes);
    const text = await readFile(join(bundlePath, "program-stdout.txt"), "utf8");
    expect(text.startsWith("begins to flood\nline 0 of a flood\n")).toBe(true);
    expect(text).toContain(`\n[${printed.sizeBytes - printed.keptBytes} bytes were not kept]\n`);
    expect(result.program!.stderr.lines).toEqual(["and says so here", "that was all"]);
  });

  test("what it leaves behind is killed, and said", async () => {
    const result = await unkind(["leave"]);
    expect([result.verdict, result.program?.leftBehind, result.remarks], story(result)).toEqual(["pass", 4, ["4 processes lived on after the program had ended, and were killed"]]);
  });

  test("a child that memory ran out for is said", async () => {
    const result = await unkind(["breed"], { memoryMb: 192, swapSize: "32M", timeoutMs: 150_000 });
    expect([result.verdict, result.program?.stdout.lines.at(-1), result.program?.oomKills], story(result)).toEqual(["pass", "the child was killed by 9", 1]);
    expect(result.remarks.some((remark) => remark.includes("memory ran out"))).toBe(true);
    // It swapped as much as there was room for, under the eyes of the lab.
    expect(reading(result, "vmstat.pswpout")).toBeGreaterThan(4000);
    expect(result.program?.pictures).toBeGreaterThan(0);
  });
});

test("the command line shows it, and shows it again", async () => {
  const { exitCode, stdout, stderr } = await command(["run", "--program", join(folder, "unkind"), "--kernel", "6.12", "--json", "--", "exit", "7"]);
  const parsed = parseResult(stdout);
  const result = parsed.ok ? parsed.result : null;
  expect([exitCode, result?.verdict, result?.program?.exitCode], stderr).toEqual([1, "fail", 7]);
  const again = await command(["show", result?.run ?? ""]);
  expect([again.exitCode, again.stdout.includes("The program exited with 7."), again.stdout.includes("begins to exit")]).toEqual([1, true, true]);
});
