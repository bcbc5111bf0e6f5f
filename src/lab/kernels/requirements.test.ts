import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { deviceNames } from "../../workload/ops.ts";
import { lackedByOps, requirements } from "./requirements.ts";

/** Every option that any experiment asks for, switched on. */
const source = readFileSync(new URL("requirements.ts", import.meta.url), "utf8") + readFileSync(new URL("drivers.ts", import.meta.url), "utf8");
const everything = new Map([...source.matchAll(/"(CONFIG_\w+)"/g)].map((match) => [match[1] ?? "", "y"]));
const without = (option: string, value?: string): Map<string, string> => {
  const config = new Map(everything);
  if (value === undefined) config.delete(option);
  else config.set(option, value);
  return config;
};

test.each(deviceNames)("a kernel with everything lacks nothing for %s", (device) => {
  expect(requirements({ config: everything, modulesDir: "" }, [device])).toEqual([]);
});

test.each(["CONFIG_SWAP", "CONFIG_THP_SWAP", "CONFIG_KPROBE_EVENTS", "CONFIG_DEBUG_INFO_BTF", "CONFIG_SERIAL_8250_CONSOLE", "CONFIG_DEVTMPFS"])("names %s", (option) => {
  for (const config of [without(option), without(option, "n"), without(option, "m")]) {
    expect(requirements({ config, modulesDir: "/modules" }, ["nvme"]).map((lack) => lack.what)).toEqual([option]);
  }
});

describe("what single ops need", () => {
  const functions = (...names: string[]) => ({ hasFunction: (name: string) => names.includes(name) });
  const ops = [{ op: "zswap" }, { op: "zswap" }, { op: "evict" }] as const;

  test("is looked for in the configuration, for workloads that have such ops", async () => {
    const config = without("CONFIG_ZSWAP");
    const never = () => Promise.reject(new Error("asked for functions"));
    expect(await lackedByOps(config, [{ op: "map" }], never)).toEqual([]);
    expect((await lackedByOps(config, ops, never)).map((lack) => lack.what)).toEqual(["CONFIG_ZSWAP"]);
    expect(await lackedByOps(everything, ops, never)).toEqual([]);
  });

  test("is looked for among the functions where there is no configuration", async () => {
    expect((await lackedByOps(null, ops, async () => functions("mem_cgroup_css_alloc"))).map((lack) => lack.what)).toEqual(["CONFIG_ZSWAP"]);
    expect(await lackedByOps(null, ops, async () => functions("mem_cgroup_css_alloc", "zswap_store"))).toEqual([]);
  });
});

test("a driver may be a module when the modules are there", () => {
  const config = without("CONFIG_VIRTIO_BLK", "m");
  expect(requirements({ config, modulesDir: "/modules" }, ["virtio"])).toEqual([]);
  expect(requirements({ config, modulesDir: "" }, ["virtio"])[0]?.why).toContain("virtio_blk.ko");
  expect(requirements({ config, modulesDir: "" }, ["nvme"])).toEqual([]);
});

test("names the driver that is switched off", () => {
  expect(requirements({ config: without("CONFIG_ZRAM", "n"), modulesDir: "/modules" }, ["zram"])).toEqual([{ what: "CONFIG_ZRAM", why: "the driver of zram" }]);
});

test("says nothing about a kernel whose configuration is unknown", () => {
  expect(requirements({ config: null, modulesDir: "" }, ["nvme"])).toEqual([]);
});
