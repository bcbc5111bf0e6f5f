import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { command } from "./command-line.ts";
import { writeKernelWithoutInit, writeStillbornKernel } from "./damaged-kernels.ts";
import { useEarlierRun } from "./earlier-run.ts";
import { useOwnCache, useOwnFolder } from "./places.ts";
import { lab, runExperiment, story } from "./runs.ts";

/** What people get wrong: each ends in a verdict of its own that says what, where, and what to do. */

const folder = useOwnFolder();
useOwnCache(folder);
useEarlierRun();

const good = ['name = "mine"', 'title = "mine"', "[[op]]", 'op = "map"', 'region = "a"', 'size = "1M"', "[[op]]", 'op = "pageout"', 'region = "a"'];
const withLine = (number: number, line: string): string => good.map((text, index) => (index + 1 === number ? line : text)).join("\n");

describe("a workload that is none", () => {
  test.each<[string, string, RegExp]>([
    ["an op that is unknown", withLine(8, 'op = "pageuot"'), /mine\.toml:8: op 2 op: .*pageuot.* is not an op; there are .*pageout/],
    ["a field that is unknown", withLine(6, 'size = "1M"\nfolioo = "64kB"'), /mine\.toml:7: op 1 folioo: is not a field/],
    ["a size of zero", withLine(6, 'size = "0"'), /mine\.toml:6: op 1 size: a size of zero/],
    ["a size that is not one", withLine(6, 'size = "some"'), /mine\.toml:6: op 1 size: "some" is not a size/],
    ["a range beyond its region", withLine(9, 'region = "a"\nlength = "2M"'), /mine\.toml:10: op 2 length: reaches from page 0 to page 512/],
    ["a region that nobody maps", withLine(9, 'region = "b"'), /mine\.toml:9: op 2 region: no op before this one maps/],
    ["text that is no TOML", withLine(5, "region = "), /mine\.toml:5: not well-formed TOML/],
  ])("%s", async (_, text, reason) => {
    const path = join(folder, "mine.toml");
    await writeFile(path, text);
    const { result } = await runExperiment({ experiment: path, kernel: "6.12" });
    expect([result.verdict, result.steps, result.host.start]).toEqual(["invalid", [], "none"]);
    expect(result.reason).toMatch(reason);
  });

  test("the workload that these were made from runs", async () => {
    const path = join(folder, "good.toml");
    await writeFile(path, good.join("\n"));
    const { result } = await runExperiment({ experiment: path, kernel: "6.12" });
    expect(result.verdict, story(result)).toBe("pass");
  });

  test("on the command line: 125, the reason in the table and in the document", async () => {
    const path = join(folder, "mine.toml");
    await writeFile(path, withLine(8, 'op = "pageuot"'));
    const table = await command(["run", path]);
    expect([table.exitCode, table.stdout]).toEqual([125, expect.stringMatching(/mine\.toml:8: op\s2\sop/)]);
    const json = await command(["run", path, "--json"]);
    expect([json.exitCode, JSON.parse(json.stdout)]).toEqual([125, expect.objectContaining({ schema: "swaplab.result/1", verdict: "invalid" })]);
  });
});

describe("a kernel that cannot run it", () => {
  test("without folios of that size, which names those it has", async () => {
    const { result } = await runExperiment({ experiment: "munmap-after-pageout", kernel: "6.1", folio: "64kB" });
    expect([result.verdict, result.steps], story(result)).toEqual(["invalid", []]);
    expect(result.reason).toMatch(/no folios of 64 kB.*it has 4kB, 2048kB.*--folio/);
  });

  test("with a size that no kernel has", async () => {
    const { result } = await runExperiment({ experiment: "munmap-after-pageout", kernel: "6.12", folio: "8kB" });
    expect([result.verdict, result.host.start], story(result)).toEqual(["invalid", "none"]);
    expect(result.reason).toContain("8kB");
  });
});

describe("a path that is no kernel", () => {
  const path = (name: string): string => join(folder, name);
  beforeAll(async () => {
    await writeFile(path("notes.txt"), "Remember to build the kernel.\n");
    await mkdir(path("empty-tree"));
    await mkdir(path("cut-tree/arch/x86/boot"), { recursive: true });
    await writeFile(path("cut-tree/arch/x86/boot/bzImage"), "not yet");
  });
  test.each<[string, string, RegExp]>([
    ["a text file", "notes.txt", /notes\.txt.*neither a bzImage nor an x86-64 vmlinux/],
    ["an empty folder", "empty-tree", /empty-tree.*no arch\/x86\/boot\/bzImage in it.*make bzImage/],
    ["a tree whose build was cut short", "cut-tree", /cut-tree.*not a whole bzImage/],
    ["nothing", "nowhere", /nowhere.*there is no such file or folder/],
  ])("%s", async (_, name, reason) => {
    const { result } = await runExperiment({ experiment: "munmap-after-pageout", kernel: path(name) });
    expect([result.verdict, result.steps, result.host.start]).toEqual(["invalid", [], "none"]);
    expect(result.reason).toMatch(reason);
  });

  test("a program of another kind", async () => {
    const { result } = await runExperiment({ experiment: "munmap-after-pageout", kernel: process.execPath });
    expect([result.verdict, result.reason]).toEqual(["invalid", expect.stringMatching(/not a Linux kernel|no PVH entry/)]);
  });

  test("a series that is in no catalogue", async () => {
    const { exitCode, stdout } = await command(["run", "--kernel", "2.4"]);
    expect([exitCode, stdout]).toEqual([125, expect.stringMatching(/no\ssuch\sseries/)]);
  });
});

describe("a kernel that dies while it boots", () => {
  test("with a panic: its own words are shown", async () => {
    const path = join(folder, "vmlinux-without-init");
    await writeKernelWithoutInit(path, "6.12");
    const { result } = await runExperiment({ experiment: "munmap-after-pageout", kernel: path, cold: true });
    expect([result.verdict, result.steps], story(result)).toEqual(["invalid", []]);
    expect(result.reason).toMatch(/boot: the kernel did not reach the agent: the kernel panicked \("Kernel panic - not syncing: /);
    expect(result.lastWords.join("\n")).toMatch(/Kernel panic - not syncing/);
    const { result: kept } = await lab.openRun(result.run);
    expect(kept).toEqual(result);
  });

  test("without a word", async () => {
    const path = join(folder, "vmlinux-stillborn");
    await writeStillbornKernel(path, "6.12");
    const { result } = await runExperiment({ experiment: "munmap-after-pageout", kernel: path, cold: true });
    expect([result.verdict, result.steps], story(result)).toEqual(["invalid", []]);
    expect(result.reason).toMatch(/boot: the kernel did not reach the agent: the guest ended by itself/);
  });
});
