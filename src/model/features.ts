import { type KernelNames, kernelNames } from "./kernel-names.ts";
import type { SlotOrderDesign } from "./slot-orders.ts";

/**
 * What tells one generation of the swap core from another.
 *
 * Distributions backport, so the model is built from features and not from version numbers; a generation is
 * a named set of them. Every feature says which kernels have it and where it is acted on.
 */
export interface Features {
  /**
   * `free-list`: only wholly free clusters are on a list; base pages fill one cluster per CPU and then scan the map
   * (6.1 to 6.11). `order-lists`: clusters are on free, per-order nonfull and frag, or full lists, with one cursor
   * per CPU and order (6.12, 6.13). `isolated-lists`: a cluster is taken off its list to be looked into (6.14 on).
   * Acted on in `free-list-allocator.ts`, `order-list-allocator.ts` and `isolated-list-allocator.ts`.
   */
  readonly allocator: "free-list" | "order-lists" | "isolated-lists";
  /** The CPU goes on in a cluster of its own for every order (6.10 on). Matters only to `free-list`, in `free-list-allocator.ts`. */
  readonly cursorPerOrder: boolean;
  /**
   * Clusters with room come before free ones, and of the fragmented ones only the first is tried (6.18 on). Acted on in
   * `isolated-list-allocator.ts`.
   */
  readonly holesFirst: boolean;
  /**
   * The slots between the end of an area and that of its last cluster have entries in the cluster's table, and a search goes on
   * into them (7.1 on). Matters only to `isolated-lists`, in `isolated-list-allocator.ts`.
   */
  readonly entriesPastEnd: boolean;
  /** Columns in which the free list is first laid out, so that neighbours on the list lie apart: 32 until 6.17, then 1. Acted on in `swap-area.ts`. */
  readonly freeListColumnCount: number;
  /**
   * An area on a rotating device has clusters too (6.14 on), with one set of cursors of its own. Until then its map is searched
   * linearly, and no large folio goes out whole. Acted on in `slot-supply.ts` and `linear-scan-allocator.ts`.
   */
  readonly clustersOnRotating: boolean;
  /** Orders of anonymous folios that are swapped whole: PMD size only (until 6.9) or any (6.10 on). Acted on in `mm/`. */
  readonly wholeFolioOrders: "pmd" | "any";
  /** A cluster taken by one PMD folio carries a flag until the folio leaves the swap cache or is split (until 6.9). Acted on in `swap-core.ts`. */
  readonly hugeClusterFlag: boolean;
  /**
   * Swap entries are unmapped in ranges: first every count is dropped, then the cache is reclaimed folio by folio
   * (6.10 on). Otherwise entry by entry. Acted on in `swap-core.ts`.
   */
  readonly batchedFree: boolean;
  /**
   * Slots that are alike are freed in one go: those of a large folio that leaves the swap cache, and a range that is
   * unmapped (6.12 on). `one-cluster`: not a range that crosses from one cluster into the next (until 6.14). Before, only
   * a whole cluster was. Acted on in `swap-core.ts`.
   */
  readonly freesAlike: "whole-cluster" | "one-cluster" | "each-cluster";
  /** Folios that hold only zeroes are marked in a bitmap and not written (6.12 on). Acted on in `mm/reclaim.ts` and `mm/read-ahead.ts`. */
  readonly zeroMap: boolean;
  /** A fault that finds a large folio in the swap cache maps all of it when its entries are intact (6.11 on). Acted on in `mm/fault.ts`. */
  readonly wholeFolioRefault: boolean;
  /**
   * A fault on any but the first page of a cached large folio gets a copy of its own, because the check for pages merged
   * by KSM compares an index that only first pages have (6.1). Acted on in `mm/fault.ts`.
   */
  readonly copiesTailPages: boolean;
  /** A fault on a synchronous device may bring a folio of the mapping's size (6.12 on). Acted on in `mm/fault.ts`. */
  readonly largeSyncSwapIn: boolean;
  /** A page of shared memory comes back from a synchronous device past the swap cache (6.14 to 6.19). Acted on in `mm/shared.ts`. */
  readonly sharedSyncSwapInPastCache: boolean;
  /**
   * Large folios of shared memory may have any order, are mapped as a whole by the fault that brings them, and are swapped whole
   * (6.12 on). Before, there are PMD folios, which are split when they are reclaimed. Acted on in `mm/`.
   */
  readonly wholeSharedFolios: boolean;
  /** A read fault maps all of a large folio of shared memory that reaches out of the pages it looks at (6.18 on). Acted on in `mm/shared.ts`. */
  readonly faultAroundMapsWhole: boolean;
  /**
   * In the midst of an entry that stands for several pages of shared memory, the swap cache is asked for the folio of its first page
   * (6.12 to 6.16), and the entry is split before a page is read; or for that of the page (6.17 on). Acted on in `mm/shared.ts`.
   */
  readonly sharedLookUp: "first" | "page";
  /** An entry of shared memory that has to be split is split into pages (6.12, 6.14), or only around the page (6.16 on). Acted on in `mm/shared.ts`. */
  readonly sharedEntrySplit: "pages" | "around-page";
  /**
   * The same of a folio of shared memory that reaches out of a hole that is punched: into pages until 6.14. A kernel until 7.1 that
   * is built with CONFIG_READ_ONLY_THP_FOR_FS does that too. Acted on in `mm/hole.ts`.
   */
  readonly holeSplit: "pages" | "around-page";
  /** A large folio of shared memory that had to be split for want of room is counted as a fallback. Acted on in `mm/reclaim.ts`. */
  readonly countsSharedFallback: boolean;
  /**
   * A PMD mapping of shared memory that is taken away tells its folio that it was written to. 6.10 and 6.14 to 7.1 forget that,
   * and what no fault told the folio of is lost when it is reclaimed. Acted on in `mm/zap.ts`.
   */
  readonly zapKeepsHugeWrites: boolean;
  /** The allocator frees cache-only slots straight into the cluster when swap is more than half full (6.12 to 6.14). Acted on in `swap-core.ts`. */
  readonly directReclaim: boolean;
  /** Splitting a folio maps those of its pages that hold only zeroes to the shared zero page (6.12 on). Acted on in `mm/address-space.ts`. */
  readonly splitDropsZeroPages: boolean;
  /** A write to the huge zero page brings a PMD folio in its place, not one page (6.13 or 6.14 on). Acted on in `mm/fault.ts`. */
  readonly hugeZeroBecomesFolio: boolean;
  /**
   * Base-page slots are handed out through a cache of the CPU and taken back through it (until 6.13), only handed out
   * (6.14), or there is none. Acted on in `slots-cache.ts` and `slot-supply.ts`.
   */
  readonly slotsCache: "both-ways" | "handing-out" | "none";
  /** Where the folio of a slot is found: in trees beside the areas (until 6.17) or in a table of its cluster (6.18 on). Acted on in `isolated-list-allocator.ts` and `mm/`. */
  readonly swapCacheIndex: "trees" | "tables";
  /**
   * A bit of its own beside the count says that the swap cache, or a slots cache, holds a slot (until 6.19). Without it a
   * folio is in the swap cache as soon as slots are its own, and holds them. Acted on in `swap-table-core.ts` and `mm/fault.ts`.
   */
  readonly cacheBit: boolean;
  /**
   * Where a count goes that is too large for its slot's byte or table entry: into pages that continue the map (until 7.0), or
   * into a table of the cluster (7.1 on). Acted on in `slot-counts.ts`.
   */
  readonly largeCounts: "continuation-pages" | "extend-table";
  /**
   * A write fault on a page of one's own frees its slots (7.3 on). From 7.0 to 7.2 the fault has already forgotten that it was a
   * write when it comes to that, so they stay. Matters only without `cacheBit`; before, the rule was another. Acted on in `mm/fault.ts`.
   */
  readonly ownWriteFreesSwap: boolean;
  /** The order in which the pages of a folio that had to be split are reclaimed after its first one. Acted on in `mm/reclaim.ts`. */
  readonly splitTails: "ascending" | "descending";
  /** Whether one process alone maps a large folio is known exactly, and such a folio may be written in place (6.15 on). Acted on in `mm/`. */
  readonly exactSharing: boolean;
  /**
   * Reclaim goes by generations, as distributions build these kernels (CONFIG_LRU_GEN_ENABLED; Debian's from 6.12 on), and leaves
   * anonymous memory alone as long as fewer slots are free than a batch of it has pages. Acted on in `mm/evict.ts`.
   */
  readonly generationalReclaim: boolean;
  /** A lazily freed page that reclaim cannot take because somebody holds it stays lazily freed (6.15 on). */
  readonly heldLazyFreeStays: boolean;
  /**
   * Priorities of areas that are given none. `descending`: -2, -3 and so on, but areas on a disk that belongs to the CPU's
   * node count as equals and come first (until 6.18). `equal`: -1 for all (6.19 on). Acted on in `swap-priorities.ts`.
   */
  readonly automaticPriorities: "descending" | "equal";
  /**
   * Who pins the device: every look-up in the swap cache and every change of a count by itself (until 6.6 or so), every read
   * into the swap cache (until 6.14), or only the outermost caller. Acted on in `swap-core.ts` and `mm/`.
   */
  readonly devicePins: "every-call" | "every-read" | "callers";
  /** What its functions are called. */
  readonly names: KernelNames;
  /**
   * Whether a slot tells the size of the folio that it was handed out for; no kernel has that, designs do (`designs.ts`). Matters
   * only where entries are unmapped one by one. Acted on in `swap-core.ts`.
   */
  readonly slotOrders?: SlotOrderDesign;
}

