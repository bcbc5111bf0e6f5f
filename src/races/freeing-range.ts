import { claimFromXArray, claimUnderLock, letGo } from "./claims.ts";
import type { Device } from "./device.ts";
import { reclaim, type Surroundings } from "./freeing.ts";
import { places, type Actor, type Step } from "./model.ts";
import { findDevice, getReference, putReference } from "./references.ts";
import type { Variant } from "./switches.ts";

/** Slots that each process gives up at once. */
export const rangeSlots = 2;

const at = places("claim", "get", "drop", "dropSecond", "look", "lookSecond", "reclaim", "put", "leave", "end");

/**
 * A process that gives up the slots of several entries at once.
 *
 * Kernel 6.10 free_swap_and_cache_nr: first drops every count, then goes over the slots again, reads their bytes without a lock, and
 * tries to give a folio's slots back where the cache bit is all that is left. The first draft of it took no reference of the device.
 */
export function freeingRange({ device, tables }: Surroundings, { fix, caller }: Variant, process: number): Actor {
  const leave = caller === "anon" ? at.leave : at.end;
  const afterUse = fix ? at.put : leave;
  const [first, second] = [process * rangeSlots, process * rangeSlots + 1];
  const steps = [
    caller === "anon"
      ? claimUnderLock(tables, process, true, { from: at.claim, to: at.get, gone: at.leave })
      : claimFromXArray(tables, process, { from: at.claim, to: at.get, gone: at.end }),
    fix ? getReference(device, at.get, at.drop, leave) : findDevice(device, at.get, at.drop),
    drop(device, first, at.drop, at.dropSecond),
    drop(device, second, at.dropSecond, at.look),
    lookAgain(device, first, at.look, at.lookSecond),
    lookAgain(device, second, at.lookSecond, afterUse),
    // Whatever comes of it, the next slot to look at would be behind the folio.
    reclaim(device, at.reclaim, afterUse),
    ...(fix ? [putReference(device, at.put, leave)] : []),
    ...(caller === "anon" ? [letGo(device, tables, process, at.leave, at.end)] : []),
  ];
  return { name: `P${process + 1}`, steps, end: at.end };
}

function drop(device: Device, slot: number, from: number, next: number): Step {
  return {
    at: from,
    name: "__swap_entry_free",
    does: "drops the slot's count under the cluster's lock",
    touches: "cluster_info, swap_map",
    take: (state) => {
      device.touch(state);
      device.dropCount(state, slot);
      return next;
    },
  };
}

function lookAgain(device: Device, slot: number, from: number, otherwise: number): Step {
  const count = device.counts[slot]!;
  return {
    at: from,
    name: "READ_ONCE(swap_map)",
    does: "reads the slot's byte again, without a lock: is the cache bit all that is left?",
    touches: "swap_map",
    take: (state) => {
      device.touch(state);
      return state[device.cached] !== 0 && state[count] === 0 ? at.reclaim : otherwise;
    },
  };
}
