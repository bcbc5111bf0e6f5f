import { expect, test } from "vitest";
import { generations } from "../model/features.ts";
import { forcedGeneration } from "./run-request.ts";

test("a model is asked for by a generation's name", () => {
  expect(forcedGeneration({})).toBeNull();
  expect(forcedGeneration({ model: "6.10" })).toBe(generations["6.10"]);
  expect(forcedGeneration({ model: "6.17" })).toBe(generations["6.17"]);
});

test("a name that there is not is refused with those that there are, and with what nobody has seen running", () => {
  expect(() => forcedGeneration({ model: "6.2" })).toThrow(/no model of generation "6\.2".*6\.1, 6\.10 \(never held against a kernel\), 6\.12, .*6\.16, 6\.17/s);
});