export const generationNames = ["6.1", "6.10", "6.12", "6.14", "6.16", "6.17", "6.18", "6.19", "7.0", "7.1", "7.2", "7.3"] as const;
export type GenerationName = (typeof generationNames)[number];

export interface Generation {
  readonly name: GenerationName;
  /** A few words for headers. */
  readonly summary: string;
  /** False when there was no kernel to hold it against: it is made from what the sources say. */
  readonly booted: boolean;
  readonly features: Features;
}

const features61: Features = {
  allocator: "free-list",
  cursorPerOrder: false,
  holesFirst: false,
  entriesPastEnd: false,
  freeListColumnCount: 32,
  clustersOnRotating: false,
  wholeFolioOrders: "pmd",
  hugeClusterFlag: true,
  batchedFree: false,
  freesAlike: "whole-cluster",
  zeroMap: false,
  wholeFolioRefault: false,
  copiesTailPages: true,
  largeSyncSwapIn: false,
  sharedSyncSwapInPastCache: false,
  wholeSharedFolios: false,
  faultAroundMapsWhole: false,
  sharedLookUp: "first",
  sharedEntrySplit: "pages",
  holeSplit: "pages",
  countsSharedFallback: false,
  zapKeepsHugeWrites: true,
  directReclaim: false,
  splitDropsZeroPages: false,
  hugeZeroBecomesFolio: false,
  slotsCache: "both-ways",
  swapCacheIndex: "trees",
  cacheBit: true,
  largeCounts: "continuation-pages",
  ownWriteFreesSwap: false,
  splitTails: "ascending",
  exactSharing: false,
  generationalReclaim: false,
  heldLazyFreeStays: false,
  automaticPriorities: "descending",
  devicePins: "every-call",
  names: kernelNames["6.1"],
};

