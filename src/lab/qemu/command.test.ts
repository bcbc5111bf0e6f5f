import { describe, expect, test } from "vitest";
import { areasMax, deviceNames } from "../../workload/ops.ts";
import { run } from "../process.ts";
import { guestDevices, kernelCommandLine, machineIdentity, qemuArguments, shellQuote, type MachineDescription, type MachinePaths } from "./command.ts";

const machine: MachineDescription = {
  kernel: { bootPath: "/cache/vmlinux", sha256: "00" },
  initramfsPath: "/cache/initramfs",
  devices: ["nvme"],
  memoryMb: 768,
  cpuCount: 2,
  accelerator: "tcg",
  instructionClock: false,
  appendExtra: [],
};
const paths: MachinePaths = {
  diskPath: "/run/disk",
  consoleLogPath: "/run/console.log",
  qmpSocketPath: "/s/qmp",
  consoleSocketPath: "/s/console",
  wireSocketPath: "/s/wire",
};

const valueAfter = (args: readonly string[], option: string): string[] =>
  args.flatMap((arg, index) => (arg === option ? [args[index + 1] ?? ""] : []));

describe("QEMU's arguments", () => {
  test("carry the machine's description", () => {
    const args = qemuArguments(machine, paths);
    expect(valueAfter(args, "-kernel")).toEqual(["/cache/vmlinux"]);
    expect(valueAfter(args, "-initrd")).toEqual(["/cache/initramfs"]);
    expect(valueAfter(args, "-m")).toEqual(["768M"]);
    expect(valueAfter(args, "-smp")).toEqual(["2"]);
    expect(valueAfter(args, "-accel")).toEqual(["tcg,thread=single"]);
    expect(args).toContain("-no-reboot");
    expect(args).not.toContain("-incoming");
  });

  test("the kernel's console is the first serial port and the wire the second", () => {
    expect(valueAfter(qemuArguments(machine, paths), "-serial")).toEqual(["chardev:console0", "chardev:wire0"]);
  });

  test("a comma in a path does not begin another option", () => {
    const args = qemuArguments(machine, { ...paths, consoleLogPath: "/run,1/console.log", diskPath: "/run,1/disk" });
    expect(valueAfter(args, "-chardev").join("\n")).toContain("logfile=/run,,1/console.log,logappend=on");
    expect(JSON.parse(valueAfter(args, "-blockdev")[0] ?? "")).toMatchObject({ file: { filename: "/run,1/disk0" } });
  });

  test("every device with a disk has a node for it and a bus to plug it into, the others neither", () => {
    for (const device of deviceNames) {
      const devices = Array.from({ length: areasMax }, () => device);
      const args = qemuArguments({ ...machine, devices }, paths);
      const disks = guestDevices(devices).flatMap(({ plug }) => (plug === null ? [] : [plug]));
      expect(disks.length).toBe(device === "brd" || device === "zram" ? 0 : areasMax);
      const nodes = valueAfter(args, "-blockdev").map((value) => JSON.parse(value) as { "node-name": string; file: { filename: string } });
      expect(nodes.map((node) => node["node-name"])).toEqual(disks.map(({ drive }) => drive));
      expect(new Set(nodes.map(({ file }) => file.filename)).size).toBe(disks.length);
      for (const disk of disks) {
        const bus = String(disk["bus"]).replace(/\.0$/, "");
        expect(valueAfter(args, "-device").some((value) => value.includes(`id=${bus}`))).toBe(true);
      }
    }
  });

  test("disks are told apart by their serial numbers, devices of the guest's kernel by their names", () => {
    expect(guestDevices(["nvme", "brd", "scsi-ssd", "brd"]).map(({ serial, plug }) => [serial, plug?.["bus"]])).toEqual([
      ...[["swaplab0", "port0"], ["ram0", undefined], ["swaplab2", "scsi0.0"], ["ram1", undefined]],
    ]);
  });

  test("only the solid-state SCSI disk says that it does not rotate", () => {
    expect(deviceNames.filter((device) => guestDevices([device])[0]?.plug?.["rotation_rate"] === 1)).toEqual(["scsi-ssd"]);
  });

  test("extra words come last on the kernel's command line", () => {
    expect(kernelCommandLine(["a=1", "b"])).toMatch(/console=ttyS0 .* a=1 b$/);
  });
});

describe("a saved state's path reaches cat whole", () => {
  test.each(["/a/state", "/a b/it's $HOME `x` \"y\"\n;z"])("%j", async (path) => {
    const incoming = valueAfter(qemuArguments(machine, { ...paths, statePath: path }), "-incoming")[0] ?? "";
    const script = incoming.replace(/^exec:cat /, "printf %s ");
    expect((await run("sh", ["-c", script], { deadlineMs: 5000 })).stdout).toBe(path);
    expect(incoming).toContain(shellQuote(path));
  });
});

describe("the identity of a machine", () => {
  test("does not depend on how many disks of a kind are plugged in: a saved state holds none", () => {
    expect(machineIdentity({ ...machine, devices: ["nvme", "nvme"] })).toEqual(machineIdentity(machine));
  });

  test("does not depend on where its files are", () => {
    const moved = { ...machine, kernel: { ...machine.kernel, bootPath: "/elsewhere" }, initramfsPath: "/elsewhere" };
    expect(machineIdentity(moved)).toEqual(machineIdentity(machine));
  });

  test.each<[string, Partial<MachineDescription>]>([
    ["memory", { memoryMb: 512 }],
    ["processors", { cpuCount: 1 }],
    ["device", { devices: ["scsi-ssd"] }],
    ["accelerator", { accelerator: "kvm" }],
    ["clock", { instructionClock: true }],
    ["command line", { appendExtra: ["x"] }],
  ])("depends on the %s", (_, change) => {
    expect(machineIdentity({ ...machine, ...change })).not.toEqual(machineIdentity(machine));
  });
});
