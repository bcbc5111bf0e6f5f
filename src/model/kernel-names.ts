/** What one family of kernels calls the functions whose calls are counted; null for what a family has none of. */
export interface KernelNames {
  /** Gives a folio slots and enters it into the swap cache, as reclaim calls it. Later `allocate` does both. */
  readonly addToSwap: string | null;
  readonly enterCache: string | null;
  readonly leaveCache: string;
  /** The part of `leaveCache` that eviction uses too. */
  readonly eraseFromCache: string;
  /** The swap cache lets go of slots, and what does so behind it. */
  readonly putSlots: string | null;
  readonly putCache: string | null;
  /** The same, behind swapcache_clear. */
  readonly clearCache: string | null;
  /** One more reference, by reclaim; and by fork. */
  readonly duplicate: string;
  readonly duplicateForChild: string;
  /** References dropped by a fault, for all slots, and once a cluster or a slot. */
  readonly drop: string;
  readonly dropInCluster: string | null;
  /** One reference of one slot. */
  readonly dropOne: string | null;
  /** Looks for references to any slot of a large folio. */
  readonly runReferenced: string | null;
  /** References dropped by munmap and the like, for all slots, and once a cluster. */
  readonly unmap: string;
  readonly unmapInCluster: string | null;
  /** Slots go back to their cluster. */
  readonly release: string;
  readonly write: string;
  readonly read: string;
}

const names61: KernelNames = {
  addToSwap: "add_to_swap",
  enterCache: "add_to_swap_cache",
  leaveCache: "delete_from_swap_cache",
  eraseFromCache: "__delete_from_swap_cache",
  putSlots: "put_swap_folio",
  putCache: null,
  clearCache: null,
  duplicate: "swap_duplicate",
  duplicateForChild: "swap_duplicate",
  drop: "swap_free",
  dropInCluster: null,
  dropOne: "__swap_entry_free",
  runReferenced: "swap_page_trans_huge_swapped",
  unmap: "free_swap_and_cache",
  unmapInCluster: null,
  release: "swap_range_free",
  write: "swap_writepage",
  read: "swap_readpage",
};
const names610: KernelNames = { ...names61, unmap: "free_swap_and_cache_nr", read: "swap_read_folio" };
const names612: KernelNames = {
  ...names610,
  clearCache: "cluster_swap_free_nr",
  drop: "swap_free_nr",
  dropInCluster: "cluster_swap_free_nr",
  release: "swap_entry_range_free",
};
const names616: KernelNames = {
  ...names612,
  addToSwap: null,
  putCache: "swap_entries_put_cache",
  clearCache: "swap_entries_put_cache",
  dropInCluster: "swap_entries_put_map",
  dropOne: null,
  unmapInCluster: "swap_entries_put_map",
  release: "swap_entries_free",
  write: "swap_writeout",
};
const names618: KernelNames = {
  ...names616,
  enterCache: "swap_cache_add_folio",
  leaveCache: "swap_cache_del_folio",
  eraseFromCache: "__swap_cache_del_folio",
};
const names70: KernelNames = {
  ...names618,
  // __swap_cache_add_folio, but not where a read calls it: there it is inlined.
  enterCache: null,
  putSlots: null,
  putCache: null,
  clearCache: null,
  duplicate: "folio_dup_swap",
  duplicateForChild: "swap_dup_entry_direct",
  drop: "folio_put_swap",
  dropInCluster: "swap_put_entries_cluster",
  runReferenced: null,
  unmap: "swap_put_entries_direct",
  unmapInCluster: "swap_put_entries_cluster",
};
const names71: KernelNames = { ...names70, release: "__swap_cluster_free_entries" };

export const kernelNames = { "6.1": names61, "6.10": names610, "6.12": names612, "6.16": names616, "6.18": names618, "7.0": names70, "7.1": names71 } as const;
