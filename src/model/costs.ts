/**
 * What the kernel pays, in primitives, for looking up cached folios, for raising and dropping counts, and for giving slots
 * back. What handing slots out costs is not counted.
 */
export class Costs {
  /** Look-ups in the swap cache. */
  lookUps = 0;
  /** References taken to the folios that were found. */
  references = 0;
  /** Attempts to lock a folio by whoever drops its slots. Ops run one after the other: all of them succeed. */
  tryLocks = 0;
  /** Locked folios that left the swap cache, and those that stayed. */
  folioFreed = 0;
  folioKept = 0;
  clusterLocks = 0;
  /** Slots read by tests that go over a run of slots: is any of them referenced, are all of them alike. */
  slotsScanned = 0;

  reset(): void {
    Object.assign(this, new Costs());
  }

  copy(): CostCounts {
    return { ...this };
  }
}

export type CostCounts = Omit<Costs, "reset" | "copy">;
