import type { AreaState } from "../workload/swap-state.ts";
import type { FoundArea } from "./swap-area-layout.ts";

/** An area's clusters as they were read. */
export interface ClusterBytes {
  readonly area: FoundArea;
  /** The array of struct swap_cluster_info, and where it lies. */
  readonly clusters: Buffer;
  readonly clustersAddress: bigint;
}

export type DecodedClusters = Pick<AreaState, "clusters" | "lists" | "fragCounts">;

/** How one family of kernels lays out clusters and their lists. */
export interface ClusterLayout {
  /** Of one cluster. */
  readonly sizeBytes: number;
  /** The kernel was stopped while it was changing one of them. */
  isLocked(bytes: ClusterBytes): boolean;
  decode(bytes: ClusterBytes): DecodedClusters;
}

/** Whether any of so many structures, one after the other, has a lock that is not free. */
export function anyLocked(clusters: Buffer, sizeBytes: number, lockOffset: number): boolean {
  for (let at = lockOffset; at < clusters.length; at += sizeBytes) if (clusters.readUInt32LE(at) !== 0) return true;
  return false;
}
