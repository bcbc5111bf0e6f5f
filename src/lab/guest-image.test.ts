import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { pruneImages } from "./guest-image.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "images-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const limits = { kept: 2, inUseMs: 60_000 };

function place(name: string, ageMs: number): void {
  writeFileSync(join(folder, name), "");
  const usedAt = new Date(Date.now() - ageMs);
  utimesSync(join(folder, name), usedAt, usedAt);
}

test("the images used last are kept, and those that may be about to be used", async () => {
  for (const [name, ageMs] of [["a", 400_000], ["b", 100_000], ["c", 300_000], ["d", 1000], ["e", 200_000]] as const) place(`${name}.cpio`, ageMs);
  await pruneImages(folder, limits);
  expect(readdirSync(folder).sort()).toEqual(["b.cpio", "d.cpio"]);
  for (const name of ["f", "g", "h"]) place(`${name}.cpio`, 2000);
  await pruneImages(folder, limits);
  expect(readdirSync(folder).sort()).toEqual(["d.cpio", "f.cpio", "g.cpio", "h.cpio"]);
});

test("what was never completed goes once nobody can be at work on it", async () => {
  place("a.cpio", 5000);
  place("a.cpio.0f00", 5000);
  place("b.cpio.0f01", 100_000);
  await pruneImages(folder, limits);
  expect(readdirSync(folder).sort()).toEqual(["a.cpio", "a.cpio.0f00"]);
});

test("a folder that is not there is no trouble", async () => {
  await expect(pruneImages(join(folder, "none"))).resolves.toBeUndefined();
});
