import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { passResult } from "../../test/sample-results.ts";
import { toJson } from "../report/json.ts";
import { openOperands } from "./operands.ts";

let folder = "";
const stateHome = process.env["XDG_STATE_HOME"];

async function writeBundle(path: string): Promise<void> {
  await mkdir(path, { recursive: true });
  await writeFile(join(path, "result.json"), toJson(passResult()));
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "swaplab-operands-"));
  process.env["XDG_STATE_HOME"] = folder;
  await writeBundle(join(folder, "swaplab/runs/2026-11-23-1"));
  await writeBundle(join(folder, "bundle"));
  await writeBundle(join(folder, "both"));
  for (const tree of ["tree", "both"]) {
    await mkdir(join(folder, tree, "arch/x86/boot"), { recursive: true });
    await writeFile(join(folder, tree, "arch/x86/boot/bzImage"), "");
  }
});

afterAll(async () => {
  if (stateHome === undefined) delete process.env["XDG_STATE_HOME"];
  else process.env["XDG_STATE_HOME"] = stateHome;
  await rm(folder, { recursive: true, force: true });
});

const kindOf = async (word: string): Promise<string> => (await openOperands(word, word))[0].kind;

describe("a word is known for what it is", () => {
  test.each([
    ["6.12", "kernel"],
    ["6.99", "kernel"],
    ["./nowhere/bzImage", "kernel"],
    ["nvme", "device"],
    ["scsi-hdd", "device"],
    ["64kB", "folio"],
    ["2MB", "folio"],
    ["4kB", "folio"],
    ["2026-11-23-1", "run"],
    ["kernel:nvme", "kernel"],
    ["run:2026-11-23-1", "run"],
  ])("%s is a %s", async (word, kind) => {
    expect(await kindOf(word)).toBe(kind);
  });

  test("a build tree is a kernel, a bundle's folder a run", async () => {
    expect([await kindOf(join(folder, "tree")), await kindOf(join(folder, "bundle"))]).toEqual(["kernel", "run"]);
    expect(await kindOf(join(folder, "tree/arch/x86/boot/bzImage"))).toBe("kernel");
  });

  test("what follows the colon is the side", async () => {
    expect(await openOperands("folio:64kB", "2MB")).toEqual([{ kind: "folio", label: "64kB", value: "64kB" }, { kind: "folio", label: "2MB", value: "2MB" }]);
  });
});

test("a word that could be several things is refused with what can be said instead", async () => {
  const both = join(folder, "both");
  await expect(openOperands(both, "6.12")).rejects.toThrow(`Say which: kernel:${both} or run:${both}.`);
  expect((await openOperands(`run:${both}`, "2026-11-23-1"))[0].kind).toBe("run");
});

test.each([
  ["nvm", "6.12", '"nvm" is neither a kernel, a device, a folio size nor a run. Did you mean nvme'],
  ["5kB", "64kB", '"5kB" is neither'],
  ["4096", "64kB", '"4096" is neither'],
  ["6.12", "nvme", '"6.12" is a kernel and "nvme" is a device; both sides must be of one kind'],
  ["64kB", "2026-11-23-1", '"64kB" is a folio size and "2026-11-23-1" is a run'],
  ["run:2026-11-23-9", "2026-11-23-1", 'There is no run "2026-11-23-9"'],
])("%s against %s", async (a, b, message) => {
  await expect(openOperands(a, b)).rejects.toThrow(message);
});
