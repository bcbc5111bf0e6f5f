import { expect, test } from "vitest";
import { runArguments } from "../../src/api/request.ts";
import { checkedForm, type Form, formOfArguments, requestOf } from "./request-form.ts";

const fresh: Form = { experiment: "brim", kernel: "6.12", device: "", folio: "", size: "", swapSize: "", cpus: "", model: "", memoryMb: "1024", accelerator: "", set: "", isUnprobed: false, isCold: false, keepsGuest: false };

test("what is left empty is the experiment's own choice", () => {
  expect(requestOf(fresh)).toEqual({ experiment: "brim", kernel: "6.12", memoryMb: 1024, cold: false, set: {} });
});

test("what is filled in is asked for, without spaces around it", () => {
  const form: Form = { ...fresh, folio: " 64kB ", cpus: "2", accelerator: "tcg", model: "6.1", isCold: true };
  expect(requestOf(form)).toEqual({ experiment: "brim", kernel: "6.12", folio: "64kB", cpus: 2, accelerator: "tcg", model: "6.1", memoryMb: 1024, cold: true, set: {} });
});

test("the arguments that repeat a run make the form that asks for it", () => {
  const form: Form = { ...fresh, device: "zram", folio: "64kB", size: "8M", swapSize: "32M", cpus: "2", model: "6.1", memoryMb: "2048", accelerator: "tcg", set: "rounds=4 note=a=b", isUnprobed: true };
  expect(formOfArguments(runArguments(requestOf(form)), fresh)).toEqual(form);
  expect(requestOf(form).set).toEqual({ rounds: "4", note: "a=b" });
  expect(formOfArguments(runArguments(requestOf(fresh)), fresh)).toEqual(fresh);
});

test.each([
  [null, fresh],
  ["{", fresh],
  ["7", fresh],
  ['{"kernel":"7.2","cpus":3,"accelerator":"warp","device":"zram","other":1}', { ...fresh, kernel: "7.2", device: "zram" }],
  [JSON.stringify({ kernel: "x".repeat(400), isCold: true }), { ...fresh, isCold: true }],
])("a kept form %s is taken field by field", (kept, form) => {
  expect(checkedForm(kept, fresh)).toEqual(form);
});
