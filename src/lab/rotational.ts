import type { GuestMessage } from "../protocol/messages.ts";
import { deviceTraits, rotatingText } from "../workload/devices.ts";
import type { DeviceName } from "../workload/ops.ts";
import { LabError } from "./errors.ts";

/** Whether the guest calls its swap device rotating; null when it never said so. */
export function rotationalTruth(messages: readonly GuestMessage[]): boolean | null {
  const disk = messages.findLast((message) => message.kind === "disk");
  return disk?.kind === "disk" ? disk.rotational : null;
}

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
