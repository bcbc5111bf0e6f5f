import { extractAll, listPackage, statFile } from "@electron/asar";
import { FuseV1Options, getCurrentFuseWire } from "@electron/fuses";
import { createHash } from "node:crypto";
import { appendFileSync, copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runChecked } from "../../src/lab/process.ts";
import { ensureApp } from "../../src/setup/app.mjs";
import { ask } from "./ask.ts";
import { electronFolder, isRealElectron, launchProgram, root } from "./launch.ts";

/** The package that electron-builder makes, from Electron's own files or from a folder that stands for them. */

const folder = mkdtempSync(join(tmpdir(), "swaplab-package-"));
const unpacked = join(folder, "linux-unpacked");
const resources = join(unpacked, "resources");
const archive = join(resources, "app.asar");
const deadlineMs = 120_000;

/** What electron-builder looks for in Electron's binary: a mark, a version, a count, and as many fuses that are on. */
const fuseMark = "dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX";
const fuseWire = "\x01\x0911111111" + "1";

async function distribution(): Promise<string> {
  const source = await electronFolder();
  if (isRealElectron) return source;
  const made = join(folder, "electron");
  mkdirSync(made);
  for (const name of readdirSync(source)) copyFileSync(join(source, name), join(made, name));
  appendFileSync(join(made, "electron"), `exit\n${fuseMark}${fuseWire}`);
  for (const name of ["version", "LICENSE", "LICENSES.chromium.html", "icudtl.dat"]) writeFileSync(join(made, name), "");
  return made;
}

beforeAll(async () => {
  await ensureApp(root);
  const args = ["--dir", "--linux", `-c.electronDist=${await distribution()}`, `-c.directories.output=${folder}`];
  await runChecked(join(root, "node_modules/.bin/electron-builder"), args, { deadlineMs, cwd: root });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Names without the hashes that the page's build gives its files. */
const plain = (names: readonly string[]): string[] => names.map((name) => name.replace(/-[\w-]{8}(?=\.\w+$)/, "")).sort();

const filesOf = (path: string): string[] => readdirSync(path, { recursive: true, encoding: "utf8" }).filter((name) => statSync(join(path, name)).isFile()).sort();

test("the archive holds the programs, the page, and nothing else", () => {
  const files = listPackage(archive, { isPack: false }).filter((name) => !("files" in statFile(archive, name.slice(1))));
  const page = filesOf(join(root, "dist/page")).map((name) => `/dist/page/${name}`);
  expect(plain(files)).toEqual(plain(["/dist/app/lab.cjs", "/dist/app/main.cjs", "/dist/app/preload.cjs", ...page, "/package.json"]));
});

test("beside it are the guest's sources as they are here, and the licence", () => {
  const hash = (path: string): string => createHash("sha256").update(readFileSync(path)).digest("hex");
  expect(readdirSync(resources).sort()).toEqual(["LICENSE", "app.asar", "vm-images"]);
  for (const name of ["kernels.json", ...["agent", "experiments"].flatMap((part) => filesOf(join(root, "vm-images", part)).map((file) => `${part}/${file}`))]) {
    expect(hash(join(resources, "vm-images", name)), name).toBe(hash(join(root, "vm-images", name)));
  }
});

test("fuses: no Node of its own to be had, no code but the archive's, checked", async () => {
  const wire = await getCurrentFuseWire(join(unpacked, "swaplab"));
  const state = (fuse: FuseV1Options): string => String.fromCharCode(wire[fuse] ?? 0);
  expect({
    runAsNode: state(FuseV1Options.RunAsNode),
    cookieEncryption: state(FuseV1Options.EnableCookieEncryption),
    nodeOptions: state(FuseV1Options.EnableNodeOptionsEnvironmentVariable),
    inspectArguments: state(FuseV1Options.EnableNodeCliInspectArguments),
    archiveIntegrity: state(FuseV1Options.EnableEmbeddedAsarIntegrityValidation),
    archiveOnly: state(FuseV1Options.OnlyLoadAppFromAsar),
    fileProtocol: state(FuseV1Options.GrantFileProtocolExtraPrivileges),
  }).toEqual({ runAsNode: "0", cookieEncryption: "1", nodeOptions: "0", inspectArguments: "0", archiveIntegrity: "1", archiveOnly: "1", fileProtocol: "0" });
});

// A real Electron of these fuses lets nobody drive it.
test.skipIf(isRealElectron)("the packaged app starts and runs an experiment", { timeout: 180_000 }, async () => {
  // The stand-in cannot read archives.
  extractAll(archive, join(resources, "app"));
  const { app, page } = await launchProgram(join(unpacked, "swaplab"), [], { XDG_STATE_HOME: join(folder, "state") });
  try {
    const request = { experiment: "munmap-after-pageout", kernel: "6.12", set: {}, memoryMb: 1024, cold: false };
    const answer = await page.evaluate(ask("run", { run: request, keepGuest: false }));
    expect(answer).toMatchObject({ type: "reply", reply: { result: { verdict: "pass" } } });
  } finally {
    await app.close();
  }
});
