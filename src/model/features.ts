/**
 * What tells one generation of the swap core from another.
 *
 * Distributions backport, so the model is built from features and not from version numbers; a generation is
 * a named set of them. Every feature says which kernels have it and where it is acted on.
 */
export interface Features {
  /**
   * `free-list`: only wholly free clusters are on a list; base pages fill one cluster per CPU and then scan the map
   * (6.1 to 6.9). `order-lists`: clusters are on free, per-order nonfull and frag, or full lists, with one cursor
   * per CPU and order (6.12, 6.13). `isolated-lists`: a cluster is taken off its list to be looked into, and clusters with
   * room come before free ones (6.18 on). Acted on in `free-list-allocator.ts`, `order-list-allocator.ts` and
   * `isolated-list-allocator.ts`.
   */
  readonly allocator: "free-list" | "order-lists" | "isolated-lists";
  /** Columns in which the free list is first laid out, so that neighbours on the list lie apart: 32 until 6.17, then 1. */
  readonly freeListColumnCount: number;
  /**
   * An area on a rotating device has clusters too (6.14 on), with one set of cursors of its own. Until then its map is searched
   * linearly, and no large folio goes out whole. Acted on in `swap-core.ts` and `linear-scan-allocator.ts`.
   */
  readonly clustersOnRotating: boolean;
  /** Orders of anonymous folios that are swapped whole: PMD size only (until 6.9) or any (6.10 on). */
  readonly wholeFolioOrders: "pmd" | "any";
  /** A cluster taken by one PMD folio carries a flag until the folio leaves the swap cache or is split (until 6.9). */
  readonly hugeClusterFlag: boolean;
  /**
   * Swap entries are unmapped in ranges: first every count is dropped, then the cache is reclaimed folio by folio
   * (6.10 on; the one-locked-pass form that 6.12 has). Otherwise entry by entry.
   */
  readonly batchedFree: boolean;
  /** Folios that hold only zeroes are marked in a bitmap and not written (6.12 on). */
  readonly zeroMap: boolean;
  /** A fault that finds a large folio in the swap cache maps all of it when its entries are intact (6.11 on). */
  readonly wholeFolioRefault: boolean;
  /**
   * A fault on any but the first page of a cached large folio gets a copy of its own, because the check for pages merged
   * by KSM compares an index that only first pages have (6.1). Acted on in `mm/fault.ts`.
   */
  readonly copiesTailPages: boolean;
  /** A fault on a synchronous device may bring a folio of the mapping's size (6.12 on). */
  readonly largeSyncSwapIn: boolean;
  /** The allocator frees cache-only slots straight into the cluster when swap is more than half full (6.12 on). */
  readonly directReclaim: boolean;
  /** Splitting a folio maps those of its pages that hold only zeroes to the shared zero page (6.12 on). */
  readonly splitDropsZeroPages: boolean;
  /** Base-page slots are handed out and taken back through a cache of the CPU (both ways until 6.13). */
  readonly slotsCache: boolean;
  /**
   * What a slot holds, its count and its cached folio are one word in a table of its cluster, and a folio enters the swap
   * cache as its slots are handed out (7.0 on). Acted on in `swap-table-core.ts` and `mm/fault.ts`.
   */
  readonly swapTable: boolean;
  /**
   * Where a count goes that is too large for its slot's byte or table entry: into pages that continue the map (until 7.0), or
   * into a table of the cluster (7.1 on). Acted on in `slot-counts.ts`.
   */
  readonly largeCounts: "continuation-pages" | "extend-table";
  /**
   * A write fault on a page of one's own frees its slots (7.3 on). From 7.0 to 7.2 the fault has already forgotten that it was a
   * write when it comes to that, so they stay. Matters only with `swapTable`; before, the rule was another.
   */
  readonly ownWriteFreesSwap: boolean;
  /** The order in which the pages of a folio that had to be split are reclaimed after its first one. */
  readonly splitTails: "ascending" | "descending";
  /** Whether one process alone maps a large folio is known exactly, and such a folio may be written in place (6.15 on). */
  readonly exactSharing: boolean;
  /**
   * Priorities of areas that are given none. `descending`: -2, -3 and so on, but areas on a disk that belongs to the CPU's
   * node count as equals and come first (until 6.18). `equal`: -1 for all (7.0 on). Acted on in `swap-priorities.ts`.
   */
  readonly automaticPriorities: "descending" | "equal";
  /** Every swap-cache look-up and every change of a count pins the device by itself (until 6.6 or so). */
  readonly devicePinPerLookup: boolean;
}