const features610: Features = {
  ...features61,
  cursorPerOrder: true,
  wholeFolioOrders: "any",
  hugeClusterFlag: false,
  batchedFree: true,
  copiesTailPages: false,
  zapKeepsHugeWrites: false,
  devicePins: "every-read",
  names: kernelNames["6.10"],
};

const features612: Features = {
  ...features610,
  allocator: "order-lists",
  freesAlike: "one-cluster",
  zeroMap: true,
  wholeFolioRefault: true,
  largeSyncSwapIn: true,
  wholeSharedFolios: true,
  zapKeepsHugeWrites: true,
  directReclaim: true,
  splitDropsZeroPages: true,
  generationalReclaim: true,
  names: kernelNames["6.12"],
};

const features614: Features = { ...features612, allocator: "isolated-lists", clustersOnRotating: true, hugeZeroBecomesFolio: true, slotsCache: "handing-out", sharedSyncSwapInPastCache: true, zapKeepsHugeWrites: false };

const features616: Features = {
  ...features614,
  slotsCache: "none",
  freesAlike: "each-cluster",
  directReclaim: false,
  splitTails: "descending",
  exactSharing: true,
  heldLazyFreeStays: true,
  sharedEntrySplit: "around-page",
  holeSplit: "around-page",
  devicePins: "callers",
  names: kernelNames["6.16"],
};

