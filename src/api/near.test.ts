import { expect, test } from "vitest";
import { nearNames } from "./near.ts";

const names = ["munmap-after-pageout", "fork-then-unmap", "brim", "zero-pages"];

test.each([
  ["brmi", ["brim"]],
  ["zero", ["zero-pages"]],
  ["Brim", ["brim"]],
  ["munmap-after-pagout", ["munmap-after-pageout"]],
  ["unmap", ["fork-then-unmap", "munmap-after-pageout"]],
  ["swapoff", []],
  ["x", []],
])("%s", (word, near) => {
  expect(nearNames(word, names)).toEqual(near);
});
