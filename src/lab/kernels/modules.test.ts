import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runForBytes } from "../process.ts";
import type { KernelImage } from "./image.ts";
import { loadOrder, moduleName, modulesFor, modulesForDevices, parseModulesBuiltin, parseModulesDep } from "./modules.ts";

const dep = `kernel/drivers/block/zram/zram.ko.xz: kernel/mm/zsmalloc.ko.xz
kernel/mm/zsmalloc.ko.xz:
kernel/drivers/scsi/sd_mod.ko: kernel/drivers/scsi/scsi_mod.ko.gz kernel/drivers/scsi/scsi_common.ko.zst
kernel/drivers/scsi/scsi_mod.ko.gz: kernel/drivers/scsi/scsi_common.ko.zst
kernel/drivers/scsi/scsi_common.ko.zst:
kernel/drivers/scsi/virtio_scsi.ko: kernel/drivers/scsi/scsi_mod.ko.gz kernel/drivers/scsi/scsi_common.ko.zst
kernel/crypto/lzo-rle.ko:
kernel/damaged.ko.xz:
`;
const builtin = "kernel/drivers/nvme/host/nvme.ko\nkernel/drivers/virtio/virtio_pci.ko\n";

test.each([
  ["kernel/crypto/lzo-rle.ko", "lzo_rle"],
  ["kernel/a/virtio_blk.ko.xz", "virtio_blk"],
  ["x.ko.zst", "x"],
  ["brd", "brd"],
])("%s is called %s", (path, name) => {
  expect(moduleName(path)).toBe(name);
});

test("what a module needs is loaded before it, and once", () => {
  expect(loadOrder(parseModulesDep(dep), ["virtio_scsi", "sd_mod"])).toEqual([
    "kernel/drivers/scsi/scsi_common.ko.zst",
    "kernel/drivers/scsi/scsi_mod.ko.gz",
    "kernel/drivers/scsi/virtio_scsi.ko",
    "kernel/drivers/scsi/sd_mod.ko",
  ]);
});

test("modules.builtin gives names", () => {
  expect([...parseModulesBuiltin(builtin)]).toEqual(["nvme", "virtio_pci"]);
});

describe("with a modules folder", () => {
  const modulesDir = mkdtempSync(join(tmpdir(), "swaplab-modules-"));
  const content = (name: string): Buffer => Buffer.from(`\x7fELF module ${name}`, "latin1");
  const place = (path: string, data: Buffer): void => {
    mkdirSync(dirname(join(modulesDir, path)), { recursive: true });
    writeFileSync(join(modulesDir, path), data);
  };
  const compress = async (program: string, data: Buffer): Promise<Buffer> => (await runForBytes(program, ["-c"], { input: data, deadlineMs: 10_000 })).stdout;
  const kernel: KernelImage = { name: "test", release: "9.9.9", packageVersion: "", bootPath: "", bootKind: "pvh", vmlinuxPath: "", sha256: "", config: null, modulesDir };

  beforeAll(async () => {
    place("modules.dep", Buffer.from(dep));
    place("modules.builtin", Buffer.from(builtin));
    place("kernel/drivers/block/zram/zram.ko.xz", await compress("xz", content("zram")));
    place("kernel/mm/zsmalloc.ko.xz", await compress("xz", content("zsmalloc")));
    place("kernel/drivers/scsi/sd_mod.ko", content("sd_mod"));
    place("kernel/drivers/scsi/virtio_scsi.ko", content("virtio_scsi"));
    place("kernel/drivers/scsi/scsi_mod.ko.gz", gzipSync(content("scsi_mod")));
    place("kernel/drivers/scsi/scsi_common.ko.zst", await compress("zstd", content("scsi_common")));
    place("kernel/crypto/lzo-rle.ko", content("lzo-rle"));
    place("kernel/damaged.ko.xz", (await compress("xz", content("damaged"))).subarray(0, -20));
  });
  afterAll(() => rmSync(modulesDir, { recursive: true }));

  test("every compression comes out as the module it was", async () => {
    const set = await modulesForDevices(kernel, ["scsi-ssd"]);
    expect(set.load.map(({ fileName }) => fileName)).toEqual(["scsi_common.ko", "scsi_mod.ko", "virtio_scsi.ko", "sd_mod.ko"]);
    for (const { fileName, data } of set.load) expect(data).toEqual(content(fileName.replace(".ko", "")));
    expect(set).toMatchObject({ builtin: ["virtio_pci"], missing: [], unknown: [] });
  });

  test("tells built in from missing", async () => {
    expect(await modulesFor(kernel, ["nvme", "brd", "nothing-here"])).toEqual({ load: [], builtin: ["nvme"], missing: ["brd", "nothing-here"], unknown: [] });
  });

  test("zram brings its compressor, which is never missing", async () => {
    const named = (set: Awaited<ReturnType<typeof modulesFor>>) => set.load.map(({ fileName }) => fileName);
    expect(named(await modulesForDevices(kernel, ["zram"]))).toEqual(["lzo-rle.ko", "zsmalloc.ko", "zram.ko"]);
    const other = await modulesForDevices({ ...kernel, config: new Map([["CONFIG_ZRAM_DEF_COMP", "other"]]) }, ["zram"]);
    expect(named(other)).toEqual(["zsmalloc.ko", "zram.ko"]);
    expect(other.missing).toEqual([]);
  });

  test("a damaged module is named", async () => {
    await expect(modulesFor(kernel, ["damaged"])).rejects.toMatchObject({ kind: "host", where: join(modulesDir, "kernel/damaged.ko.xz") });
  });

  test("without a modules folder nothing is known", async () => {
    expect(await modulesForDevices({ ...kernel, modulesDir: "" }, ["virtio"])).toEqual({ load: [], builtin: [], missing: [], unknown: ["virtio_pci", "virtio_blk"] });
  });
});
