import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { openKernel } from "../../src/lab/kernels/open.ts";
import { useOwnCache, useOwnFolder } from "./places.ts";
import { writeBzImage, writeKernelWithoutBtf, writeVmlinux } from "./damaged-kernels.ts";
import { type Asked, checksOf, differing, runExperiment, story } from "./runs.ts";

const folder = useOwnFolder();
const cache = useOwnCache(folder);

const experiment = { experiment: "munmap-after-pageout", folio: "64kB", device: "nvme" };

async function expectations(asked: Asked): Promise<{ seen: unknown; told: string }> {
  const { result } = await runExperiment(asked);
  const { verdict, kernel } = result;
  return { seen: { verdict, differingCount: differing(result).length, hasChecks: checksOf(result).length > 100, name: kernel.name, release: kernel.release, generation: kernel.generation }, told: story(result) };
}

describe("a kernel given by its path", () => {
  let release = "";
  beforeAll(async () => {
    ({ release } = await openKernel("6.12", {}));
  });
  const agreement = (name: string): object => ({ verdict: "pass", differingCount: 0, hasChecks: true, name, release, generation: "6.12" });

  test("a vmlinux", async () => {
    const kernel = join(folder, "vmlinux");
    await writeVmlinux(kernel, "6.12");
    const { seen, told } = await expectations({ ...experiment, kernel, cold: true });
    expect(seen, told).toEqual(agreement(kernel));
  });

  test("a bzImage", async () => {
    const kernel = join(folder, "bzImage");
    await writeBzImage(kernel, "6.12");
    const { seen, told } = await expectations({ ...experiment, kernel, cold: true });
    expect(seen, told).toEqual(agreement(kernel));
  });

  describe("a build tree", () => {
    const tree = join(folder, "linux");
    const config = join(tree, ".config");
    const drivers = ["CONFIG_SWAP=y", "CONFIG_KPROBE_EVENTS=y"];
    beforeAll(async () => {
      await mkdir(join(tree, "arch/x86/boot"), { recursive: true });
      await writeBzImage(join(tree, "arch/x86/boot/bzImage"), "6.12");
      await copyFile(join(cache, "kernels/6.12/config"), config);
    });

    test("as it was built", async () => {
      const { seen, told } = await expectations({ ...experiment, kernel: tree, cold: true });
      expect(seen, told).toEqual(agreement(tree));
    });

    test.each(drivers)("without %s, which is said before anything boots", async (option) => {
      const text = await readFile(join(cache, "kernels/6.12/config"), "utf8");
      expect(text).toContain(`\n${option}\n`);
      const name = option.replace("=y", "");
      await writeFile(config, text.replace(`\n${option}\n`, `\n# ${name} is not set\n`));
      const { result } = await runExperiment({ ...experiment, kernel: tree });
      expect([result.verdict, result.host.start, result.reason], story(result)).toEqual(["invalid", "none", expect.stringContaining(name)]);
    });
  });

  test("without BTF, which is named", async () => {
    const kernel = join(folder, "vmlinux-without-btf");
    await writeKernelWithoutBtf(kernel, "6.12");
    const { result } = await runExperiment({ ...experiment, kernel, cold: true });
    expect([result.verdict, result.steps], story(result)).toEqual(["invalid", []]);
    expect(result.reason).toMatch(/no BTF.*CONFIG_DEBUG_INFO_BTF=y/);
  });
});

test("a model that there is not", async () => {
  const { result } = await runExperiment({ ...experiment, kernel: "6.12", model: "6.99" });
  expect([result.verdict, result.steps], story(result)).toEqual(["invalid", []]);
  expect(result.reason).toMatch(/no model of generation "6\.99".*There are 6\.1, .*6\.12, .*7\.3/);
});
