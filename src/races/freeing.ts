import { claimFromXArray, claimUnderLock, letGo } from "./claims.ts";
import type { Device } from "./device.ts";
import { blocked, places, type Actor, type StateLayout, type Step } from "./model.ts";
import type { PageTables } from "./page-tables.ts";
import { findDevice, getReference, putReference } from "./references.ts";
import type { Variant } from "./switches.ts";

const at = places("claim", "get", "drop", "write", "getLate", "look", "reclaim", "unlock", "put", "leave", "end");

/** What an actor is built into. */
export interface Surroundings {
  readonly layout: StateLayout;
  readonly device: Device;
  readonly tables: PageTables;
}

/**
 * A process that gives up its entry, and with it the reference to a slot, as free_swap_and_cache does it.
 *
 * Kernel 6.1 zap_pte_range, free_swap_and_cache, before and after 82b1c07a0af6 (Debian's 6.1 has the later form): before, nothing but
 * the count itself kept the device; since then a reference of the device does, from before the drop until after the last use.
 */
export function freeingProcess({ layout, device, tables }: Surroundings, variant: Variant, process: number, slot: number): Actor {
  const { fix, caller, shortcut, clusterLock, without } = variant;
  const leave = caller === "anon" ? at.leave : at.end;
  const putsEarly = fix && without === "put-after-use";
  const getsLate = fix && without === "reference-before-drop";
  const afterUse = fix && !putsEarly ? at.put : leave;
  const afterLock = clusterLock ? at.unlock : afterUse;
  const toLook = shortcut ? at.look : at.reclaim;
  const afterDrop = putsEarly ? at.put : getsLate ? at.getLate : toLook;
  const steps = [
    caller === "anon"
      ? claimUnderLock(tables, process, without !== "page-table-lock", { from: at.claim, to: at.get, gone: at.leave })
      : claimFromXArray(tables, process, { from: at.claim, to: at.get, gone: at.end }),
    fix && !getsLate ? getReference(device, at.get, at.drop, leave) : findDevice(device, at.get, at.drop),
    ...(getsLate ? [getReference(device, at.getLate, toLook, leave)] : []),
    ...(without === "cluster-lock" ? dropWithoutLock(device, slot, layout.byte(), afterDrop) : [drop(device, slot, clusterLock, afterDrop)]),
    look(device, afterLock),
    reclaim(device, at.reclaim, afterLock),
    ...(clusterLock ? [unlockCluster(device, afterUse)] : []),
    ...(fix ? [putReference(device, at.put, putsEarly ? toLook : leave)] : []),
    ...(caller === "anon" ? [letGo(device, tables, process, at.leave, at.end)] : []),
  ];
  return { name: `P${process + 1}`, steps, end: at.end };
}

/** Kernel 6.1 __swap_entry_free: the count is lowered under the cluster's lock. The cache bit is all that is left here. */
function drop(device: Device, slot: number, keepsLock: boolean, next: number): Step {
  return {
    at: at.drop,
    name: "__swap_entry_free",
    does: "drops the slot's count under the cluster's lock",
    touches: "cluster_info, swap_map",
    take: (state) => {
      if (state[device.clusterLock] !== 0) return blocked;
      device.touch(state);
      device.dropCount(state, slot);
      if (keepsLock) state[device.clusterLock] = 1;
      return next;
    },
  };
}

function dropWithoutLock(device: Device, slot: number, seen: number, next: number): Step[] {
  const count = device.counts[slot]!;
  return [
    {
      at: at.drop,
      name: "__swap_entry_free",
      does: "reads the slot's count, without the cluster's lock",
      touches: "swap_map",
      take: (state) => {
        device.touch(state);
        state[seen] = state[count]!;
        return at.write;
      },
    },
    {
      at: at.write,
      name: "__swap_entry_free",
      does: "writes one less than it has read",
      touches: "swap_map",
      take: (state) => {
        device.touch(state);
        state[count] = state[seen]! - 1;
        state[seen] = 0;
        return next;
      },
    },
  ];
}

/** Kernel 6.1 swap_page_trans_huge_swapped: reads the bytes of all slots of the cluster, under its lock. */
function look(device: Device, counted: number): Step {
  return {
    at: at.look,
    name: "swap_page_trans_huge_swapped",
    does: "looks whether any slot of the folio is still counted",
    touches: "cluster_info, swap_map",
    take: (state) => {
      device.touch(state);
      return device.isCounted(state) ? counted : at.reclaim;
    },
  };
}

/** Kernel 6.1 __try_to_reclaim_swap, folio_free_swap: looks the folio up, tries its lock, looks at the counts once more. */
export function reclaim(device: Device, from: number, next: number): Step {
  return {
    at: from,
    name: "__try_to_reclaim_swap",
    does: "looks the folio up, and gives its slots back if none is counted",
    touches: "swap cache, cluster_info, swap_map",
    take: (state) => {
      device.touch(state);
      if (state[device.cached] !== 0 && state[device.folioLock] === 0) device.giveBackFolio(state);
      return next;
    },
  };
}

function unlockCluster(device: Device, next: number): Step {
  return {
    at: at.unlock,
    name: "unlock_cluster",
    does: "lets go of the cluster's lock, which stands in cluster_info itself",
    touches: "cluster_info",
    take: (state) => {
      device.touch(state);
      state[device.clusterLock] = 0;
      return next;
    },
  };
}
