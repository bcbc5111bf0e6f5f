import { mkdir, mkdtemp, readdir, readFile, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { passResult } from "../../test/sample-results.ts";
import type { RunSummary } from "../api/lab.ts";
import { exportFormats } from "../api/lab.ts";
import { beginBundle, listRuns, openRun } from "./bundle.ts";
import { runsDir, stateDir, trashDir } from "./paths.ts";
import { run as runProgram } from "./process.ts";
import { exportRun, importRun } from "./run-archive.ts";
import { removeRun, renameRun, restoreRun } from "./run-store.ts";
import { readTar, writeTar } from "./tar.ts";

const noon = new Date(2026, 10, 23, 12, 0, 0);
let folder = "";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "run-store-"));
  vi.stubEnv("XDG_STATE_HOME", join(folder, "state"));
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

async function aRun(): Promise<string> {
  const bundle = await beginBundle(noon);
  await bundle.write("console.log", "boot\n");
  await bundle.write("slot-maps.bin", Uint8Array.of(1, 2, 3));
  await bundle.finish({ ...passResult(), run: bundle.name });
  return bundle.name;
}

const names = async (): Promise<string[]> => (await listRuns(100)).runs.map(({ name }) => name);
const summaryOf = async (name: string): Promise<RunSummary | undefined> => (await listRuns(100)).runs.find((run) => run.name === name);

describe("a run", () => {
  test("may be called something, in plain words, and be found by them", async () => {
    const [first, second] = [await aRun(), await aRun()];
    expect(await renameRun(first, "  before\u001b[31m the\npatch ")).toMatch(/^before.*the.*patch$/);
    expect((await summaryOf(first))?.label).not.toMatch(/[\u001b\n]/);
    expect((await listRuns(10, "PATCH before")).runs.map(({ name }) => name)).toEqual([first]);
    expect((await listRuns(10, "munmap pass")).runs.map(({ name }) => name)).toEqual([second, first]);
    expect((await listRuns(10, "munmap fail")).runs).toEqual([]);
    expect(await renameRun(first, "")).toBe("");
    expect((await summaryOf(first))?.label).toBe("");
    await expect(renameRun("../runs", "x")).rejects.toMatchObject({ kind: "usage" });
  });

  test("that is thrown away comes back whole, and its name is not given to another one meanwhile", async () => {
    const [first, second] = [await aRun(), await aRun()];
    await renameRun(second, "good");
    await removeRun(second);
    expect(await names()).toEqual([first]);
    await expect(openRun(second)).rejects.toMatchObject({ kind: "usage" });
    const third = await aRun();
    expect(third).toBe("2026-11-23-3");
    await restoreRun(second);
    expect(await names()).toEqual([third, second, first]);
    expect(await summaryOf(second)).toMatchObject({ ok: true, label: "good" });
    for (const name of [second, "../trash", ""]) await expect(restoreRun(name)).rejects.toMatchObject({ kind: "usage" });
  });

  test("that was thrown away long ago is gone", async () => {
    const [first, second] = [await aRun(), await aRun()];
    await removeRun(first);
    const long = new Date(Date.now() - 40 * 24 * 3600_000);
    await utimes(join(trashDir(), first), long, long);
    await removeRun(second);
    expect(await readdir(trashDir())).toEqual([second]);
  });
});

describe("the list", () => {
  test("does not read again what has not changed, and reads what has", async () => {
    const [first, second] = [await aRun(), await aRun()];
    const before = await listRuns(10);
    const path = join(stateDir(), "run-index.json");
    expect(Object.keys((JSON.parse(await readFile(path, "utf8")) as { runs: object }).runs).sort()).toEqual([first, second]);
    // Told from what was noted: the note is changed, the run is not.
    await writeFile(path, (await readFile(path, "utf8")).replaceAll('"verdict":"pass"', '"verdict":"lost"'));
    expect((await listRuns(10)).runs.map((run) => run.ok && run.verdict)).toEqual(["lost", "lost"]);
    await writeFile(join(runsDir(), first, "result.json"), "{");
    expect((await listRuns(10)).runs.map(({ ok }) => ok)).toEqual([true, false]);
    await writeFile(path, "damaged");
    expect((await listRuns(10)).runs[0]).toEqual(before.runs[0]);
    await removeRun(first);
    await aRun();
    await listRuns(10);
    expect(await readFile(path, "utf8")).not.toContain(`"${first}"`);
  });
});

