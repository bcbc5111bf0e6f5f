import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { qemuProgram, type MachineDescription } from "./command.ts";

export const fakeMachine: MachineDescription = {
  kernel: { bootPath: "/no/kernel", sha256: "aa" },
  initramfsPath: "/no/initramfs",
  devices: ["nvme"],
  memoryMb: 64,
  cpuCount: 1,
  accelerator: "tcg",
  instructionClock: false,
  appendExtra: [],
};

/** For tests: a folder to work in, and a stand-in on the search path that is started in place of QEMU. */
export interface FakeQemu {
  readonly folder: string;
  /** How the next one behaves: see fake-qemu.mjs. */
  behave(how: string): void;
  remove(): void;
}

export function installFakeQemu(): FakeQemu {
  const folder = mkdtempSync(join(tmpdir(), "fake-qemu-"));
  const bin = join(folder, "bin");
  mkdirSync(bin);
  symlinkSync(fileURLToPath(new URL("fake-qemu.mjs", import.meta.url)), join(bin, qemuProgram));
  const before = { PATH: process.env["PATH"], TMPDIR: process.env["TMPDIR"] };
  process.env["PATH"] = `${bin}${delimiter}${before.PATH ?? ""}`;
  // Sockets are made where nobody else makes some.
  process.env["TMPDIR"] = folder;
  return {
    folder,
    behave: (how) => {
      process.env["FAKE_QEMU"] = how;
    },
    remove: () => {
      for (const [name, value] of Object.entries({ ...before, FAKE_QEMU: undefined })) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
