import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { deviceNames } from "../../workload/ops.ts";
import { requirements } from "./requirements.ts";

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

test("names what a single op needs, and only for workloads that have it", () => {
  const config = without("CONFIG_ZSWAP");
  expect(requirements({ config, modulesDir: "" }, ["nvme"])).toEqual([]);
  expect(requirements({ config, modulesDir: "" }, ["nvme"], [{ op: "zswap" }, { op: "zswap" }, { op: "evict" }]).map((lack) => lack.what)).toEqual(["CONFIG_ZSWAP"]);
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
