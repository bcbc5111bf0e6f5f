import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { DoctorItem } from "../api/lab.ts";
import { examineHost } from "./doctor.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "swaplab-doctor-"));
  vi.stubEnv("XDG_CACHE_HOME", join(folder, "cache"));
  vi.stubEnv("XDG_STATE_HOME", join(folder, "state"));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

async function examine(facts = { accelerator: { name: "tcg", reason: "" }, guestImagePath: "" }): Promise<(name: string) => DoctorItem> {
  const items = await examineHost(facts, {});
  return (name) => {
    const found = items.find((item) => item.name === name);
    if (found === undefined) throw new Error(`no check called ${name} among ${items.map((item) => item.name).join(", ")}`);
    return found;
  };
}

/** A program that is found before the host's own. */
function placeProgram(name: string, text: string): string {
  const bin = join(folder, "bin");
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, name), text);
  chmodSync(join(bin, name), 0o755);
  vi.stubEnv("PATH", `${bin}:${process.env["PATH"]}`);
  return join(bin, name);
}

test("says which QEMU it found", async () => {
  const path = placeProgram("qemu-system-x86_64", "#!/bin/sh\necho 'QEMU emulator version 9.8.7 (somewhere)'\n");
  expect((await examine())("QEMU")).toEqual({ name: "QEMU", status: "ok", detail: `version 9.8.7, ${path}`, next: "" });
});

test("an old QEMU is a warning, one that does not run is missing", async () => {
  placeProgram("qemu-system-x86_64", "#!/bin/sh\necho 'QEMU emulator version 2.5.0'\n");
  expect((await examine())("QEMU").status).toBe("warning");
  placeProgram("qemu-system-x86_64", "#!/bin/sh\nexit 1\n");
  expect((await examine())("QEMU").status).toBe("missing");
});

test("a busybox that needs libraries will not do", async () => {
  mkdirSync(join(folder, "bin"));
  // Node itself is a program with a dynamic loader.
  symlinkSync(process.execPath, join(folder, "bin/busybox"));
  vi.stubEnv("PATH", `${join(folder, "bin")}:${process.env["PATH"]}`);
  const busybox = (await examine())("static busybox");
  expect(busybox.status).toBe("missing");
  expect(busybox.next).toContain("busybox-static");
});

test("a folder that cannot be made is missing, with what to set", async () => {
  writeFileSync(join(folder, "file"), "");
  vi.stubEnv("XDG_STATE_HOME", join(folder, "file"));
  const runs = (await examine())("runs");
  expect(runs.status).toBe("missing");
  expect(runs.detail).toContain(join(folder, "file"));
  expect(runs.next).toContain("XDG_STATE_HOME");
});

test("says where the cache is, how much is free there and that no kernel is fetched", async () => {
  const item = await examine();
  expect(item("cache").detail).toMatch(/cache\/swaplab, \d+ MB free$/);
  expect(item("kernels").status).toBe("warning");
  expect(item("kernels").next).toContain("kernels fetch");
});

test("hands on what it is told", async () => {
  const item = await examine({ accelerator: { name: "tcg", reason: "kvm did not boot within 5 s" }, guestImagePath: "/somewhere/initramfs" });
  expect(item("accelerator").detail).toBe("tcg: kvm did not boot within 5 s");
  expect(item("guest image").detail).toBe("/somewhere/initramfs");
});