export const generationNames = ["6.1", "6.12", "7.0", "7.1", "7.3"] as const;
export type GenerationName = (typeof generationNames)[number];

export interface Generation {
  readonly name: GenerationName;
  /** A few words for headers. */
  readonly summary: string;
  readonly features: Features;
}

const generation61: Generation = {
  name: "6.1",
  summary: "free-cluster list, CLUSTER_FLAG_HUGE, slots cache",
  features: {
    allocator: "free-list",
    freeListColumnCount: 32,
    clustersOnRotating: false,
    wholeFolioOrders: "pmd",
    hugeClusterFlag: true,
    batchedFree: false,
    zeroMap: false,
    wholeFolioRefault: false,
    copiesTailPages: true,
    largeSyncSwapIn: false,
    directReclaim: false,
    splitDropsZeroPages: false,
    devicePinPerLookup: true,
    slotsCache: true,
    swapTable: false,
    largeCounts: "continuation-pages",
    ownWriteFreesSwap: false,
    splitTails: "ascending",
    exactSharing: false,
    automaticPriorities: "descending",
  },
};

const generation612: Generation = {
  name: "6.12",
  summary: "per-order clusters, batched free, slots cache, zeromap",
  features: {
    allocator: "order-lists",
    freeListColumnCount: 32,
    clustersOnRotating: false,
    wholeFolioOrders: "any",
    hugeClusterFlag: false,
    batchedFree: true,
    zeroMap: true,
    wholeFolioRefault: true,
    copiesTailPages: false,
    largeSyncSwapIn: true,
    directReclaim: true,
    splitDropsZeroPages: true,
    devicePinPerLookup: false,
    slotsCache: true,
    swapTable: false,
    largeCounts: "continuation-pages",
    ownWriteFreesSwap: false,
    splitTails: "ascending",
    exactSharing: false,
    automaticPriorities: "descending",
  },
};

const generation70: Generation = {
  name: "7.0",
  summary: "swap table beside a map of counts, no slots cache",
  features: {
    allocator: "isolated-lists",
    freeListColumnCount: 1,
    clustersOnRotating: true,
    wholeFolioOrders: "any",
    hugeClusterFlag: false,
    batchedFree: true,
    zeroMap: true,
    wholeFolioRefault: true,
    copiesTailPages: false,
    largeSyncSwapIn: true,
    directReclaim: true,
    splitDropsZeroPages: true,
    devicePinPerLookup: false,
    slotsCache: false,
    swapTable: true,
    largeCounts: "continuation-pages",
    ownWriteFreesSwap: false,
    splitTails: "descending",
    exactSharing: true,
    automaticPriorities: "equal",
  },
};

/** Also 7.2. What differs from 7.0 is where the counts are kept. */
const generation71: Generation = {
  name: "7.1",
  summary: "swap table, holes before free clusters, no slots cache",
  features: { ...generation70.features, largeCounts: "extend-table" },
};

const generation73: Generation = {
  name: "7.3",
  summary: "swap table, a write to a page of one's own frees its slots",
  features: { ...generation71.features, ownWriteFreesSwap: true },
};

export const generations: Readonly<Record<GenerationName, Generation>> = {
  "6.1": generation61,
  "6.12": generation612,
  "7.0": generation70,
  "7.1": generation71,
  "7.3": generation73,
};
