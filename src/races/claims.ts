import type { Device } from "./device.ts";
import { blocked, type Step } from "./model.ts";
import type { PageTables } from "./page-tables.ts";

/** Steps by which a process makes an entry its own, and lets go of what it has held for that. */

interface Ways {
  readonly from: number;
  readonly to: number;
  /** Where it goes on when the entry refers to no slot any more. */
  readonly gone: number;
}

/** Kernel 6.1 zap_pte_range: the lock stays held over free_swap_and_cache, and is let go of after the entry has been cleared. */
export function claimUnderLock(tables: PageTables, process: number, takesLock: boolean, { from, to, gone }: Ways): Step {
  return {
    at: from,
    name: "pte_offset_map_lock",
    does: takesLock ? "takes its page-table lock and reads the entry" : "reads the entry without the page-table lock",
    touches: "",
    take: (state) => {
      if (tables.isLocked(state, process)) return blocked;
      if (takesLock) tables.lock(state, process);
      return tables.hasEntry(state, process) ? to : gone;
    },
  };
}

/** Kernel 6.1 shmem_free_swap: the entry goes out of the XArray in one exchange; nothing is held afterwards. */
export function claimFromXArray(tables: PageTables, process: number, { from, to, gone }: Ways): Step {
  return {
    at: from,
    name: "xa_cmpxchg",
    does: "takes the entry out of the XArray; holds no lock from here on",
    touches: "",
    take: (state) => {
      if (!tables.hasEntry(state, process)) return gone;
      tables.clearEntry(state, process);
      return to;
    },
  };
}

export function letGo(device: Device, tables: PageTables, process: number, from: number, to: number): Step {
  return {
    at: from,
    name: "pte_unmap_unlock",
    does: "has cleared the entry, and lets go of its page-table lock",
    touches: "",
    take: (state) => {
      tables.clearEntry(state, process);
      tables.unlock(state, process);
      device.endRead(state, process);
      return to;
    },
  };
}
