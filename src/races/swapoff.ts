import type { Device } from "./device.ts";
import { blocked, places, type Actor, type Step } from "./model.ts";
import type { PageTables } from "./page-tables.ts";

const at = places("start", "unuse", "kill", "sync", "grace", "wait", "killLate", "free", "swapon", "end", "visit");

/**
 * Kernel 6.1 (and until 7.3, where names differ) swapoff: no slot is handed out any more; try_to_unuse until none is in use; no reference is
 * given any more; a grace period; until every reference is back; then swap_map, cluster_info and the swap cache's trees are freed.
 */
export function swapoff(device: Device, tables: PageTables): Actor {
  const { rcu, earlyExit, swapoffReclaims, swapon, without } = device.variant;
  const killsLate = without === "kill-before-wait";
  const waits = without !== "wait-for-users";
  const visits = earlyExit ? [] : device.counts.map((_, process) => visit(device, tables, process));
  const afterGrace = waits ? at.wait : killsLate ? at.killLate : at.free;
  const steps = [
    clearWriteOk(device, earlyExit ? at.unuse : at.visit),
    ...visits,
    endUnuse(device, killsLate ? at.sync : at.kill),
    ...(swapoffReclaims ? [reclaim(device)] : []),
    kill(device, killsLate ? at.killLate : at.kill, killsLate ? at.free : at.sync),
    ...(rcu && without !== "grace-period" ? gracePeriod(device, tables, afterGrace) : [ignoredGrace(rcu, afterGrace)]),
    ...(waits ? [waitForUsers(device, killsLate ? at.killLate : at.free)] : []),
    free(device, swapon ? at.swapon : at.end),
    ...(swapon ? [reuse(device)] : []),
  ];
  return { name: "swapoff", steps, end: at.end };
}

/** Kernel 6.1 swapoff: under the locks that handing out slots takes too. */
function clearWriteOk({ writeOk, variant }: Device, next: number): Step {
  return {
    at: at.start,
    name: "swapoff",
    does: variant.without === "writeok-cleared" ? "begins, and leaves SWP_WRITEOK set" : "clears SWP_WRITEOK: no slot is handed out any more",
    touches: "",
    take: (state) => {
      if (variant.without !== "writeok-cleared") state[writeOk] = 0;
      return next;
    },
  };
}

/**
 * Kernel 6.1 try_to_unuse, unuse_pte_range: under the process's page-table lock an entry that is still there gets its page back and its slot
 * loses the count. Shared memory (shmem_unuse) has no such lock, and an entry that was taken out of the XArray is not seen.
 * Processes that are exiting are passed over by the kernel; here none is.
 */
function visit(device: Device, tables: PageTables, process: number): Step {
  const { caller, without } = device.variant;
  const takesLock = caller === "anon" && without !== "visit-takes-lock";
  const next = process + 1 === device.counts.length ? at.unuse : at.visit + process + 1;
  return {
    at: at.visit + process,
    name: caller === "anon" ? "unuse_mm" : "shmem_unuse",
    does: `looks for entries of P${process + 1}, and gives the pages back that it finds`,
    touches: "",
    take: (state) => {
      if ((takesLock && tables.isLocked(state, process)) || state[device.clusterLock] !== 0) return blocked;
      if (!tables.hasEntry(state, process)) return next;
      tables.clearEntry(state, process);
      device.dropCount(state, process);
      if (state[device.cached] !== 0) device.giveBackFolio(state);
      return next;
    },
  };
}

/** Kernel 6.1 try_to_unuse: is over as soon as inuse_pages reads 0, at its beginning as well as between two processes. */
function endUnuse(device: Device, next: number): Step {
  const needsUnused = device.variant.without !== "unused-before-free";
  return {
    at: at.unuse,
    name: "try_to_unuse",
    does: needsUnused ? "sees that inuse_pages is 0: done, and no page table was looked at" : "does not look at inuse_pages",
    touches: "",
    take: (state) => (needsUnused && device.isInUse(state) ? blocked : next),
  };
}

/** Kernel 6.1 try_to_unuse: the last of its loops goes through the slots still in use and gives cached folios back, under their locks. */
function reclaim(device: Device): Step {
  return {
    at: at.unuse,
    name: "try_to_unuse",
    does: "gives the slots of a cached folio back that nobody refers to",
    touches: "",
    take: (state) => {
      if (state[device.cached] === 0 || state[device.folioLock] !== 0 || state[device.clusterLock] !== 0 || device.isCounted(state)) return blocked;
      device.giveBackFolio(state);
      return at.unuse;
    },
  };
}

function kill(device: Device, from: number, next: number): Step {
  return {
    at: from,
    name: "percpu_ref_kill",
    does: "nobody gets a reference of the device any more",
    touches: "",
    take: (state) => {
      state[device.killed] = 1;
      return next;
    },
  };
}

/** Kernel 6.1 synchronize_rcu: waits for those who were reading when it began, not for those who begin later. */
function gracePeriod(device: Device, tables: PageTables, next: number): Step[] {
  return [
    {
      at: at.sync,
      name: "synchronize_rcu",
      does: "begins a grace period: whoever holds a page-table lock now is a reader",
      touches: "",
      take: (state) => {
        state[device.graceWaits] = tables.holders(state);
        return at.grace;
      },
    },
    {
      at: at.grace,
      name: "synchronize_rcu",
      does: "every reader of that time is done",
      touches: "",
      take: (state) => (state[device.graceWaits] === 0 ? next : blocked),
    },
  ];
}

function ignoredGrace(rcu: boolean, next: number): Step {
  return { at: at.sync, name: "synchronize_rcu", does: rcu ? "left out" : "passes: RCU is left out of account", touches: "", take: () => next };
}

function waitForUsers(device: Device, next: number): Step {
  return {
    at: at.wait,
    name: "wait_for_completion",
    does: "every reference of the device is given back",
    touches: "",
    take: (state) => (state[device.users] === 0 ? next : blocked),
  };
}

function free(device: Device, next: number): Step {
  return {
    at: at.free,
    name: "vfree, kvfree",
    does: "frees swap_map, cluster_info and the swap cache's trees",
    touches: "",
    take: (state) => {
      state[device.freed] = 1;
      return next;
    },
  };
}

/** Kernel 6.1 alloc_swap_info: takes the first structure that no area uses, and its number with it. */
function reuse(device: Device): Step {
  return {
    at: at.swapon,
    name: "swapon",
    does: "another device gets the number of the area, with structures of its own",
    touches: "",
    take: (state) => {
      state[device.freed] = 0;
      state[device.killed] = 0;
      state[device.writeOk] = 1;
      state[device.reused] = 1;
      return at.end;
    },
  };
}
