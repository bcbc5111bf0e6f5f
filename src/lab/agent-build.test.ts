import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { buildAgent } from "./agent-build.ts";

let folder: string;

/** A compiler in front of the real one on the search path: a shell script. */
async function fakeCompiler(script: string): Promise<void> {
  const path = join(folder, "bin", "gcc");
  await mkdir(join(folder, "bin"), { recursive: true });
  await writeFile(path, `#!/bin/sh\n[ "$1" = --version ] && { echo "gcc (fake) ${folder}"; exit 0; }\n${script}\n`);
  await chmod(path, 0o755);
  vi.stubEnv("PATH", `${join(folder, "bin")}:${process.env["PATH"] ?? ""}`);
}

/** Writes what it is told to be built, and notes that it ran. */
const writesOutput = 'echo run >> "$(dirname "$0")/runs"\nwhile [ "$1" != -o ]; do shift; done\necho binary > "$2"';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "swaplab-agent-"));
  vi.stubEnv("XDG_CACHE_HOME", join(folder, "cache"));
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

test("it is built once for the same sources and compiler", async () => {
  await fakeCompiler(writesOutput);
  const first = await buildAgent();
  expect(await readFile(first, "utf8")).toBe("binary\n");
  expect(await buildAgent()).toBe(first);
  expect(await readFile(join(folder, "bin", "runs"), "utf8")).toBe("run\n");
});

test("two that build it at once do not disturb each other", async () => {
  await fakeCompiler(`${writesOutput}\nsleep 0.1`);
  const [first, second] = await Promise.all([buildAgent(), buildAgent()]);
  expect(second).toBe(first);
  expect(await readFile(first, "utf8")).toBe("binary\n");
  expect(await readdir(join(folder, "cache", "swaplab", "agents"))).toHaveLength(1);
});

test("another compiler makes another binary", async () => {
  await fakeCompiler(writesOutput);
  const first = await buildAgent();
  const script = await readFile(join(folder, "bin", "gcc"), "utf8");
  await writeFile(join(folder, "bin", "gcc"), script.replace("(fake)", "(newer)"));
  expect(await buildAgent()).not.toBe(first);
});

test("a missing static library is named with its package", async () => {
  await fakeCompiler('echo "/usr/bin/ld: cannot find -lc: No such file or directory" >&2; exit 1');
  await expect(buildAgent()).rejects.toMatchObject({ kind: "host", what: "the static C library is missing", next: expect.stringContaining("libc6-dev") });
});

test("sources that do not compile are shown as the compiler sees them, and nothing stays in the cache", async () => {
  await fakeCompiler('while [ "$1" != -o ]; do shift; done\necho half > "$2"; echo "wire.c:3: error: no" >&2; exit 1');
  await expect(buildAgent()).rejects.toMatchObject({ kind: "host", what: expect.stringContaining("wire.c:3: error: no") });
  await fakeCompiler(writesOutput);
  expect(await readFile(await buildAgent(), "utf8")).toBe("binary\n");
});

test("a cache that cannot be written is named", async () => {
  await fakeCompiler(writesOutput);
  await writeFile(join(folder, "cache"), "a file where a folder should be");
  await expect(buildAgent()).rejects.toMatchObject({ kind: "host", where: expect.stringContaining("cache"), next: expect.stringContaining("XDG_CACHE_HOME") });
  expect((await stat(join(folder, "cache"))).isFile()).toBe(true);
});
