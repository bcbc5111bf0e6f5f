import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { run, type RunResult } from "../../src/lab/process.ts";
import { parseResult } from "../../src/report/parse.ts";
import type { Result } from "../../src/report/result.ts";
import { command, commandWords } from "./command-line.ts";
import { useEarlierRun } from "./earlier-run.ts";
import { useOwnCache, useOwnFolder } from "./places.ts";
import { story } from "./runs.ts";

/** Disks that are full or cannot be written: the run ends with a verdict that says which, and earlier runs stay readable. */

const folder = useOwnFolder();
const cache = useOwnCache(folder);
useEarlierRun();

const asked = ["run", "munmap-after-pageout", "--kernel", "6.12", "--size", "4M"];

function resultOf(stdout: string): Result {
  const parsed = parseResult(stdout);
  if (!parsed.ok) throw new Error(`${parsed.problem}:\n${stdout}`);
  return parsed.result;
}

/** A path below a regular file, which nobody can make, not even root. */
async function impossibleFolder(): Promise<string> {
  const file = join(folder, "file");
  await writeFile(file, "");
  return join(file, "below");
}

describe("a folder that cannot be made", () => {
  test("for the cache", async () => {
    const { exitCode, stdout } = await command([...asked, "--json"], { env: { XDG_CACHE_HOME: await impossibleFolder() } });
    const result = resultOf(stdout);
    expect([exitCode, result.verdict, result.steps]).toEqual([125, "invalid", []]);
    expect(result.reason).toMatch(/file\/below\/swaplab.*cannot be written.*XDG_CACHE_HOME/);
    expect(result.run).not.toBe("");
  });

  test("for the runs", async () => {
    const env = { XDG_STATE_HOME: await impossibleFolder() };
    const table = await command(asked, { env });
    expect([table.exitCode, table.stdout]).toEqual([125, expect.stringMatching(/^invalid +run not kept$/m)]);
    const json = await command([...asked, "--json"], { env });
    const result = resultOf(json.stdout);
    expect([json.exitCode, result.verdict, result.run]).toEqual([125, "invalid", ""]);
    expect(result.reason).toMatch(/file\/below\/swaplab.*a part of the path is not a folder.*XDG_STATE_HOME/);
  });
});

/**
 * Mounts are made in a namespace that ends with its processes, so that nothing of them is ever left. Where even that is
 * forbidden, as in some containers, these tests are skipped with the reason.
 */
describe("a disk", () => {
  const places = { runs: join(folder, "small-runs"), states: join(cache, "states"), cache: join(cache, "..") };
  const unshare = ["--mount", ...(process.getuid?.() === 0 ? [] : ["--map-root-user"])];
  let refusal = "";

  /** Runs shell commands that may mount; in them `lab` is our command line, and the places are variables. */
  const inNamespace = async (script: string): Promise<RunResult> => {
    const whole = `lab() { ${commandWords([]).map((word) => `'${word}'`).join(" ")} "$@"; }\n${script}`;
    return run("unshare", [...unshare, "sh", "-euc", whole], { deadlineMs: 150_000, env: places });
  };
  const written = async (name: string): Promise<Result> => resultOf(await readFile(join(folder, name), "utf8"));

  beforeAll(async () => {
    for (const place of Object.values(places)) await mkdir(place, { recursive: true });
    const { exitCode, stderr } = await inNamespace('mount -t tmpfs -o size=64k none "$runs"');
    refusal = exitCode === 0 ? "" : `a disk for tests cannot be mounted here: ${stderr.trim()}`;
    if (refusal !== "") process.stderr.write(`SKIPPED: tests of a full and of a read-only disk: ${refusal}\n`);
  });

  test("that is full when a run begins; the run before can still be read", async ({ skip }) => {
    skip(refusal !== "", refusal);
    const { stdout, stderr } = await inNamespace(`
      mount -t tmpfs -o size=16m none "$runs"
      export XDG_STATE_HOME="$runs/state"
      lab ${asked.join(" ")} --json > "${folder}/before.json"
      dd if=/dev/zero of="$runs/filler" bs=4k 2> /dev/null || true
      lab ${asked.join(" ")} --json > "${folder}/full.json" || echo "exit $?"
      lab show --json > "${folder}/shown.json"
      lab list --runs`);
    const [before, full] = [await written("before.json"), await written("full.json")];
    expect([before.verdict, full.verdict, full.run], stderr).toEqual(["pass", "invalid", ""]);
    expect(full.reason).toMatch(/no space is left on the device.*Free some space.*XDG_STATE_HOME/);
    expect(stdout).toMatch(/^exit 125$/m);
    expect(stdout).toMatch(new RegExp(`^${before.run} .*pass`, "m"));
    expect(await written("shown.json")).toEqual(before);
  });

  test("that is full before all pages are out", async ({ skip }) => {
    skip(refusal !== "", refusal);
    // Room for everything but the pages.
    const { stdout, stderr } = await inNamespace(`
      mount -t tmpfs -o size=3m none "$runs"
      XDG_STATE_HOME="$runs/state" lab ${asked.join(" ")} --json > "${folder}/part.json" || echo "exit $?"`);
    const result = await written("part.json");
    expect([stdout.trim(), result.verdict, result.run], stderr).toEqual(["exit 125", "invalid", ""]);
    expect(result.reason).toMatch(/no space is left on the device/);
  });

  test("without room for a saved state: the run passes all the same and says so", async ({ skip }) => {
    skip(refusal !== "", refusal);
    const { stderr } = await inNamespace(`
      mount -t tmpfs -o size=8m none "$states"
      lab ${asked.join(" ")} --json > "${folder}/unsaved.json"
      test -z "$(ls "$states")"`);
    const result = await written("unsaved.json");
    expect([result.verdict, result.host.start, result.remarks], stderr + story(result)).toEqual(["pass", "booted", [expect.stringMatching(/state.*(?:written|saved).*XDG_CACHE_HOME/)]]);
  });

  test("that nobody can write to does for a cache that holds everything", async ({ skip }) => {
    skip(refusal !== "", refusal);
    const { stdout, stderr } = await inNamespace(`
      lab ${asked.join(" ")} --json > "${folder}/writable.json"
      mount --bind "$cache" "$cache" && mount -o remount,ro,bind "$cache"
      lab ${asked.join(" ")} --json > "${folder}/readonly.json"
      lab ${asked.join(" ")} --device zram --json > "${folder}/lacking.json" || echo "exit $?"`);
    const [whole, lacking] = [await written("readonly.json"), await written("lacking.json")];
    expect([whole.verdict, whole.host.start, whole.remarks], stderr + story(whole)).toEqual(["pass", "restored", []]);
    expect([stdout.trim(), lacking.verdict]).toEqual(["exit 125", "invalid"]);
    expect(lacking.reason).toMatch(/the guest's image cannot be written: EROFS.*XDG_CACHE_HOME/);
  });
});
