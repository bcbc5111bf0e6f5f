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
   * per CPU and order (6.12, 6.13). Acted on in `free-list-allocator.ts` and `order-list-allocator.ts`.
   */
  readonly allocator: "free-list" | "order-lists";
  /** Columns in which the free list is first laid out, so that neighbours on the list lie apart (until 6.17). */
  readonly freeListColumnCount: number;
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
  /** Every swap-cache look-up and every change of a count pins the device by itself (until 6.6 or so). */
  readonly devicePinPerLookup: boolean;
}

export const generationNames = ["6.1", "6.12"] as const;
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
  },
};

const generation612: Generation = {
  name: "6.12",
  summary: "per-order clusters, batched free, slots cache, zeromap",
  features: {
    allocator: "order-lists",
    freeListColumnCount: 32,
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
  },
};

export const generations: Readonly<Record<GenerationName, Generation>> = {
  "6.1": generation61,
  "6.12": generation612,
};
