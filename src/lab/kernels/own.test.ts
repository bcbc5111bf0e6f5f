import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { LabError } from "../errors.ts";
import { banner, makeBzImage, makeVmlinux, withIkconfig } from "./fixtures.ts";
import { openKernel } from "./open.ts";

let folder = "";
const kernelsDir = (): string => join(folder, "cache/swaplab/kernels");

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "swaplab-own-"));
  vi.stubEnv("XDG_CACHE_HOME", join(folder, "cache"));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

function place(path: string, data: string | Buffer): string {
  const full = join(folder, path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, data);
  return full;
}

const bzImage = (release: string, vmlinux = makeVmlinux(banner(release))): Buffer => makeBzImage(release, gzipSync(vmlinux));

async function failure(name: string): Promise<LabError> {
  const error = await openKernel(name, {}).then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(LabError);
  return error as LabError;
}

describe("what is a kernel", () => {
  test("a bzImage is started by the ELF inside it", async () => {
    const vmlinux = makeVmlinux(banner("9.9.9-mine"));
    const path = place("bzImage", bzImage("9.9.9-mine", vmlinux));
    const kernel = await openKernel(path, {});
    expect(kernel).toMatchObject({ name: path, release: "9.9.9-mine", packageVersion: "", bootKind: "pvh", config: null, modulesDir: "" });
    expect(kernel.bootPath).toBe(kernel.vmlinuxPath);
    expect(readFileSync(kernel.bootPath)).toEqual(vmlinux);
    expect(kernel.sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  test("a bzImage without a PVH entry is started as it is", async () => {
    const image = bzImage("9.9.9", makeVmlinux(banner("9.9.9"), { pvh: false }));
    const kernel = await openKernel(place("bzImage", image), {});
    expect(kernel.bootKind).toBe("bzimage");
    expect(readFileSync(kernel.bootPath)).toEqual(image);
    expect(kernel.vmlinuxPath).not.toBe("");
  });

  test("a bzImage whose kernel cannot be taken out is started as it is", async () => {
    const kernel = await openKernel(place("bzImage", makeBzImage("9.9.9", Buffer.from("unknown compression"))), {});
    expect(kernel).toMatchObject({ bootKind: "bzimage", vmlinuxPath: "", release: "9.9.9" });
  });

  test("a vmlinux is used where it lies", async () => {
    const path = place("vmlinux", makeVmlinux(Buffer.concat([Buffer.from(banner("9.9.9")), withIkconfig("CONFIG_SWAP=y\n")])));
    const kernel = await openKernel(path, {});
    expect(kernel).toMatchObject({ bootPath: path, vmlinuxPath: path, bootKind: "pvh", release: "9.9.9" });
    expect(kernel.config?.get("CONFIG_SWAP")).toBe("y");
  });

  test("a build tree gives its image and configuration", async () => {
    place("linux/arch/x86/boot/bzImage", bzImage("9.9.9"));
    place("linux/.config", "CONFIG_SWAP=y\n# CONFIG_THP_SWAP is not set\n");
    const kernel = await openKernel(join(folder, "linux"), {});
    expect(kernel.config?.get("CONFIG_THP_SWAP")).toBe("n");
    expect((await openKernel(join(folder, "linux/arch/x86/boot/bzImage"), {})).bootPath).toBe(kernel.bootPath);
  });

  test("the configuration built into a kernel counts more than one beside it", async () => {
    place("linux/arch/x86/boot/bzImage", bzImage("9.9.9", makeVmlinux(Buffer.concat([Buffer.from(banner("9.9.9")), withIkconfig("CONFIG_SWAP=y\n")]))));
    place("linux/.config", "# CONFIG_SWAP is not set\n");
    expect((await openKernel(join(folder, "linux"), {})).config?.get("CONFIG_SWAP")).toBe("y");
  });

  test("an installed image finds the configuration of its release", async () => {
    const path = place("boot/vmlinuz-9.9.9", bzImage("9.9.9"));
    place("boot/config-9.9.9", "CONFIG_HZ=250\n");
    expect((await openKernel(path, {})).config?.get("CONFIG_HZ")).toBe("250");
  });
});

describe("preparing it again", () => {
  test("happens only when the build has changed, and leaves nothing of the earlier one", async () => {
    const path = place("bzImage", bzImage("9.9.1"));
    const first = await openKernel(path, {});
    const again = await openKernel(path, { progress: () => expect.unreachable("nothing is to be done") });
    expect(again).toEqual(first);

    writeFileSync(path, bzImage("9.9.2"));
    utimesSync(path, new Date(), new Date(Date.now() + 5000));
    const second = await openKernel(path, {});
    expect(second.release).toBe("9.9.2");
    expect(readdirSync(kernelsDir())).toHaveLength(1);
  });

  test("happens when the prepared file is damaged", async () => {
    const path = place("bzImage", bzImage("9.9.9"));
    const { bootPath } = await openKernel(path, {});
    writeFileSync(bootPath, "cut");
    expect(readFileSync((await openKernel(path, {})).bootPath).length).toBeGreaterThan(100);
  });
});

describe("what is not", () => {
  test("a tree that was not built", async () => {
    mkdirSync(join(folder, "linux"));
    const error = await failure(join(folder, "linux"));
    expect(error.kind).toBe("invalid");
    expect(error.message).toBe(
      `kernel "${folder}/linux": no arch/x86/boot/bzImage in it. Build it first (make bzImage), or give a path to a bzImage.`,
    );
  });

  test.each<[string, string | Buffer, string]>([
    ["text", "hello", "neither a bzImage nor an x86-64 vmlinux"],
    ["a bzImage that is cut", bzImage("9.9.9").subarray(0, 2200), "a bzImage that is cut short"],
    ["an empty file", "", "neither a bzImage nor an x86-64 vmlinux"],
    ["a program", makeVmlinux("no banner"), "an x86-64 program, but not a Linux kernel"],
    ["a vmlinux without PVH", makeVmlinux(banner("9.9.9"), { pvh: false }), "no PVH entry"],
    ["a kernel of another machine", makeVmlinux(banner("9.9.9"), { pvh: true, machine: 183 }), "neither a bzImage nor an x86-64 vmlinux"],
  ])("%s", async (_, data, what) => {
    const error = await failure(place("file", data));
    expect(error.kind).toBe("invalid");
    expect(error.message).toContain(what);
    expect(error.next).not.toBe("");
  });

  test("a tree whose bzImage is cut", async () => {
    place("linux/arch/x86/boot/bzImage", bzImage("9.9.9").subarray(0, 100));
    expect((await failure(join(folder, "linux"))).message).toContain("is not a whole bzImage");
  });

  test("nothing at that path: invalid too, so that a bisection skips a failed build", async () => {
    const error = await failure(join(folder, "nowhere"));
    expect(error.kind).toBe("invalid");
    expect(error.message).toContain("no such file or folder");
  });

  test("a series that is not in the catalogue", async () => {
    const error = await failure("2.4");
    expect(error.kind).toBe("usage");
    expect(error.message).toMatch(/6\.1, 6\.12/);
  });
});

test("a cache that cannot be made is named", async () => {
  const file = place("file", "");
  vi.stubEnv("XDG_CACHE_HOME", file);
  const error = await failure(place("bzImage", bzImage("9.9.9")));
  expect(error.kind).toBe("host");
  expect(error.where).toContain(file);
});
