import { describe, expect, test } from "vitest";
import { compareVersions, isOfSeries, kernelDependencies, newestImage, parseRecords } from "./packages.ts";

const whole = `Package: linux-image-9.1.0-47-cloud-amd64
Source: linux-signed-amd64 (9.1.170+3)
Version: 9.1.170-3
Installed-Size: 100
Depends: kmod, linux-base (>= 4.3~), initramfs-tools (>= 0.120+deb8u2) | linux-initramfs-tool
Size: 2000
Description: a kernel
 Version: 99 is only text here
`;
const newer = whole.replaceAll("47-cloud", "50-cloud").replaceAll("9.1.170-3", "9.1.176-1");
const meta = `Package: linux-image-cloud-amd64
Version: 9.1.176-1
Depends: linux-image-9.1.0-50-cloud-amd64 (= 9.1.176-1)
Size: 10
`;
const split = `Package: linux-image-9.19.4+deb-cloud-amd64
Version: 9.19.4-1~bpo1
Depends: kmod, dracut | initramfs-tools (>= 0.1), linux-base-9.19.4+deb-cloud-amd64 (= 9.19.4-1~bpo1), linux-binary-9.19.4+deb-cloud-amd64 (= 9.19.4-1~bpo1), linux-modules-9.19.4+deb-cloud-amd64 (= 9.19.4-1~bpo1)
Pre-Depends: linux-base (>= 4.17~), other (= 1)
Size: 1928
`;
const all = parseRecords([whole, newer, meta, split].join("\n"));

test("reads records", () => {
  expect(all.map((record) => record.name)).toHaveLength(4);
  expect(all[0]).toEqual({ name: "linux-image-9.1.0-47-cloud-amd64", version: "9.1.170-3", pinned: [], downloadBytes: 2000, installedBytes: 102400 });
});

test("takes the newest real image of a series, not a pointer to it", () => {
  expect(newestImage(all, "9.1")?.name).toBe("linux-image-9.1.0-50-cloud-amd64");
  expect(newestImage(all, "9.19")?.name).toBe("linux-image-9.19.4+deb-cloud-amd64");
  expect(newestImage(all, "9.2")).toBeUndefined();
});

test("follows only what the same build pins", () => {
  const image = newestImage(all, "9.19");
  expect(image && kernelDependencies(image).map((dependency) => dependency.name)).toEqual([
    "linux-base-9.19.4+deb-cloud-amd64",
    "linux-binary-9.19.4+deb-cloud-amd64",
    "linux-modules-9.19.4+deb-cloud-amd64",
  ]);
  expect(image && kernelDependencies(image)[0]?.version).toBe("9.19.4-1~bpo1");
});

test.each([
  ["6.1.192-2", "6.1", true],
  ["6.12.117-1~deb12u1", "6.1", false],
  ["6.19.4-1", "6.1", false],
  ["6.1-1", "6.1", true],
  ["6.1~rc3-1", "6.1", true],
  ["16.1.2-1", "6.1", false],
  ["6x1.2-1", "6.1", false],
])("%s belongs to %s: %s", (version, series, belongs) => {
  expect(isOfSeries(version, series)).toBe(belongs);
});

describe("the order of versions is the packaging policy's", () => {
  test.each([
    ["6.1.9-1", "6.1.10-1"],
    ["6.1.176-1", "6.1.192-2"],
    ["6.12.9-1~bpo12+1", "6.12.9-1"],
    ["6.12.9-1", "6.12.9-1+b1"],
    ["1.0~rc1-1", "1.0-1"],
    ["1.0", "1.0a"],
    ["1.0a", "1.0+"],
    ["9.9-9", "1:0.1-1"],
    ["1.0-1-1", "1.0-1-2"],
    ["1.0-0", "1.0-1"],
  ])("%s < %s", (older, newer) => {
    expect(compareVersions(older, newer)).toBeLessThan(0);
    expect(compareVersions(newer, older)).toBeGreaterThan(0);
  });

  test("leading zeros and a missing epoch count for nothing", () => {
    expect(compareVersions("0:1.02-1", "1.2-1")).toBe(0);
  });
});