describe("an export", () => {
  test("of each format has its name and says what it is", async () => {
    const name = await aRun();
    const files = await Promise.all(exportFormats.map(async (format) => exportRun(name, format)));
    expect(files.map(({ fileName, mediaType }) => [fileName, mediaType])).toEqual([
      [`swaplab-${name}.tar.gz`, "application/gzip"],
      [`${name}.json`, "application/json"],
      [`${name}.ktap`, "text/plain"],
      [`${name}.txt`, "text/plain"],
    ]);
    const [, json, ktap, mail] = files.map(({ bytes }) => Buffer.from(bytes).toString("utf8"));
    expect(JSON.parse(json!)).toMatchObject({ run: name, verdict: "pass" });
    expect(ktap).toMatch(/^KTAP version 1\n/);
    expect(mail!.split("\n").every((line) => line.length <= 72)).toBe(true);
  });

  test("as an archive is one that tar can read, and we again", async () => {
    const name = await aRun();
    const { bytes, fileName } = await exportRun(name, "archive");
    await writeFile(join(folder, fileName), bytes);
    const listed = await runProgram("tar", ["tzf", join(folder, fileName)], { deadlineMs: 20_000 });
    expect(listed.stdout.trim().split("\n")).toEqual(["result.json", "console.log", "slot-maps.bin"].map((file) => `swaplab-${name}/${file}`));
    for (const from of [bytes, join(folder, fileName), join(runsDir(), name)]) {
      const imported = await importRun(from);
      expect(imported).toMatchObject({ ok: true, label: `imported: ${name}`, verdict: "pass" });
      expect((await openRun(imported.name)).result).toEqual({ ...passResult(), run: imported.name });
      expect(await readFile(join(runsDir(), imported.name, "slot-maps.bin"))).toEqual(Buffer.of(1, 2, 3));
    }
  });
});

const result = Buffer.from(JSON.stringify(passResult()));
const tar = (...entries: readonly (readonly [string, string | Buffer])[]): Buffer => writeTar(entries.map(([name, bytes]) => ({ name, bytes: Buffer.from(bytes) })), noon);

/** The first entry with another type than that of a plain file, and its sum put right. */
function typed(archive: Buffer, type: string): Buffer {
  const changed = Buffer.from(archive);
  const difference = type.charCodeAt(0) - changed[156]!;
  changed.write(type, 156);
  const sum = Number.parseInt(changed.toString("latin1", 148, 154), 8) + difference;
  changed.write(sum.toString(8).padStart(6, "0"), 148);
  return changed;
}

describe("somebody else's archive", () => {
  test("leaves nothing outside of its run, whatever its names are", async () => {
    const archive = tar(
      ["../../../../tmp/escape/console.log", "a"],
      ["/etc/passwd", "b"],
      ["x/../../wire.log", "c"],
      ["evil.sh", "d"],
      ["label", "spoofed"],
      ["owner", "e"],
      ["result.json", result],
    );
    const imported = await importRun(archive);
    expect((await readdir(join(runsDir(), imported.name))).sort()).toEqual(["console.log", "label", "result.json", "wire.log"]);
    expect(imported.label).toMatch(/^imported: /);
    expect((await readdir(folder)).sort()).toEqual(["state"]);
    expect(await readdir(runsDir())).toEqual([imported.name]);
  });

  test.each([
    ["nothing", Buffer.alloc(0), "there is no result.json in it"],
    ["text", Buffer.from("hello ".repeat(200)), "it is no tar archive, or damaged"],
    ["no result", tar(["console.log", "x"]), "there is no result.json in it"],
    ["a result that is none", tar(["result.json", "{}"]), "its result cannot be read: schema is missing"],
    ["a result that is a link", typed(tar(["result.json", result]), "2"), "there is no result.json in it"],
    ["a file that is cut", tar(["result.json", result]).subarray(0, 1000), "it ends in the midst of a file"],
    ["damaged gzip", gzipSync(tar(["result.json", result])).subarray(0, 100), "unexpected end of file"],
    ["more entries than a bundle may have", tar(...Array.from({ length: 1001 }, (): [string, string] => ["a", ""])), "it has more than 1000 entries"],
    ["more when unpacked than there may be", gzipSync(Buffer.alloc(257 * 1024 * 1024)), "it unpacks to more than 256 MiB"],
  ])("that has %s is refused", async (_, archive, what) => {
    await expect(importRun(archive)).rejects.toMatchObject({ kind: "usage", what });
    expect(await readdir(runsDir()).catch(() => [])).toEqual([]);
  });

  test("that was changed anywhere is taken or refused", async () => {
    const archive = tar(["result.json", result], ["console.log", "boot\n"]);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.nat(archive.length - 1), fc.nat(255)), { minLength: 1, maxLength: 3 }), async (changes) => {
        const changed = Buffer.from(archive);
        for (const [place, value] of changes) changed[place] = value;
        await importRun(changed).catch((error: { kind?: string }) => expect(error.kind).toBe("usage"));
      }),
      { numRuns: 40 },
    );
  });

  test("as a folder is not followed out of it", async () => {
    const bundle = join(folder, "theirs");
    await mkdir(bundle);
    await writeFile(join(bundle, "result.json"), result);
    await symlink("/etc/passwd", join(bundle, "console.log"));
    await expect(importRun(bundle)).rejects.toMatchObject({ what: "It cannot be read: it is a symbolic link" });
    await expect(importRun(join(folder, "nowhere"))).rejects.toMatchObject({ kind: "usage", what: "it is not there" });
    await expect(importRun("/dev/zero")).rejects.toMatchObject({ what: "It is not a regular file" });
  });
});

test("what was put into an archive comes out of it", () => {
  const entry = fc.record({ name: fc.stringMatching(/^[a-z./-]{1,100}$/), bytes: fc.uint8Array({ maxLength: 1500 }).map((bytes) => Buffer.from(bytes)) });
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 5 }), (entries) => {
      expect(readTar(writeTar(entries, noon), 5)).toEqual(entries);
    }),
  );
});
