import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, readdir, rename, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { passResult } from "../../test/sample-results.ts";
import { beginBundle, listRuns, openRun, readRunFile, type BundleWriter } from "./bundle.ts";
import { LabError } from "./errors.ts";
import { formatOwner, thisProcess } from "./owner.ts";
import { runsDir } from "./paths.ts";

const noon = new Date(2026, 10, 23, 12, 0, 0);
let state = "";

beforeEach(async () => {
  state = await mkdtemp(join(tmpdir(), "bundle-"));
  vi.stubEnv("XDG_STATE_HOME", state);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(state, { recursive: true, force: true });
});

async function complete(bundle: BundleWriter): Promise<string> {
  await bundle.write("console.log", "boot\n");
  return (await bundle.finish({ ...passResult(), run: bundle.name })).bundlePath;
}

async function failure(work: Promise<unknown>): Promise<LabError> {
  const error: unknown = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof LabError)) throw new Error(`no LabError but ${String(error)}`);
  return error;
}

/** The partial folder of a run whose process is gone or cannot be seen. */
async function leftover(name: string, owner: string | null): Promise<string> {
  const folder = join(runsDir(), `.partial-${name}`);
  await mkdir(join(folder, "scratch"), { recursive: true });
  if (owner !== null) await writeFile(join(folder, "owner"), owner);
  return folder;
}

describe("a bundle", () => {
  test("is not among the runs before it is complete, and whole when it is", async () => {
    const bundle = await beginBundle(noon);
    await writeFile(join(bundle.scratchPath, "disk"), "x");
    expect(bundle.name).toBe("2026-11-23-1");
    expect((await listRuns(10)).runs).toEqual([]);
    const path = await complete(bundle);
    expect(path).toBe(join(runsDir(), "2026-11-23-1"));
    expect((await readdir(path)).sort()).toEqual(["console.log", "result.json"]);
    expect((await openRun("2026-11-23-1")).result).toEqual({ ...passResult(), run: "2026-11-23-1" });
    expect(await readdir(runsDir())).toEqual(["2026-11-23-1"]);
  });

  test("that is abandoned leaves nothing", async () => {
    const bundle = await beginBundle(noon);
    await bundle.write("wire.log", "~0");
    await bundle.abandon();
    expect(await readdir(runsDir())).toEqual([]);
  });

  test("stays when it is abandoned after its end", async () => {
    const bundle = await beginBundle(noon);
    const path = await complete(bundle);
    await bundle.abandon();
    expect(existsSync(join(path, "result.json"))).toBe(true);
  });

  test("does not take a result that calls itself another run, or cannot be read back", async () => {
    const bundle = await beginBundle(noon);
    await expect(bundle.finish(passResult())).resolves.toBeDefined();
    const second = await beginBundle(noon);
    await expect(second.finish(passResult())).rejects.toThrow("calls itself");
    const tooLong = { ...passResult(), run: second.name, reason: "x".repeat(10_000) };
    await expect(second.finish(tooLong)).rejects.toThrow("could not be read back: reason is longer");
    await second.abandon();
  });
});

describe("names", () => {
  test("are a date and a counter, and several runs that start at once each get their own", async () => {
    const bundles = await Promise.all(Array.from({ length: 12 }, async () => beginBundle(noon)));
    expect(new Set(bundles.map(({ name }) => name)).size).toBe(12);
    for (const { name } of bundles) expect(name).toMatch(/^2026-11-23-\d+$/);
    await Promise.all(bundles.map(complete));
    expect((await listRuns(100)).runs.every((run) => run.ok)).toBe(true);
  });

  test("go on after the highest of the day, and are listed newest first", async () => {
    for (const day of [new Date(2026, 10, 22), noon, noon]) await complete(await beginBundle(day));
    await rename(join(runsDir(), "2026-11-23-2"), join(runsDir(), "2026-11-23-10"));
    await complete(await beginBundle(noon));
    const { runs, olderCount } = await listRuns(3);
    expect(runs.map(({ name }) => name)).toEqual(["2026-11-23-11", "2026-11-23-10", "2026-11-23-1"]);
    expect(olderCount).toBe(1);
    expect((await openRun(undefined)).bundlePath).toBe(join(runsDir(), "2026-11-23-11"));
  });
});

describe("what was left behind", () => {
  test("by a dead process is removed, by a live one kept", async () => {
    const live = await beginBundle(noon);
    const me = thisProcess();
    const dead = await leftover("2026-11-22-1", formatOwner({ ...me, started: "1" }));
    const gone = await leftover("2026-11-22-2", formatOwner({ ...me, pid: 2 ** 22 + 1 }));
    const otherBoot = await leftover("2026-11-22-3", formatOwner({ ...me, boot: "another" }));
    const otherContainer = await leftover("2026-11-22-4", formatOwner({ ...me, namespace: "pid:[1]" }));
    await beginBundle(noon);
    expect([dead, gone, otherBoot].map(existsSync)).toEqual([false, false, false]);
    expect([otherContainer, live.scratchPath].map(existsSync)).toEqual([true, true]);
  });

  test("without an owner is removed when it is old, and left while its owner may be about to be written", async () => {
    const fresh = await leftover("2026-11-22-1", null);
    const old = await leftover("2026-11-22-2", null);
    const long = new Date(Date.now() - 3600_000);
    await utimes(old, long, long);
    await beginBundle(noon);
    expect([fresh, old].map(existsSync)).toEqual([true, false]);
  });
});

