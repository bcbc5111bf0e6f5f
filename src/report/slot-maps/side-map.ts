import type { Placement } from "../../workload/observation.ts";
import type { AreaState, ClusterStates, SwapState } from "../../workload/swap-state.ts";

/** What one side, model or kernel, has in one swap area after a step, as far as it can be drawn. */
export interface SideMap {
  /** As in `AreaState`. */
  readonly slots: Uint32Array;
  readonly folioSlots: Uint16Array;
  readonly zeroes: Uint8Array | null;
  readonly clusters: ClusterStates | null;
  readonly lists: AreaState["lists"];
  readonly owners: readonly SlotOwner[];
  /** By slot the step in which its word or its folio last changed; 0 when it is as it was after the swapon. */
  readonly changedAt: Uint16Array;
}

/** A region of a process and the slots that its page table has. */
export interface SlotOwner {
  readonly process: string;
  readonly region: string;
  readonly runs: readonly OwnedRun[];
}

export interface OwnedRun {
  readonly slot: number;
  readonly pageCount: number;
  readonly firstPage: number;
}

/** One swap area on both sides. A side is null when there is nothing to be known of it. */
export interface AreaMap {
  readonly swapType: number;
  readonly clusterSlots: number;
  readonly model: SideMap | null;
  readonly kernel: SideMap | null;
}

/** Both sides after a step. */
export interface StepMap {
  readonly step: number;
  readonly areas: readonly AreaMap[];
}

/** One side as it is recorded. */
export interface SideState {
  readonly state: SwapState;
  readonly placements: readonly Placement[];
}

/** The slots of an area that page tables have. */
export function ownersOf(placements: readonly Placement[], swapType: number): SlotOwner[] {
  return placements.flatMap(({ process, region, runs }) => {
    const here = runs.flatMap((run) =>
      run.kind === "swap" && run.swapType === swapType ? [{ slot: run.offset, pageCount: run.pageCount, firstPage: run.firstPage }] : [],
    );
    return here.length === 0 ? [] : [{ process, region, runs: here }];
  });
}
