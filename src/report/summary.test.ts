import { expect, test } from "vitest";
import { passResult } from "../../test/sample-results.ts";
import { deviceText } from "./summary.ts";

const { experiment } = passResult();
const area = (name: string, device: string, rotational: boolean) => ({ name, device, swapKb: 1024, priority: null, rotational });

test("of devices of two kinds each says what it is, of one kind they are said together", () => {
  const mixed = { ...experiment, device: "nvme-hdd and nvme", rotational: true, rotationalCause: "queue/rotational set to 1" };
  const [disk, flash] = [area("disk", "nvme-hdd", true), area("flash", "nvme", false)];
  expect(deviceText({ experiment: { ...mixed, areas: [disk, flash] } })).toBe("nvme-hdd, rotating, and nvme, not rotating (queue/rotational set to 1)");
  expect(deviceText({ experiment: { ...mixed, device: "nvme-hdd", areas: [disk, { ...disk, name: "other" }] } })).toBe("nvme-hdd, rotating (queue/rotational set to 1)");
});

test("a run that ended before the guest was asked names the devices alone", () => {
  expect(deviceText({ experiment: { ...experiment, device: "nvme-hdd and nvme", rotational: null } })).toBe("nvme-hdd and nvme");
});
