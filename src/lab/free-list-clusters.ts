import { clusterState } from "../model/cluster.ts";
import type { ClusterStates } from "../workload/swap-state.ts";
import type { Btf, Member } from "./btf.ts";
import { anyLocked, type ClusterBytes, type ClusterLayout, type DecodedClusters } from "./cluster-layout.ts";
import { byteOffset, membersOf, readNumber, sizeOf, unreadable } from "./kernel-layout.ts";

/** Source: include/linux/swap.h of 6.1, where they are no enumerators. */
export const clusterFlag61 = { free: 1, nextNull: 2, huge: 4 } as const;

/**
 * Kernel 6.1 to 6.9: one word holds the count of a cluster, or the next one's index while the cluster is on a list; a
 * list is two such words, for its head and its tail.
 */
export class FreeListClusters implements ClusterLayout {
  readonly sizeBytes: number;
  private readonly cluster: Readonly<Record<"lock" | "data" | "flags", Member>>;
  private readonly area: Readonly<Record<`${"free" | "discard"}${"Head" | "HeadFlags" | "Tail"}`, Member>>;

  constructor(btf: Btf) {
    this.sizeBytes = sizeOf(btf, "swap_cluster_info");
    this.cluster = membersOf(btf, "swap_cluster_info", { lock: "lock", data: "data", flags: "flags" });
    this.area = membersOf(btf, "swap_info_struct", {
      ...{ freeHead: "free_clusters.head.data", freeHeadFlags: "free_clusters.head.flags", freeTail: "free_clusters.tail.data" },
      ...{ discardHead: "discard_clusters.head.data", discardHeadFlags: "discard_clusters.head.flags", discardTail: "discard_clusters.tail.data" },
    });
  }

  isLocked({ clusters }: ClusterBytes): boolean {
    return anyLocked(clusters, this.sizeBytes, byteOffset(this.cluster.lock));
  }

  decode(bytes: ClusterBytes): DecodedClusters {
    return { clusters: this.clusters(bytes), lists: { free: this.list(bytes, "free"), discard: this.list(bytes, "discard") }, fragCounts: null };
  }

  private clusters({ clusters, area: { clusterCount } }: ClusterBytes): ClusterStates {
    const rows = { used: new Uint16Array(clusterCount), state: new Uint8Array(clusterCount), huge: new Uint8Array(clusterCount) };
    for (let index = 0; index < clusterCount; index++) {
      const base = index * this.sizeBytes;
      const flags = readNumber(clusters, this.cluster.flags, base);
      if (flags !== 0 && flags !== clusterFlag61.free && flags !== clusterFlag61.huge) throw unreadable(`the flags of cluster ${index} are ${flags}`);
      rows.state[index] = flags === clusterFlag61.free ? clusterState.free : clusterState.none;
      rows.huge[index] = flags === clusterFlag61.huge ? 1 : 0;
      rows.used[index] = flags === clusterFlag61.free ? 0 : readNumber(clusters, this.cluster.data, base);
    }
    return { ...rows, order: null, table: null };
  }

  private list({ area: { bytes: area, clusterCount }, clusters }: ClusterBytes, name: "free" | "discard"): number[] {
    if ((readNumber(area, this.area[`${name}HeadFlags`]) & clusterFlag61.nextNull) !== 0) return [];
    const tail = readNumber(area, this.area[`${name}Tail`]);
    const list: number[] = [];
    for (let index = readNumber(area, this.area[`${name}Head`]); list.length < clusterCount; ) {
      if (index >= clusterCount) break;
      list.push(index);
      if (index === tail) return list;
      index = readNumber(clusters, this.cluster.data, index * this.sizeBytes);
    }
    throw unreadable(`its list of ${name} clusters does not end`);
  }
}
