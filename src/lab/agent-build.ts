import { createHash, randomUUID } from "node:crypto";
import { access, mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { LabError } from "./errors.ts";
import type { LongTask } from "./kernels/image.ts";
import { cacheDir } from "./paths.ts";
import { CommandError, run } from "./process.ts";
import { vmImagesDir } from "./project.ts";

const compiler = "gcc";
/** Static: the guest has no libraries. */
const flags = ["-static", "-O2", "-Wall", "-Wextra", "-Werror", "-std=gnu11", "-D_GNU_SOURCE"];
const versionDeadlineMs = 10_000;
const compileDeadlineMs = 120_000;

interface Source {
  readonly name: string;
  readonly text: Buffer;
}

const sourceDir = (): string => join(vmImagesDir(), "agent");

async function readSources(): Promise<Source[]> {
  const names = (await readdir(sourceDir())).filter((name) => /\.[ch]$/.test(name)).toSorted();
  return Promise.all(names.map(async (name) => ({ name, text: await readFile(join(sourceDir(), name)) })));
}

function noCompiler(cause: CommandError): LabError {
  return new LabError(
    "host",
    { what: "there is no C compiler, and the guest's agent is built from source", where: compiler, next: "Install the Debian packages gcc and libc6-dev." },
    { cause },
  );
}

async function compilerVersion(task: LongTask): Promise<string> {
  try {
    const { stdout } = await run(compiler, ["--version"], { signal: task.signal, deadlineMs: versionDeadlineMs });
    return stdout;
  } catch (error) {
    throw error instanceof CommandError && error.failure === "missing" ? noCompiler(error) : error;
  }
}

/** Everything that the binary depends on, and nothing that differs from checkout to checkout. */
function hashOf(sources: readonly Source[], version: string): string {
  const hash = createHash("sha256").update(JSON.stringify([version, flags]));
  for (const { name, text } of sources) hash.update(JSON.stringify([name, text.length])).update(text);
  return hash.digest("hex");
}

/** Without the static library the linker says so in its own words; any other failure is shown as it is. */
function compileFailed(stderr: string): LabError {
  if (/cannot find -lc\b/.test(stderr)) {
    return new LabError("host", { what: "the static C library is missing", where: `${compiler} -static`, next: "Install the Debian package libc6-dev." });
  }
  const said = stderr.trim().split("\n").slice(0, 5).join("\n  ");
  return new LabError("host", { what: `the guest's agent does not compile:\n  ${said}\n`, where: sourceDir(), next: "Undo what was changed there, or try another compiler." });
}

async function compile(sources: readonly Source[], path: string, task: LongTask): Promise<void> {
  // Others may be building the same one, in this process too.
  const partial = `${path}.${randomUUID()}`;
  const units = sources.filter(({ name }) => name.endsWith(".c")).map(({ name }) => name);
  try {
    const { exitCode, stderr } = await run(compiler, [...flags, "-o", partial, ...units], {
      signal: task.signal,
      cwd: sourceDir(),
      deadlineMs: compileDeadlineMs,
    });
    if (exitCode !== 0) throw compileFailed(stderr);
    await rename(partial, path);
  } finally {
    await rm(partial, { force: true });
  }
}

/**
 * The guest's agent as a static binary in the cache, built unless these sources were built with this
 * compiler before.
 *
 * @returns its path
 * @throws LabError `host` when there is no compiler or no static C library, when the sources do not
 *   compile, or when the cache cannot be written
 */
export async function buildAgent(task: LongTask = {}): Promise<string> {
  const sources = await readSources();
  const hash = hashOf(sources, await compilerVersion(task));
  const folder = join(cacheDir(), "agents");
  const path = join(folder, hash.slice(0, 40));
  const isBuilt = await access(path).then(() => true, () => false);
  if (isBuilt) return path;
  task.progress?.("agent", "");
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new LabError(
      "host",
      { what: `the cache cannot be written: ${code ?? message}`, where: folder, next: "Make room there, or point XDG_CACHE_HOME to a folder that can be written." },
      { cause: error },
    );
  }
  await compile(sources, path, task);
  return path;
}
