import { clusterState } from "../model/cluster.ts";
import { type ClusterStates, orderListName } from "../workload/swap-state.ts";
import type { Btf, Member } from "./btf.ts";
import { anyLocked, type ClusterBytes, type ClusterLayout, type DecodedClusters } from "./cluster-layout.ts";
import { byteOffset, memberOf, membersOf, readNumber, readNumbers, readWord, sizeOf, unreadable } from "./kernel-layout.ts";

/** Kernel 6.12 on: linked lists, one for each order and degree of fragmentation. */
export class OrderListClusters implements ClusterLayout {
  readonly sizeBytes: number;
  private readonly cluster: Readonly<Record<"lock" | "count" | "flags" | "order" | "list", Member>>;
  private readonly area: Readonly<Record<"free" | "full" | "discard" | "nonfull" | "frag", Member>>;
  /** Kernel until 6.17. */
  private readonly fragCounts: Member | undefined;
  private readonly listNext: Member;
  private readonly stateOf: ReadonlyMap<number, number>;

  constructor(btf: Btf) {
    this.sizeBytes = sizeOf(btf, "swap_cluster_info");
    this.cluster = membersOf(btf, "swap_cluster_info", { lock: "lock", count: "count", flags: "flags", order: "order", list: "list" });
    this.area = membersOf(btf, "swap_info_struct", {
      ...{ free: "free_clusters", full: "full_clusters", discard: "discard_clusters" },
      ...{ nonfull: "nonfull_clusters", frag: "frag_clusters" },
    });
    this.fragCounts = btf.structure("swap_info_struct")?.member("frag_cluster_nr");
    this.listNext = memberOf(btf, "list_head", "next");
    this.stateOf = stateByFlag(btf);
  }

  isLocked({ clusters }: ClusterBytes): boolean {
    return anyLocked(clusters, this.sizeBytes, byteOffset(this.cluster.lock));
  }

  decode(bytes: ClusterBytes): DecodedClusters {
    const lists: Record<string, number[]> = {};
    for (const name of ["free", "full", "discard"] as const) lists[name] = this.list(bytes, name, byteOffset(this.area[name]));
    for (const kind of ["nonfull", "frag"] as const) {
      const { elementCount, elementBytes } = this.area[kind];
      for (let order = 0; order < elementCount; order++) {
        const name = orderListName(kind, order);
        lists[name] = this.list(bytes, name, byteOffset(this.area[kind], order * elementBytes));
      }
    }
    const fragCounts = this.fragCounts === undefined ? null : readNumbers(bytes.area.bytes, this.fragCounts);
    return { clusters: this.clusters(bytes), lists, fragCounts };
  }

  private clusters({ clusters, area: { clusterCount } }: ClusterBytes): ClusterStates {
    const rows = { used: new Uint16Array(clusterCount), state: new Uint8Array(clusterCount), order: new Uint8Array(clusterCount) };
    for (let index = 0; index < clusterCount; index++) {
      const base = index * this.sizeBytes;
      const flags = readNumber(clusters, this.cluster.flags, base);
      const state = this.stateOf.get(flags);
      if (state === undefined) throw unreadable(`the flags of cluster ${index} are ${flags}`);
      rows.used[index] = readNumber(clusters, this.cluster.count, base);
      rows.state[index] = state;
      rows.order[index] = readNumber(clusters, this.cluster.order, base);
    }
    return { ...rows, huge: null, table: null };
  }

  /** `head`: where the list's head lies in the area's structure. */
  private list({ area: { address, bytes, clusterCount }, clusters, clustersAddress }: ClusterBytes, name: string, head: number): number[] {
    const headAddress = address + BigInt(head);
    const firstLink = clustersAddress + BigInt(byteOffset(this.cluster.list));
    const list: number[] = [];
    for (let link = readWord(bytes, this.listNext, head); link !== headAddress; ) {
      const index = Number(link - firstLink) / this.sizeBytes;
      if (!Number.isInteger(index) || index < 0 || index >= clusterCount) throw unreadable(`its list of ${name} clusters leads elsewhere`);
      if (list.push(index) > clusterCount) throw unreadable(`its list of ${name} clusters does not end`);
      link = readWord(clusters, this.listNext, byteOffset(this.cluster.list, index * this.sizeBytes));
    }
    return list;
  }
}

/** Kernel 6.14 on: an enumeration; what stands for the largest usable one or for the number of them is left out. */
const enumerators = {
  ...{ none: "CLUSTER_FLAG_NONE", free: "CLUSTER_FLAG_FREE", nonfull: "CLUSTER_FLAG_NONFULL" },
  ...{ frag: "CLUSTER_FLAG_FRAG", full: "CLUSTER_FLAG_FULL", discard: "CLUSTER_FLAG_DISCARD" },
} as const satisfies Record<keyof typeof clusterState, string>;

/** Kernel 6.12, 6.13: single bits. Source: include/linux/swap.h of 6.12, where they are no enumerators. */
const bits: ReadonlyMap<number, number> = new Map([
  [0, clusterState.none],
  [1, clusterState.free],
  [2, clusterState.nonfull],
  [4, clusterState.frag],
  [8, clusterState.full],
]);

function stateByFlag(btf: Btf): ReadonlyMap<number, number> {
  if (btf.enumerator(enumerators.free) === undefined) return bits;
  return new Map(
    Object.entries(enumerators).map(([state, name]): [number, number] => {
      const flag = btf.enumerator(name);
      if (flag === undefined) throw unreadable(`there is no ${name}`);
      return [flag, clusterState[state as keyof typeof clusterState]];
    }),
  );
}
