import { deviceTraits, rotatingText } from "../workload/devices.ts";
import type { DeviceName } from "../workload/ops.ts";
import { LabError } from "./errors.ts";

/**
 * Everything about placement depends on it, so a guest that sees its device otherwise than assumed is not judged.
 *
 * @throws LabError `invalid` naming both
 */
export function checkRotational(device: DeviceName, seen: boolean | null): void {
  const traits = deviceTraits[device];
  if (seen === traits.rotating) return;
  const words = seen === null ? "neither" : seen ? "rotating" : "not rotating";
  throw new LabError("invalid", {
    what: `the device was taken for ${rotatingText(traits)}, and the guest's kernel calls it ${words}`,
    where: `device ${device}`,
    next: "Choose another --device.",
  });
}