describe("what cannot be read", () => {
  test("is reported among the good runs", async () => {
    for (let count = 0; count < 4; count += 1) await complete(await beginBundle(noon));
    await writeFile(join(runsDir(), "2026-11-23-1", "result.json"), "{");
    await writeFile(join(runsDir(), "2026-11-23-2", "result.json"), JSON.stringify({ ...passResult(), steps: [{}] }));
    await rm(join(runsDir(), "2026-11-23-3", "result.json"));
    const { runs } = await listRuns(10);
    expect(runs.map(({ ok }) => ok)).toEqual([true, false, false, false]);
    const problems = runs.map((run) => (run.ok ? "" : run.problem));
    expect(problems[1]).toBe("It cannot be read: it does not exist");
    expect(problems[2]).toBe("It is not a result: steps[0].index is missing");
    expect(problems[3]).toMatch(/^It is not a result: not JSON/);
    const error = await failure(openRun("2026-11-23-2"));
    expect(error.kind).toBe("host");
    expect(error.where).toBe(join(runsDir(), "2026-11-23-2", "result.json"));
  });

  test("includes links out of a bundle and things that are no files", async () => {
    const folder = join(state, "from-somebody");
    await mkdir(join(folder, "result.json"), { recursive: true });
    expect((await failure(openRun(folder))).what).toBe("It is not a regular file");
    await rm(join(folder, "result.json"), { recursive: true });
    await symlink("/etc/passwd", join(folder, "result.json"));
    expect((await failure(openRun(folder))).what).toBe("It cannot be read: it is a symbolic link");
  });

  test("is not followed out of a bundle by its files either", async () => {
    const path = await complete(await beginBundle(noon));
    await writeFile(join(path, "wire.log"), "0123456789");
    expect(await readRunFile("2026-11-23-1", "wire.log", { fromByte: 4, byteCount: 3 })).toEqual({ bytes: new TextEncoder().encode("456"), sizeBytes: 10 });
    expect(await readRunFile("2026-11-23-1", "wire.log", { fromByte: 40, byteCount: 3 })).toEqual({ bytes: new Uint8Array(0), sizeBytes: 10 });
    await symlink("/etc/passwd", join(path, "console.log.link"));
    await rename(join(path, "console.log.link"), join(path, "console.log"));
    const whole = { fromByte: 0, byteCount: 100 };
    expect((await failure(readRunFile("2026-11-23-1", "console.log", whole))).what).toBe("It cannot be read: it is a symbolic link");
    for (const name of ["../runs/2026-11-23-1", path, "", "."]) expect((await failure(readRunFile(name, "wire.log", whole))).kind).toBe("usage");
  });

  test("a bundle anywhere is opened by its path", async () => {
    const path = await complete(await beginBundle(noon));
    const elsewhere = join(state, "elsewhere");
    await rename(path, elsewhere);
    expect((await openRun(elsewhere)).result.run).toBe("2026-11-23-1");
  });

  test("a name that is near that of a run is answered with it", async () => {
    await complete(await beginBundle(noon));
    const error = await failure(openRun("2026-11-32-1"));
    expect([error.kind, error.next]).toEqual(["usage", "Did you mean 2026-11-23-1?"]);
    await rm(runsDir(), { recursive: true });
    expect((await failure(openRun(undefined))).message).toContain("There are no runs yet");
  });
});

describe("a host that cannot be written", () => {
  test("is an error that names the path", async () => {
    const blocked = join(state, "a file");
    await writeFile(blocked, "");
    vi.stubEnv("XDG_STATE_HOME", blocked);
    const error = await failure(beginBundle(noon));
    expect(error.kind).toBe("host");
    expect(error.where).toBe(runsDir());
    expect(error.message).toContain("a part of the path is not a folder");
    expect(error.next).toContain("XDG_STATE_HOME");
  });

  test.each(["console.log", "result.json"])("leaves earlier runs intact when the disk is full at %s", async (file) => {
    const before = await complete(await beginBundle(noon));
    const bundle = await beginBundle(noon);
    const path = join(bundle.scratchPath, "..", file);
    await symlink("/dev/full", path);
    const error = await failure(complete(bundle));
    expect([error.kind, error.where]).toEqual(["host", path]);
    expect(error.message).toContain("no space is left on the device");
    await bundle.abandon();
    expect(await readdir(runsDir())).toEqual(["2026-11-23-1"]);
    expect(JSON.parse(await readFile(join(before, "result.json"), "utf8"))).toMatchObject({ verdict: "pass" });
  });
});
