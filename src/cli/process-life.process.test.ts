import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { run } from "../lab/process.ts";

let folder = "";
const deadlineMs = 30_000;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "process-life-"));
});

afterAll(async () => rm(folder, { recursive: true, force: true }));

/** A process of its own whose work is `work`, the body of an async function of `signal`. */
async function processOf(work: string): Promise<string> {
  const outfile = join(folder, `${Math.random()}.mjs`);
  const contents = `import { runProcess } from "./process-life.ts"; await runProcess(async (signal) => { ${work} });`;
  await build({ stdin: { contents, resolveDir: import.meta.dirname, loader: "ts" }, bundle: true, format: "esm", platform: "node", outfile });
  return outfile;
}

const exitCodeOf = async (work: string): Promise<number> =>
  (await run(process.execPath, [await processOf(work)], { deadlineMs })).exitCode;

const signalSelf = (name: string): string => `process.kill(process.pid, "${name}");`;
const untilAborted = `const open = setInterval(() => {}, 1000); await new Promise((r) => signal.addEventListener("abort", r)); clearInterval(open);`;
const neverEnds = "await new Promise(() => setInterval(() => {}, 1000));";

test("the process ends with the code of its work, whatever is still open", async () => {
  expect(await exitCodeOf("setInterval(() => {}, 1000); return 3;")).toBe(3);
});

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
])("%s aborts the work; the process then ends as a shell expects", async (name, exitCode) => {
  const work = `signal.addEventListener("abort", () => process.stdout.write("cleaned up")); ${signalSelf(name)} ${untilAborted} return 0;`;
  const result = await run(process.execPath, [await processOf(work)], { deadlineMs });
  expect([result.exitCode, result.stdout]).toEqual([exitCode, "cleaned up"]);
});

test("work that does not heed the signal is not waited for", async () => {
  expect(await exitCodeOf(`${signalSelf("SIGINT")} ${neverEnds}`)).toBe(130);
});

test("a second signal ends the process at once, without a word", async () => {
  const result = await run(process.execPath, [await processOf(`${signalSelf("SIGINT")} ${untilAborted} ${signalSelf("SIGTERM")} ${neverEnds}`)], { deadlineMs });
  expect([result.exitCode, result.stderr]).toEqual([143, ""]);
});

test("a mistake of ours is never taken for a verdict", async () => {
  expect(await exitCodeOf(`throw new Error("no");`)).toBe(125);
  expect(await exitCodeOf(`setTimeout(() => { throw new Error("no"); }); ${neverEnds}`)).toBe(125);
  expect(await exitCodeOf(`Promise.reject(new Error("no")); ${neverEnds}`)).toBe(125);
});

test("a reader that goes away is quiet, a full disk is not", async () => {
  const file = await processOf(`for (let i = 0; i < 1000; i += 1) process.stdout.write("x".repeat(1000)); return 1;`);
  const inShell = (line: string) => run("bash", ["-c", line, "bash", process.execPath, file], { deadlineMs });
  const piped = await inShell('"$1" "$2" | head -c 1 > /dev/null; exit "${PIPESTATUS[0]}"');
  expect([piped.exitCode, piped.stderr]).toEqual([1, ""]);
  const full = await inShell('"$1" "$2" > /dev/full');
  expect([full.exitCode, full.stderr]).toEqual([125, "The output cannot be written: ENOSPC: no space left on device, write.\n"]);
});
