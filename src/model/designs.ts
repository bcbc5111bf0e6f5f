import { type Features, generations } from "./features.ts";

/**
 * Ways to free the swap entries of a folio that were proposed when swap-out of folios of any size came up, the two that
 * became kernels among them. Each is the model with other features; what one costs comes out of running it.
 */
export const designNames = ["before", "seed-v3", "batched", "min-order-in-header", "min-order-reset", "order-bits"] as const;
export type DesignName = (typeof designNames)[number];

export interface Design {
  readonly name: DesignName;
  /** One line. */
  readonly summary: string;
  readonly features: Features;
  /** The series of a kernel that does it so; empty where there is none. */
  readonly kernel: string;
}

/**
 * What the designs without a kernel share: entries are unmapped one by one, as 6.1 does it (the device is pinned each time,
 * which came later, as a fix), and folios of every size have slots, which the allocator of 6.12 sees to.
 */
const entryByEntry: Features = {
  ...generations["6.12"].features,
  batchedFree: false,
  freesAlike: "whole-cluster",
  names: generations["6.1"].features.names,
  directReclaim: false,
  wholeFolioRefault: false,
};

export const designs: Readonly<Record<DesignName, Design>> = {
  before: {
    name: "before",
    summary: "a flag on the cluster of a PMD folio: nothing is tried before the last of its 512 slots is dropped",
    features: generations["6.1"].features,
    kernel: "6.1",
  },
  "seed-v3": {
    name: "seed-v3",
    summary: "no flag, the folio's own size is asked, and the folio is looked up for every entry",
    features: entryByEntry,
    kernel: "",
  },
  batched: {
    name: "batched",
    summary: "first all counts of a range, then one attempt a folio, on to the next multiple of its size",
    features: generations["6.12"].features,
    kernel: "6.12",
  },
  "min-order-in-header": {
    name: "min-order-in-header",
    summary: "the cluster keeps the smallest order handed out in it; so many slots are looked at before a look-up",
    features: { ...entryByEntry, slotOrders: "cluster" },
    kernel: "",
  },
  "min-order-reset": {
    name: "min-order-reset",
    summary: "the same, but put_swap_folio resets the order to 0, as it clears the flag",
    features: { ...entryByEntry, slotOrders: "cluster, reset" },
    kernel: "",
  },
  "order-bits": {
    name: "order-bits",
    summary: "four bits of order for each slot",
    features: { ...entryByEntry, slotOrders: "slot" },
    kernel: "",
  },
};
