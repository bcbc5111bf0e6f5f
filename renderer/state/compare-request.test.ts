import { expect, test } from "vitest";
import { compareRequest, operandKind } from "./compare-request.ts";

const form = { a: "6.1", b: "6.12", experiment: "brim", kernel: "7.2", runCount: 3 };
const common = { set: {}, memoryMb: 1024, cold: false };

test.each([
  ["6.12", "kernel"],
  ["nvme", "device"],
  ["64kB", "folio"],
  ["2MB", "folio"],
  ["2026-11-23-1", "run"],
  ["kernel:nvme", "kernel"],
  ["~/linux", null],
  ["3kB", null],
  ["", null],
])("%s is a %s", (word, kind) => {
  expect(operandKind(word)).toBe(kind);
});

test("two kernels are asked for without a kernel", () => {
  expect(compareRequest(form)).toEqual({ ...common, a: "6.1", b: "6.12", experiment: "brim", runCount: 3 });
});

test("two devices on a kernel", () => {
  expect(compareRequest({ ...form, a: " nvme", b: "zram " })).toEqual({ ...common, a: "nvme", b: "zram", experiment: "brim", kernel: "7.2", runCount: 3 });
});

test("what is left empty is the lab's choice", () => {
  expect(compareRequest({ ...form, a: "4kB", b: "64kB", experiment: "", kernel: " " })).toEqual({ ...common, a: "4kB", b: "64kB", runCount: 3 });
});

test("runs that are over are not run again", () => {
  expect(compareRequest({ ...form, a: "2026-11-23-1", b: "2026-11-23-2" })).toEqual({ ...common, a: "2026-11-23-1", b: "2026-11-23-2", runCount: 0 });
});
