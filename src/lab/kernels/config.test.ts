import { expect, test } from "vitest";
import { embeddedConfig, parseConfig } from "./config.ts";
import { withIkconfig } from "./fixtures.ts";

test("reads set, unset, text and numbers", () => {
  const config = parseConfig(`#
# Automatically generated file
#
CONFIG_SWAP=y
CONFIG_ZRAM=m
# CONFIG_THP_SWAP is not set
CONFIG_ZRAM_DEF_COMP="lzo-rle"
CONFIG_HZ=250
CONFIG_EMPTY=""
`);
  expect(Object.fromEntries(config)).toEqual({
    CONFIG_SWAP: "y",
    CONFIG_ZRAM: "m",
    CONFIG_THP_SWAP: "n",
    CONFIG_ZRAM_DEF_COMP: "lzo-rle",
    CONFIG_HZ: "250",
    CONFIG_EMPTY: "",
  });
});

test("takes the configuration out of a kernel", () => {
  expect(embeddedConfig(Buffer.concat([Buffer.from("before"), withIkconfig("CONFIG_SWAP=y\n")]))).toBe("CONFIG_SWAP=y\n");
});

test("finds none where there is none", () => {
  expect(embeddedConfig(Buffer.from("plain"))).toBeNull();
  expect(embeddedConfig(Buffer.from("IKCFG_ST without an end"))).toBeNull();
  expect(embeddedConfig(Buffer.from("IKCFG_STnot gzipIKCFG_ED"))).toBeNull();
});
