import type { Device } from "./device.ts";
import type { Step } from "./model.ts";

/** Steps by which somebody finds the device, with a reference of it and without. */

/** Kernel 6.1 _swap_info_get: checks the entry against the device, and nothing more. */
export function findDevice(device: Device, from: number, to: number): Step {
  return {
    at: from,
    name: "_swap_info_get",
    does: "finds the device and looks at the slot's byte; takes no reference",
    touches: "swap_map",
    take: (state) => {
      device.touch(state);
      return to;
    },
  };
}

/** Kernel 6.1 get_swap_device: no reference is given after percpu_ref_kill. Who has one may look at the slot's byte. */
export function getReference(device: Device, from: number, to: number, refused: number): Step {
  return {
    at: from,
    name: "get_swap_device",
    does: "takes a reference of the device, or gives up when swapoff has killed it",
    touches: "swap_map",
    take: (state) => {
      if (state[device.killed] !== 0) return refused;
      state[device.users]!++;
      device.touch(state);
      return to;
    },
  };
}

/** Kernel 6.1 put_swap_device: the count stands in the structure that stays, so nothing is touched that may be gone. */
export function putReference(device: Device, from: number, to: number): Step {
  return {
    at: from,
    name: "put_swap_device",
    does: "gives its reference of the device back",
    touches: "",
    take: (state) => {
      state[device.users]!--;
      return to;
    },
  };
}