const features617: Features = { ...features616, sharedLookUp: "page" };

const features618: Features = {
  ...features617,
  holesFirst: true,
  freeListColumnCount: 1,
  swapCacheIndex: "tables",
  faultAroundMapsWhole: true,
  names: kernelNames["6.18"],
};
const features619: Features = { ...features618, automaticPriorities: "equal" };
const features70: Features = {
  ...features619,
  cacheBit: false,
  sharedSyncSwapInPastCache: false,
  countsSharedFallback: true,
  names: kernelNames["7.0"],
};
const features71: Features = { ...features70, entriesPastEnd: true, largeCounts: "extend-table", names: kernelNames["7.1"] };
const features72: Features = { ...features71, zapKeepsHugeWrites: true };
const features73: Features = { ...features72, ownWriteFreesSwap: true };

export const generations: Readonly<Record<GenerationName, Generation>> = {
  "6.1": { name: "6.1", summary: "free-cluster list, CLUSTER_FLAG_HUGE, slots cache", booted: true, features: features61 },
  "6.10": { name: "6.10", summary: "free-cluster list, a cursor per order, batched free, slots cache", booted: false, features: features610 },
  "6.12": { name: "6.12", summary: "per-order clusters, batched free, slots cache, zeromap", booted: true, features: features612 },
  "6.14": { name: "6.14", summary: "isolated clusters, slots cache that only hands out", booted: false, features: features614 },
  "6.16": { name: "6.16", summary: "isolated clusters, no slots cache", booted: true, features: features616 },
  "6.17": { name: "6.17", summary: "isolated clusters, no slots cache, shared memory looked up by page", booted: true, features: features617 },
  "6.18": { name: "6.18", summary: "swap table as index of the swap cache, holes before free clusters", booted: true, features: features618 },
  "6.19": { name: "6.19", summary: "swap table as index of the swap cache, one default priority", booted: true, features: features619 },
  "7.0": { name: "7.0", summary: "swap table beside a map of counts, no cache bit", booted: true, features: features70 },
  "7.1": { name: "7.1", summary: "swap table, holes before free clusters, no slots cache", booted: true, features: features71 },
  "7.2": { name: "7.2", summary: "swap table, writes through a PMD are not forgotten", booted: true, features: features72 },
  "7.3": { name: "7.3", summary: "swap table, a write to a page of one's own frees its slots", booted: true, features: features73 },
};

export function generationNamed(name: string): Generation | null {
  return Object.values(generations).find((generation) => generation.name === name) ?? null;
}

/** All generations for a person to choose from. */
export function generationChoice(): string {
  const text = ({ name, booted }: Generation): string => name + (booted ? "" : " (never held against a kernel)");
  return Object.values(generations).map(text).join(", ");
}
