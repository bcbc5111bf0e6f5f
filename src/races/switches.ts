/** What can be different about a scenario. Each scenario says which of these it has. */
export interface Switches {
  /** Whoever frees or uses an entry holds a reference of the device meanwhile: get_swap_device before, put_swap_device after. */
  readonly fix: boolean;
  /** swapoff really waits for a grace period, and whoever holds a page-table lock is a reader. Otherwise RCU is left out of account. */
  readonly rcu: boolean;
  /** `anon`: an unmapping process under its page-table lock. `shmem`: a truncation, which takes the entry out of the XArray and holds nothing. */
  readonly caller: "anon" | "shmem";
  /** The counts of all slots are looked at before the folio is looked up. */
  readonly shortcut: boolean;
  /** try_to_unuse gives back cached folios that nobody refers to. */
  readonly swapoffReclaims: boolean;
  /** try_to_unuse ends as soon as no slot is in use, and looks at no page table. Otherwise it goes through all of them first. */
  readonly earlyExit: boolean;
  /** Whoever frees an entry holds the cluster's lock from the drop of the count to the end. */
  readonly clusterLock: boolean;
  /** After swapoff a swapon gives the number of the area, which the entries hold, to another device. */
  readonly swapon: boolean;
  /** Processes that free an entry, each that of a slot of its own. */
  readonly processes: number;
}

export type SwitchName = keyof Switches;

export const processCountMax = 8;

export const defaultSwitches: Switches = {
  fix: false,
  rcu: false,
  caller: "anon",
  shortcut: true,
  swapoffReclaims: false,
  earlyExit: true,
  clusterLock: false,
  swapon: false,
  processes: 2,
};

/** What keeps things in order. One at a time can be taken away, to see that it is needed. */
export const orderings = {
  "reference-before-drop": "the device's reference is taken before the slot's count is dropped",
  "put-after-use": "the device's reference is given back after the last use",
  "kill-before-wait": "percpu_ref_kill comes before the wait: nobody gets a reference any more",
  "wait-for-users": "swapoff waits until every reference of the device is given back",
  "grace-period": "swapoff waits until every RCU reader of that time is done",
  "unused-before-free": "swapoff frees nothing while a slot is in use",
  "writeok-cleared": "SWP_WRITEOK is cleared before try_to_unuse: no slot is handed out any more",
  "visit-takes-lock": "try_to_unuse takes the page-table lock where it looks at a page table",
  "counts-before-reclaim": "a folio's slots are given back only when none of them is counted",
  "page-table-lock": "a page-table entry is read under the page-table lock, which stays held",
  "folio-lock": "a folio's slots are given back under the folio's lock only",
  "cluster-lock": "a slot's count is read and written under the cluster's lock",
} as const;

export type Ordering = keyof typeof orderings;
export const orderingNames = Object.keys(orderings) as Ordering[];

/** One variant of a scenario. */
export interface Variant extends Switches {
  /** The ordering that is taken away. */
  readonly without: Ordering | null;
}
