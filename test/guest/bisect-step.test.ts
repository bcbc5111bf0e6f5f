import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { run } from "../../src/lab/process.ts";
import { command, commandWords } from "./command-line.ts";
import { writeBzImage, writeKernelWithoutInit } from "./damaged-kernels.ts";
import { useOwnCache, useOwnFolder } from "./places.ts";

const folder = useOwnFolder();
useOwnCache(folder);

const tree = (series: string): string => join(folder, `linux-${series}`);
const step = (kernel: string, ...words: readonly string[]): string[] => ["bisect-step", "munmap-after-pageout", "--folio", "2048kB", "--size", "8M", "--kernel", kernel, ...words];
/** What changed between the two: an entry of a large folio used to be dropped by a call of its own. */
const everyEntry = ["--expect", "unmap/get_swap_device=2048"];

beforeAll(async () => {
  for (const series of ["6.1", "6.12"]) {
    await mkdir(join(tree(series), "arch/x86/boot"), { recursive: true });
    await writeBzImage(join(tree(series), "arch/x86/boot/bzImage"), series);
  }
});

const deadlineMs = 170_000;

async function git(repository: string, ...words: readonly string[]): Promise<string> {
  const identity = ["-c", "user.name=nobody", "-c", "user.email=nobody@localhost", "-c", "init.defaultBranch=main"];
  const { exitCode, stdout, stderr } = await run("git", ["-C", repository, ...identity, ...words], { deadlineMs });
  expect(exitCode, `git ${words.join(" ")}\n${stdout}\n${stderr}`).toBe(0);
  return stdout;
}

test("git bisect run finds the commit that changed what the kernel does", async () => {
  const repository = join(folder, "history");
  await mkdir(repository);
  await git(repository, "init", "--quiet");
  const history = ["6.1", "6.1", "6.1", "6.12", "6.12", "6.12"];
  for (const [index, series] of history.entries()) {
    await writeFile(join(repository, "kernel"), `${tree(series)}\n`);
    await writeFile(join(repository, "number"), `${index}\n`);
    await git(repository, "add", ".");
    await git(repository, "commit", "--quiet", "-m", `commit ${index}, ${series}`);
  }
  await git(repository, "bisect", "start", "HEAD", `HEAD~${history.length - 1}`);
  const quoted = commandWords(step("KERNEL", ...everyEntry)).map((word) => (word === "KERNEL" ? '"$(cat kernel)"' : `'${word}'`));
  const told = await git(repository, "bisect", "run", "sh", "-c", quoted.join(" "));
  expect(told).toContain("is the first bad commit");
  expect(told).toContain("commit 3, 6.12");
  expect(told).toMatch(/^good 6\.1\..*: unmap\/get_swap_device is 2048$/m);
  expect(told).toMatch(/^bad 6\.12\..*: unmap\/get_swap_device is 4, expected 2048$/m);
});

describe("a kernel of which nothing can be said is skipped", () => {
  test("a tree that was not built", async () => {
    const { exitCode, stdout } = await command(step(folder, ...everyEntry));
    expect([exitCode, stdout]).toEqual([125, expect.stringMatching(/^skip .*no arch\/x86\/boot\/bzImage in it/)]);
  });

  test("a metric that it does not have", async () => {
    const { exitCode, stdout } = await command(step(tree("6.12"), "--expect", "unmap/free_swap_and_cache=2048"));
    expect([exitCode, stdout]).toEqual([125, expect.stringMatching(/^skip 6\.12.*shows no free_swap_and_cache in unmap/)]);
  });

  test("one that panics before the experiment begins, even where a lost guest is bad", async () => {
    const kernel = join(folder, "vmlinux-without-init");
    await writeKernelWithoutInit(kernel, "6.12");
    const { exitCode, stdout } = await command(step(kernel, "--lost", "bad"));
    expect([exitCode, stdout]).toEqual([125, expect.stringMatching(/^skip 6\.12.*panicked/)]);
  });
});
