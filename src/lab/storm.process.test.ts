import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { run, runChecked } from "./process.ts";
import { vmImagesDir } from "./project.ts";

/** The agent's storm over a memory that lies: what it would say of a kernel that loses, mixes up or brings back pages. */
let folder = "";
const liar = (): string => join(folder, "storm-liar");

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "swaplab-storm-"));
  const agent = join(vmImagesDir(), "agent");
  const sources = ["storm.c", "pieces.c", "cpus.c", "files.c"].map((name) => join(agent, name));
  const own = fileURLToPath(new URL("../../test/agent/storm-liar.c", import.meta.url));
  await runChecked("gcc", ["-O2", "-std=gnu11", "-D_GNU_SOURCE", "-pthread", `-I${agent}`, "-Wl,--wrap=madvise", "-o", liar(), own, ...sources], { deadlineMs: 60_000 });
}, 90_000);

afterAll(async () => rm(folder, { recursive: true, force: true }));

async function storm(lie: string, ...more: string[]): Promise<Record<string, number>> {
  const { exitCode, stdout } = await run(liar(), [lie, ...more], { deadlineMs: 60_000 });
  expect(exitCode).toBe(0);
  const words = stdout.trim().split(" ");
  return Object.fromEntries(words.flatMap((word, index) => (index % 2 === 0 ? [[word, Number(words[index + 1])]] : [])));
}

test.each(["with", "without"])("finds nothing wrong where nothing is, %s a thread that drops", async (word) => {
  expect(await storm("honest", ...(word === "with" ? ["dontneed"] : []))).toMatchObject({ error: 0, wrong: 0 });
}, 60_000);

test.each(["stale", "exchanged", "zeroed", "shifted"])("finds pages that are %s", async (lie) => {
  const { error, wrong, zero } = await storm(lie);
  expect([error, wrong! > 0, zero]).toEqual([0, true, 0]);
}, 60_000);

test("finds an older write where zeroes would have been right", async () => {
  expect((await storm("stale", "dontneed"))["wrong"]).toBeGreaterThan(0);
}, 60_000);
