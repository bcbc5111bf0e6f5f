import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { chooseAccelerator, qemuVersion, type AcceleratorOptions } from "./accelerator.ts";
import { LabError } from "./errors.ts";
import { GuestError, type GuestFailure } from "./guest-failure.ts";
import { fakeMachine, installFakeQemu } from "./qemu/fake-qemu.ts";

let folder: string;
let tries: string[];
let outcome: Error | null;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "accelerator-"));
  tries = [];
  outcome = null;
});
afterEach(() => rmSync(folder, { recursive: true }));

const choose = (change: Partial<AcceleratorOptions> = {}) =>
  chooseAccelerator({
    machine: fakeMachine,
    qemuVersion: "7.9.1",
    kvmProblem: () => null,
    tryBoot: async ({ accelerator }) => {
      tries.push(accelerator);
      if (outcome !== null) throw outcome;
    },
    memoryPath: join(folder, "cache", "accelerator.json"),
    ...change,
  });
const guestError = (failure: GuestFailure): GuestError => new GuestError("invalid", failure, { what: "it failed", where: "boot" }, { lastWords: [] });

describe("the accelerator", () => {
  test("is KVM where a guest boots with it, found out once", async () => {
    expect(await choose()).toMatchObject({ name: "kvm", remembered: false });
    expect(await choose()).toMatchObject({ name: "kvm", remembered: true, reason: expect.stringContaining("booted with KVM") });
    expect(tries).toEqual(["kvm"]);
  });

  test.each<[string, Error]>([
    ["hangs", guestError("silence")],
    ["ends", guestError("ended")],
    ["makes QEMU give up", new LabError("host", { what: "QEMU ended with status 1" })],
  ])("is TCG where a guest with KVM %s, found out once", async (_, error) => {
    outcome = error;
    expect(await choose()).toMatchObject({ name: "tcg", remembered: false, reason: expect.stringContaining("/dev/kvm opens, but") });
    expect(await choose()).toMatchObject({ name: "tcg", remembered: true });
    expect(tries).toEqual(["kvm"]);
  });

  test("is not judged by a kernel that panics", async () => {
    outcome = guestError("panic");
    expect(await choose()).toMatchObject({ name: "kvm", remembered: false });
    outcome = null;
    expect(await choose()).toMatchObject({ name: "kvm", remembered: false });
  });

  test("is TCG without trying where there is no device", async () => {
    expect(await choose({ kvmProblem: () => "there is no /dev/kvm" })).toEqual({ name: "tcg", reason: "there is no /dev/kvm", remembered: false });
    expect(tries).toEqual([]);
  });

  test("is what a person asks for", async () => {
    expect(await choose({ forced: "kvm" })).toEqual({ name: "kvm", reason: "asked for", remembered: false });
    expect(tries).toEqual([]);
  });

  test("is found out again for another QEMU", async () => {
    await choose();
    await choose({ qemuVersion: "8.0" });
    expect(tries.length).toBe(2);
  });

  test.each(["", "{", '{"key":1}', '{"key":"x","name":"magic","reason":""}'])("is found out again when its memory is %j", async (text) => {
    await choose();
    const path = join(folder, "cache", "accelerator.json");
    writeFileSync(path, text);
    expect(await choose()).toMatchObject({ remembered: false });
    expect(JSON.parse(readFileSync(path, "utf8")).name).toBe("kvm");
  });

  test("is found out every time where nothing can be remembered", async () => {
    const memoryPath = join(folder, "file", "accelerator.json");
    writeFileSync(join(folder, "file"), "");
    await choose({ memoryPath });
    expect(await choose({ memoryPath })).toMatchObject({ name: "kvm", remembered: false });
  });

  test("is not decided by an abort", async () => {
    const controller = new AbortController();
    controller.abort();
    outcome = new LabError("host", { what: "stopped because it was asked to" });
    await expect(choose({ signal: controller.signal })).rejects.toBe(outcome);
    expect(existsSync(join(folder, "cache"))).toBe(false);
  });
});

test("QEMU's version is what it says of itself", async () => {
  const qemu = installFakeQemu();
  try {
    expect(await qemuVersion()).toBe("7.9.1 (fake)");
  } finally {
    qemu.remove();
  }
});
