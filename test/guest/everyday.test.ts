import { expect, test } from "vitest";
import { parseResult } from "../../src/report/parse.ts";
import { command } from "./command-line.ts";
import { useOwnFolder } from "./places.ts";
import { checksOf, lab } from "./runs.ts";

useOwnFolder();

test("without a word it runs the default experiment, whose result can be shown again", async () => {
  const { exitCode, stdout, stderr } = await command([]);
  expect(exitCode, stderr).toBe(0);
  expect(stdout).toMatch(/^munmap-after-pageout .*paged out, then unmapped$/m);
  expect(stdout).toMatch(/^ +unmap +.*\n(?:.*\n)* +free_swap_and_cache_nr +8 +8 =$/m);
  const run = /^pass +\d+ checks, .*run (\S+)/m.exec(stdout)?.[1] ?? "";

  const shown = await command(["show", run, "--json"]);
  const parsed = parseResult(shown.stdout);
  const result = parsed.ok ? parsed.result : null;
  expect([shown.exitCode, result?.run, result?.verdict]).toEqual([0, run, "pass"]);
  expect(result === null ? 0 : checksOf(result).length).toBeGreaterThanOrEqual(20);
  // Only how to show it is left out.
  const again = await command(["show", run]);
  expect(again.stdout.trimEnd()).toBe(stdout.slice(0, stdout.indexOf("open: ")).trimEnd());
  expect((await command(["list", "--runs"])).stdout).toMatch(new RegExp(`^${run} +pass +munmap-after-pageout `, "m"));
});

test("as KTAP every check is a test", async () => {
  const { exitCode, stdout, stderr } = await command(["run", "partial-unmap", "--kernel", "6.1", "--ktap"]);
  const lines = stdout.split("\n");
  expect([exitCode, lines[0], lines[1]], stderr).toEqual([0, "KTAP version 1", "1..1"]);
  expect(lines.filter((line) => /^ *ok \d+ calls\./.test(line)).length).toBeGreaterThan(20);
  expect(lines.filter((line) => line.trim().startsWith("not ok"))).toEqual([]);
});

test("a dry run predicts and keeps nothing", async () => {
  const before = await lab.listRuns(1000);
  const { exitCode, stdout, stderr } = await command(["run", "--size", "2M", "--swap-size", "256M", "--dry-run"]);
  expect(exitCode, stderr).toBe(0);
  expect(stdout).toContain("prediction of generation 6.12 for 6.12.");
  expect(stdout).toMatch(/^ +pages +main\.a 0\+512 slot 0:16384$/m);
  expect(stdout).toMatch(/^ +qemu-system-x86_64 /m);
  expect(await lab.listRuns(1000)).toEqual(before);
});

test("the doctor finds nothing missing where guests run", async () => {
  const { exitCode, stdout, stderr } = await command(["doctor"]);
  expect(exitCode, stderr).toBe(0);
  expect(stdout).toMatch(/^ok +QEMU +version \d/m);
  expect(stdout).toMatch(/^ok +accelerator +(?:tcg|kvm): /m);
  expect(stdout).toMatch(/^ok +kernels +.*6\.1, 6\.12/m);
  expect(stdout).not.toMatch(/^missing/m);
});
