import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { defaultSettings } from "../api/settings.ts";
import { openExperiment } from "./experiments.ts";
import { kernelsInFolders } from "./kernels/own-folders.ts";
import { checkExperiment, listOwnExperiments, readExperiment, removeExperiment, saveExperiment } from "./own-experiments.ts";
import { ownExperimentsDir, settingsPath } from "./paths.ts";
import { readSettings, writeSettings } from "./settings.ts";

let folder = "";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "own-"));
  vi.stubEnv("XDG_DATA_HOME", join(folder, "data"));
  vi.stubEnv("XDG_CONFIG_HOME", join(folder, "config"));
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

const good = 'name = "mine"\ntitle = "all of it out"\n[[op]]\nop = "map"\nregion = "a"\nsize = "1M"\n[[op]]\nop = "fill"\nregion = "a"\n';
const bad = good.replace('size = "1M"', 'size = "1X"');

describe("an experiment of one's own", () => {
  test("is saved, listed, read, run by its name, replaced when that is meant, and removed", async () => {
    const path = await saveExperiment("mine", good, false);
    expect(path).toBe(join(ownExperimentsDir(), "mine.toml"));
    expect(await listOwnExperiments()).toEqual([{ name: "mine", title: "all of it out", problem: "" }]);
    expect(await readExperiment("mine")).toEqual({ name: "mine", isOwn: true, text: good });
    expect(openExperiment("mine")).toEqual({ text: good, file: path });
    await expect(saveExperiment("mine", bad, false)).rejects.toMatchObject({ kind: "usage", what: 'there is an experiment "mine" already' });
    await saveExperiment("mine", bad, true);
    expect(await listOwnExperiments()).toEqual([{ name: "mine", title: "", problem: expect.stringMatching(/^line 6: op 1 size: /) as string }]);
    expect(await removeExperiment("mine")).toBe(bad);
    expect(await listOwnExperiments()).toEqual([]);
    await expect(removeExperiment("mine")).rejects.toMatchObject({ kind: "usage" });
    expect(await readdir(ownExperimentsDir())).toEqual([]);
  });

  test.each(["", "..", "../x", "a/b", "A", "-a", "a.toml", "x".repeat(65), "a\u0000b", "ä"])('cannot be called "%s"', async (name) => {
    await expect(saveExperiment(name, good, true)).rejects.toMatchObject({ kind: "usage", where: "name" });
    await expect(readExperiment(name)).rejects.toMatchObject({ kind: "usage" });
    await expect(removeExperiment(name)).rejects.toMatchObject({ kind: "usage" });
    expect(await readdir(folder)).toEqual([]);
  });

  test("does not stand in for a shipped one", async () => {
    await expect(saveExperiment("brim", good, true)).rejects.toMatchObject({ next: "Save it under another name." });
    expect(await readExperiment("brim")).toMatchObject({ name: "brim", isOwn: false, text: expect.stringContaining('name = "brim"') as string });
  });

  test("that is not longer than a workload may be", async () => {
    await expect(saveExperiment("mine", "#".repeat(300_000), false)).rejects.toMatchObject({ kind: "usage" });
  });
});

describe("a text that is checked", () => {
  test("says what it would do", () => {
    expect(checkExperiment(good)).toMatchObject({ ok: true, name: "mine", title: "all of it out", steps: ["map a: 256 pages, folio order 0, private", "fill a pages 0..255 with words"] });
  });

  test.each([
    [bad, 6, "op 1 size"],
    [good.replace("fill", "fil"), 8, "op 2 op"],
    [good.replace('region = "a"\n', ""), 3, "op 1 region"],
    ["name = ", 1, ""],
  ])("has its mistake at its line and field", (text, line, field) => {
    expect(checkExperiment(text)).toMatchObject({ ok: false, line, field });
    const found = checkExperiment(text);
    expect(!found.ok && found.problem.length > 5 && !found.problem.includes(`:${line}:`)).toBe(true);
  });
});

describe("settings", () => {
  test("are the usual ones until they are written, and then those", async () => {
    expect(await readSettings()).toEqual(defaultSettings);
    const chosen = { ...defaultSettings, kernelFolders: ["~/linux"], accelerator: "tcg" as const, theme: "dark" as const };
    await writeSettings(chosen);
    expect(await readSettings()).toEqual(chosen);
    expect(await readdir(join(settingsPath(), ".."))).toEqual(["settings.json"]);
    await expect(writeSettings({ ...chosen, kernelFolders: ["linux"] })).rejects.toMatchObject({ kind: "usage", where: "linux" });
  });

  test.each(["{", "[]", '{"schema":"swaplab.settings/9"}', "null"])("that read %s count as none", async (text) => {
    await mkdir(join(settingsPath(), ".."), { recursive: true });
    await writeFile(settingsPath(), text);
    expect(await readSettings()).toEqual(defaultSettings);
  });

  test("that cannot be written leave the old ones", async () => {
    await writeSettings({ ...defaultSettings, theme: "light" });
    const before = await readFile(settingsPath(), "utf8");
    await rm(join(settingsPath(), ".."), { recursive: true });
    await writeFile(join(settingsPath(), ".."), "in the way");
    await expect(writeSettings(defaultSettings)).rejects.toMatchObject({ kind: "host", where: settingsPath() });
    expect(before).toContain('"light"');
  });
});

test("built kernels are found in folders, in build trees and beside them", async () => {
  const build = async (tree: string): Promise<void> => {
    await mkdir(join(tree, "arch/x86/boot"), { recursive: true });
    await mkdir(join(tree, "include/config"), { recursive: true });
    await writeFile(join(tree, "arch/x86/boot/bzImage"), "x");
    await writeFile(join(tree, "include/config/kernel.release"), "6.12.0-mine+\n");
  };
  await build(join(folder, "trees/one"));
  await build(join(folder, "alone"));
  await mkdir(join(folder, "trees/unbuilt"));
  await symlink("/nowhere", join(folder, "trees/link"));
  const found = await kernelsInFolders([join(folder, "trees"), join(folder, "alone"), join(folder, "gone")]);
  expect(found.map(({ series, release, fetched }) => [series, release, fetched])).toEqual([
    [join(folder, "trees/one"), "6.12.0-mine+", true],
    [join(folder, "alone"), "6.12.0-mine+", true],
  ]);
});
