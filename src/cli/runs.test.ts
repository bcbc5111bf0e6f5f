import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { fakeContext } from "../../test/fake-context.ts";
import { fakeLab } from "../../test/fake-lab.ts";
import { runCommandLine } from "./cli.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "runs-"));
});
afterEach(async () => rm(folder, { recursive: true, force: true }));

test.each([
  [["rename", "2026-11-23-1", "before", "the", "patch"], "2026-11-23-1 is now called: before the patch\n"],
  [["rename", "2026-11-23-1"], "2026-11-23-1 has only its name\n"],
  [["remove", "2026-11-23-1"], "2026-11-23-1 is thrown away; npm start -- runs restore 2026-11-23-1 brings it back\n"],
  [["restore", "2026-11-23-1"], "2026-11-23-1 is back\n"],
  [["import", "theirs.tar.gz"], "it is run 2026-11-23-3; open: npm start -- show 2026-11-23-3\n"],
])("runs %s", async (words, said) => {
  const context = fakeContext();
  expect(await runCommandLine(["runs", ...words], context)).toBe(0);
  expect(context.out()).toBe(said);
});

test("an export is written once, and replaces nothing", async () => {
  const path = join(folder, "run.tar.gz");
  const words = ["runs", "export", "2026-11-23-1", "-o", path];
  expect(await runCommandLine(words, fakeContext())).toBe(0);
  expect(await readFile(path, "utf8")).toBe("archive");
  const again = fakeContext();
  expect(await runCommandLine(words, again)).toBe(125);
  expect(again.err()).toBe(`${path}: there is such a file already. Give another --output.\n`);
});

test("runs are found by words, and shown with what they are called", async () => {
  const asked: unknown[] = [];
  const base = fakeLab();
  const lab = fakeLab({
    listRuns: async (count, words) => {
      asked.push([count, words]);
      const { runs } = await base.listRuns(count);
      return { runs: words === "none" ? [] : runs.map((run) => ({ ...run, label: "before the patch" })), olderCount: 0 };
    },
  });
  const found = fakeContext({ lab });
  await runCommandLine(["list", "--find", "patch"], found);
  expect(found.out()).toMatch(/nvme:\s+before the patch/);
  const none = fakeContext({ lab });
  await runCommandLine(["list", "--runs", "--find", "none"], none);
  expect(none.err()).toBe("No run has all of these words.\n");
  expect(asked).toEqual([[20, "patch"], [20, "none"]]);
});

test("a person's own experiments are listed after the shipped ones", async () => {
  const context = fakeContext();
  await runCommandLine(["list"], context);
  expect(context.out()).toMatch(/brim[^]*mine {2,}line 3: op 1 region: is missing\n$/);
});
