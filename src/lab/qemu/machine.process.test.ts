import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { LabError } from "../errors.ts";
import { diskSizeBytes } from "./command.ts";
import { fakeMachine, installFakeQemu, type FakeQemu } from "./fake-qemu.ts";
import { startMachine, type Machine } from "./machine.ts";

let qemu: FakeQemu;
let machine: Machine | null;
beforeEach(() => {
  qemu = installFakeQemu();
  machine = null;
});
afterEach(async () => {
  await machine?.stop();
  qemu.remove();
});

const start = async (devices = fakeMachine.devices, signal?: AbortSignal): Promise<Machine> => {
  const options = { diskPath: join(qemu.folder, "disk"), consoleLogPath: join(qemu.folder, "console.log"), signal };
  machine = await startMachine({ ...fakeMachine, devices }, options);
  return machine;
};

describe("a start", () => {
  test("gives the sockets, and leaves none of them in the file system", async () => {
    const { console, watcher } = await start();
    await expect.poll(() => watcher.lastWords().at(-1)).toBe("[    0.000001] booting");
    expect(readdirSync(qemu.folder).toSorted()).toEqual(["bin", "console.log", "disk0"]);
    expect(console.destroyed).toBe(false);
    expect(readFileSync(join(qemu.folder, "console.log"), "utf8")).toContain("booting");
  });

  test("makes a sparse disk and plugs it in by its serial number", async () => {
    const { watcher, plugDisks } = await start();
    const { size, blocks } = statSync(join(qemu.folder, "disk0"));
    expect(size).toBe(diskSizeBytes);
    expect(blocks).toBeLessThan(100);
    await plugDisks();
    await expect.poll(() => watcher.lastWords().at(-1)).toMatch(/plugged .*"driver":"nvme".*"serial":"swaplab0"/);
  });

  test("makes and plugs in a disk for each device that has one, and removes them all", async () => {
    const { watcher, plugDisks, stop } = await start(["nvme", "brd", "nvme"]);
    const disks = (): string[] => readdirSync(qemu.folder).filter((name) => name.startsWith("disk"));
    expect(disks()).toEqual(["disk0", "disk2"]);
    await plugDisks();
    await expect.poll(() => watcher.lastWords().at(-1)).toMatch(/plugged .*"bus":"port2".*"serial":"swaplab2"/);
    expect(watcher.lastWords().filter((line) => line.includes("plugged")).length).toBe(2);
    await stop();
    expect(disks()).toEqual([]);
  });

  test("makes no disk for a device without one", async () => {
    const { plugDisks, watcher } = await start(["brd"]);
    await plugDisks();
    expect(existsSync(join(qemu.folder, "disk0"))).toBe(false);
    expect(watcher.lastWords().join()).not.toContain("plugged");
  });

  test("of a QEMU that refuses its arguments says what it said, and leaves nothing", async () => {
    qemu.behave("refuses");
    const error = await start().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(LabError);
    expect(error).toMatchObject({ kind: "host" });
    expect(String(error)).toContain("-frobnicate: invalid option");
    expect(existsSync(join(qemu.folder, "disk0"))).toBe(false);
  });

  test("that was aborted before is none", async () => {
    const controller = new AbortController();
    controller.abort();
    await expect(start(["nvme"], controller.signal)).rejects.toMatchObject({ kind: "host" });
    expect(existsSync(join(qemu.folder, "disk0"))).toBe(false);
  });

  test("in a folder for sockets whose path is too long says which variable to set", async () => {
    const runtimeDir = process.env["XDG_RUNTIME_DIR"];
    Object.assign(process.env, { TMPDIR: `/${"x".repeat(100)}`, XDG_RUNTIME_DIR: "" });
    const error = await start().catch((reason: unknown) => reason);
    if (runtimeDir === undefined) delete process.env["XDG_RUNTIME_DIR"];
    else process.env["XDG_RUNTIME_DIR"] = runtimeDir;
    expect(error).toMatchObject({ kind: "host" });
    expect(String(error)).toContain("TMPDIR");
  });
});

describe("a stop", () => {
  test("asks first, removes the disk, and may come twice", async () => {
    const { stop, exit } = await start();
    expect((await stop()).map(({ stage }) => stage)).toEqual(["quit"]);
    expect(await exit).toMatchObject({ exitCode: 0 });
    expect(await stop()).toEqual(await stop());
    expect(existsSync(join(qemu.folder, "disk0"))).toBe(false);
  });

  test("of a QEMU that does not listen goes on to SIGTERM", async () => {
    qemu.behave("deaf to quit");
    const shown: string[] = [];
    const { stop, exit } = await start();
    expect((await stop((_stage, detail) => shown.push(detail))).map(({ stage }) => stage)).toEqual(["quit", "SIGTERM"]);
    expect(shown).toEqual(["quit", "SIGTERM"]);
    expect(await exit).toMatchObject({ exitSignal: "SIGTERM" });
  });

  test("of a QEMU that does not listen to anything ends with SIGKILL", async () => {
    qemu.behave("deaf to everything");
    const { stop, exit } = await start();
    expect((await stop()).map(({ stage }) => stage)).toEqual(["quit", "SIGTERM", "SIGKILL"]);
    expect(await exit).toMatchObject({ exitSignal: "SIGKILL", text: "was killed by SIGKILL" });
  });

  test("of a QEMU that has ended only cleans up", async () => {
    const { stop, exit, pid } = await start();
    process.kill(pid, "SIGKILL");
    await exit;
    expect((await stop()).map(({ stage }) => stage)).toEqual(["already ended"]);
    expect(existsSync(join(qemu.folder, "disk0"))).toBe(false);
  });

  test("by an abort is a kill", async () => {
    const controller = new AbortController();
    const { exit } = await start(["nvme"], controller.signal);
    controller.abort();
    expect(await exit).toMatchObject({ exitSignal: "SIGKILL" });
  });
});
