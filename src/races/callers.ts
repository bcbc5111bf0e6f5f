import type { Device } from "./device.ts";
import { blocked, places, type Actor, type Step } from "./model.ts";
import type { PageTables } from "./page-tables.ts";
import { findDevice, getReference, putReference } from "./references.ts";

/** Others that use the device, of whom one may doubt whether they keep it. */

/**
 * Kernel 6.1 folio_free_swap, as do_swap_page and reclaim call it: under the folio's lock, which keeps the folio in the swap cache, and
 * that the slots in use, until the caller itself gives them back.
 */
export function folioFreeSwap(device: Device): Actor {
  const at = places("lock", "look", "give", "unlock", "end");
  const takesLock = device.variant.without !== "folio-lock";
  const steps: Step[] = [
    {
      at: at.lock,
      name: "folio_lock",
      does: takesLock ? "takes the folio's lock and sees that it is in the swap cache" : "sees that the folio is in the swap cache, without its lock",
      touches: "",
      take: (state) => {
        if (state[device.folioLock] !== 0) return blocked;
        state[device.folioLock] = takesLock ? 1 : 0;
        return state[device.cached] === 0 ? at.unlock : at.look;
      },
    },
    {
      at: at.look,
      name: "folio_swapped",
      does: "looks whether any slot of the folio is still counted",
      touches: "cluster_info, swap_map",
      take: (state) => {
        device.touch(state);
        return device.isCounted(state) ? at.unlock : at.give;
      },
    },
    {
      at: at.give,
      name: "delete_from_swap_cache",
      does: "takes the folio out of the swap cache and gives its slots back",
      touches: "swap cache, cluster_info, swap_map",
      take: (state) => {
        device.touch(state);
        if (state[device.cached] !== 0) device.giveBackFolio(state);
        return at.unlock;
      },
    },
    {
      at: at.unlock,
      name: "folio_unlock",
      does: "lets go of the folio's lock",
      touches: "",
      take: (state) => {
        state[device.folioLock] = 0;
        return at.end;
      },
    },
  ];
  return { name: "folio", steps, end: at.end };
}

/**
 * Kernel 6.1 swp_swapcount, as smaps calls it: reads the count of an entry under the page-table lock under which it has read the entry.
 * Kernel 7.2 swp_swapcount: takes a reference of the device too.
 */
export function swapCount(device: Device, tables: PageTables, process: number): Actor {
  const at = places("lock", "get", "count", "put", "unlock", "end");
  const { fix, without } = device.variant;
  const takesLock = without !== "page-table-lock";
  const steps: Step[] = [
    {
      at: at.lock,
      name: "pte_offset_map_lock",
      does: takesLock ? `takes the page-table lock of P${process + 1} and reads the entry` : `reads the entry of P${process + 1} without its page-table lock`,
      touches: "",
      take: (state) => {
        if (tables.isLocked(state, process)) return blocked;
        if (takesLock) tables.lock(state, process);
        return tables.hasEntry(state, process) ? at.get : at.unlock;
      },
    },
    fix ? getReference(device, at.get, at.count, at.unlock) : findDevice(device, at.get, at.count),
    {
      at: at.count,
      name: "swp_swapcount",
      does: "reads the slot's count under the cluster's lock",
      touches: "cluster_info, swap_map",
      take: (state) => {
        device.touch(state);
        return fix ? at.put : at.unlock;
      },
    },
    ...(fix ? [putReference(device, at.put, at.unlock)] : []),
    {
      at: at.unlock,
      name: "pte_unmap_unlock",
      does: takesLock ? "lets go of the page-table lock" : "is done",
      touches: "",
      take: (state) => {
        if (!takesLock) return at.end;
        tables.unlock(state, process);
        device.endRead(state, process);
        return at.end;
      },
    },
  ];
  return { name: "smaps", steps, end: at.end };
}

/**
 * Kernel 6.1 do_swap_page: the fault comes with an entry that was read without a lock; nothing but the device's reference keeps the device
 * until the entry is compared again under the lock.
 */
export function swapIn(device: Device, tables: PageTables, process: number): Actor {
  const at = places("read", "get", "use", "put", "end");
  const { fix } = device.variant;
  const steps: Step[] = [
    {
      at: at.read,
      name: "handle_pte_fault",
      does: `reads the entry of P${process + 1}, without a lock`,
      touches: "",
      take: (state) => (tables.hasEntry(state, process) ? at.get : at.end),
    },
    fix ? getReference(device, at.get, at.use, at.end) : findDevice(device, at.get, at.use),
    {
      at: at.use,
      name: "swapcache_prepare",
      does: "looks the folio up, and at the slot's byte",
      touches: "swap cache, cluster_info, swap_map",
      take: (state) => {
        device.touch(state);
        return fix ? at.put : at.end;
      },
    },
    ...(fix ? [putReference(device, at.put, at.end)] : []),
  ];
  return { name: "fault", steps, end: at.end };
}

/** Kernel 6.1 get_swap_pages, scan_swap_map_slots: a slot is handed out under the device's lock, and only while SWP_WRITEOK is set. */
export function pageOut(device: Device): Actor {
  const at = places("allocate", "free", "end");
  const steps: Step[] = [
    {
      at: at.allocate,
      name: "get_swap_pages",
      does: "takes a slot if SWP_WRITEOK is set, under the device's lock",
      touches: "cluster_info, swap_map",
      take: (state) => {
        if (state[device.writeOk] === 0) return at.end;
        device.touch(state);
        state[device.otherSlot] = 1;
        return at.free;
      },
    },
    {
      at: at.free,
      name: "free_swap_and_cache",
      does: "the page's owner has gone: the slot is given back",
      touches: "cluster_info, swap_map",
      take: (state) => {
        device.touch(state);
        state[device.otherSlot] = 0;
        return at.end;
      },
    },
  ];
  return { name: "page-out", steps, end: at.end };
}
