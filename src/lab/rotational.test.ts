import { expect, test } from "vitest";
import { deviceTraits } from "../workload/devices.ts";
import { deviceNames } from "../workload/ops.ts";
import { checkRotational } from "./rotational.ts";

test.each(deviceNames)("%s is judged only as what it was taken for", (device) => {
  const { rotating } = deviceTraits[device];
  expect(() => checkRotational(device, rotating)).not.toThrow();
  expect(() => checkRotational(device, !rotating)).toThrow(`calls it ${rotating ? "not rotating" : "rotating"}`);
  expect(() => checkRotational(device, null)).toThrow(`device ${device}: `);
});
