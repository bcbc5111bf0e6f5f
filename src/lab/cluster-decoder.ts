import { clusterState } from "../model/swap-area.ts";
import { type AreaState, type ClusterStates, orderListName } from "../workload/swap-state.ts";
import { type Cursors, orderCursorName } from "../model/allocator.ts";
import type { Btf, Member } from "./btf.ts";
import { byteOffset, memberOf, membersOf, readNumber, readWord, sizeOf, unreadable } from "./kernel-layout.ts";

/** What a decoder is given of one area: memory as it was read. */
export interface ClusterBytes {
  /** struct swap_info_struct, and where it lies. */
  readonly area: Buffer;
  readonly areaAddress: bigint;
  /** The array of struct swap_cluster_info, and where it lies. */
  readonly clusters: Buffer;
  readonly clustersAddress: bigint;
  readonly clusterCount: number;
  /** The CPU's own of each of the layout's `perCpu`. */
  readonly perCpu: readonly [Buffer, Buffer];
}

interface PerCpuData {
  readonly pointer: Member;
  readonly sizeBytes: number;
}

export type DecodedClusters = Pick<AreaState, "clusters" | "lists" | "fragCounts" | "cursors">;

/** How one family of kernels lays out clusters, their lists and the CPU's place in them. */
export interface ClusterLayout {
  readonly clusterBytes: number;
  /** Pointers to per-CPU data in struct swap_info_struct, and the size of what they point to. */
  readonly perCpu: readonly [PerCpuData, PerCpuData];
  decode(bytes: ClusterBytes): DecodedClusters;
}

/** Chooses by what the kernel's structures have. Throws `invalid` naming what none of the known ones lacks. */
export function clusterLayout(btf: Btf): ClusterLayout {
  const cluster = btf.structure("swap_cluster_info");
  if (cluster?.member("data") !== undefined) return new FreeListLayout(btf);
  if (cluster?.member("list") !== undefined) return new OrderListLayout(btf);
  sizeOf(btf, "swap_cluster_info");
  throw unreadable("struct swap_cluster_info has neither data nor list");
}

/**
 * Kernel 6.1 to 6.9: one word holds the count of a cluster, or the next one's index while the cluster is on a list; a
 * list is two such words, for its head and its tail.
 */
class FreeListLayout implements ClusterLayout {
  readonly clusterBytes: number;
  readonly perCpu: ClusterLayout["perCpu"];
  private readonly cluster: Readonly<Record<"data" | "flags", Member>>;
  private readonly area: Readonly<Record<`${"free" | "discard"}${"Head" | "HeadFlags" | "Tail"}`, Member>>;
  private readonly cpu: Readonly<Record<"index" | "flags" | "next", Member>>;
  /** Source: include/linux/swap.h of 6.1, where they are no enumerators. */
  private readonly flag = { free: 1, nextNull: 2, huge: 4 };

  constructor(btf: Btf) {
    this.clusterBytes = sizeOf(btf, "swap_cluster_info");
    this.perCpu = perCpuData(btf);
    this.cluster = membersOf(btf, "swap_cluster_info", { data: "data", flags: "flags" });
    this.area = membersOf(btf, "swap_info_struct", {
      ...{ freeHead: "free_clusters.head.data", freeHeadFlags: "free_clusters.head.flags", freeTail: "free_clusters.tail.data" },
      ...{ discardHead: "discard_clusters.head.data", discardHeadFlags: "discard_clusters.head.flags", discardTail: "discard_clusters.tail.data" },
    });
    this.cpu = membersOf(btf, "percpu_cluster", { index: "index.data", flags: "index.flags", next: "next" });
  }

  decode(bytes: ClusterBytes): DecodedClusters {
    return {
      clusters: this.clusters(bytes),
      lists: { free: this.list(bytes, "free"), discard: this.list(bytes, "discard") },
      fragCounts: null,
      cursors: this.cursors(bytes),
    };
  }

  private clusters({ clusters, clusterCount }: ClusterBytes): ClusterStates {
    const states = { used: new Uint16Array(clusterCount), state: new Uint8Array(clusterCount), order: null, huge: new Uint8Array(clusterCount) };
    for (let index = 0; index < clusterCount; index++) {
      const base = index * this.clusterBytes;
      const flags = readNumber(clusters, this.cluster.flags, base);
      if (flags !== 0 && flags !== this.flag.free && flags !== this.flag.huge) throw unreadable(`the flags of cluster ${index} are ${flags}`);
      states.state[index] = flags === this.flag.free ? clusterState.free : clusterState.none;
      states.huge[index] = flags === this.flag.huge ? 1 : 0;
      states.used[index] = flags === this.flag.free ? 0 : readNumber(clusters, this.cluster.data, base);
    }
    return states;
  }

  private list({ area, clusters, clusterCount }: ClusterBytes, name: "free" | "discard"): number[] {
    if ((readNumber(area, this.area[`${name}HeadFlags`]) & this.flag.nextNull) !== 0) return [];
    const tail = readNumber(area, this.area[`${name}Tail`]);
    const list: number[] = [];
    for (let index = readNumber(area, this.area[`${name}Head`]); list.length < clusterCount; ) {
      if (index >= clusterCount) break;
      list.push(index);
      if (index === tail) return list;
      index = readNumber(clusters, this.cluster.data, index * this.clusterBytes);
    }
    throw unreadable(`its list of ${name} clusters does not end`);
  }

  private cursors({ perCpu }: ClusterBytes): Cursors {
    const [cpuCluster, scanStart] = perCpu;
    const hasCluster = (readNumber(cpuCluster, this.cpu.flags) & this.flag.nextNull) === 0;
    return {
      cluster: hasCluster ? readNumber(cpuCluster, this.cpu.index) : "none",
      cluster_next: hasCluster ? readNumber(cpuCluster, this.cpu.next) : null,
      scan_start: scanStart.readUInt32LE(),
    };
  }
}

/** The CPU's place in its cluster, and the slot at which it scans when it has none. Kernel 6.1 to 6.13. */
function perCpuData(btf: Btf): ClusterLayout["perCpu"] {
  return [
    { pointer: memberOf(btf, "swap_info_struct", "percpu_cluster"), sizeBytes: sizeOf(btf, "percpu_cluster") },
    { pointer: memberOf(btf, "swap_info_struct", "cluster_next_cpu"), sizeBytes: 4 },
  ];
}

/** Kernel 6.12 and 6.13: linked lists, one for each order and degree of fragmentation. */
class OrderListLayout implements ClusterLayout {
  readonly clusterBytes: number;
  readonly perCpu: ClusterLayout["perCpu"];
  private readonly cluster: Readonly<Record<"count" | "flags" | "order" | "list", Member>>;
  private readonly area: Readonly<Record<"free" | "full" | "discard" | "nonfull" | "frag" | "fragCounts", Member>>;
  private readonly next: Member;
  private readonly listNext: Member;
  /** By flag. Source: include/linux/swap.h of 6.12, where they are no enumerators. */
  private readonly stateOf: ReadonlyMap<number, number> = new Map([
    [0, clusterState.none],
    [1, clusterState.free],
    [2, clusterState.nonfull],
    [4, clusterState.frag],
    [8, clusterState.full],
  ]);

  constructor(btf: Btf) {
    if (btf.enumerator("CLUSTER_FLAG_FREE") !== undefined) throw unreadable("cluster flags are an enumeration");
    this.clusterBytes = sizeOf(btf, "swap_cluster_info");
    this.perCpu = perCpuData(btf);
    this.cluster = membersOf(btf, "swap_cluster_info", { count: "count", flags: "flags", order: "order", list: "list" });
    this.area = membersOf(btf, "swap_info_struct", {
      ...{ free: "free_clusters", full: "full_clusters", discard: "discard_clusters" },
      ...{ nonfull: "nonfull_clusters", frag: "frag_clusters", fragCounts: "frag_cluster_nr" },
    });
    this.next = memberOf(btf, "percpu_cluster", "next");
    this.listNext = memberOf(btf, "list_head", "next");
  }

  decode(bytes: ClusterBytes): DecodedClusters {
    const { area } = bytes;
    const lists: Record<string, number[]> = {};
    for (const name of ["free", "full", "discard"] as const) lists[name] = this.list(bytes, name, byteOffset(this.area[name]));
    for (const kind of ["nonfull", "frag"] as const) {
      const { elementCount, elementBytes } = this.area[kind];
      for (let order = 0; order < elementCount; order++) {
        const name = orderListName(kind, order);
        lists[name] = this.list(bytes, name, byteOffset(this.area[kind], order * elementBytes));
      }
    }
    return { clusters: this.clusters(bytes), lists, fragCounts: numbersAt(area, this.area.fragCounts), cursors: this.cursors(bytes) };
  }

  private clusters({ clusters, clusterCount }: ClusterBytes): ClusterStates {
    const order = new Uint8Array(clusterCount);
    const states = { used: new Uint16Array(clusterCount), state: new Uint8Array(clusterCount), order, huge: null };
    for (let index = 0; index < clusterCount; index++) {
      const base = index * this.clusterBytes;
      const flags = readNumber(clusters, this.cluster.flags, base);
      const state = this.stateOf.get(flags);
      if (state === undefined) throw unreadable(`the flags of cluster ${index} are ${flags}`);
      states.used[index] = readNumber(clusters, this.cluster.count, base);
      states.state[index] = state;
      order[index] = readNumber(clusters, this.cluster.order, base);
    }
    return states;
  }

  /** `head`: where the list's head lies in the area's structure. */
  private list({ area, areaAddress, clusters, clustersAddress, clusterCount }: ClusterBytes, name: string, head: number): number[] {
    const headAddress = areaAddress + BigInt(head);
    const firstLink = clustersAddress + BigInt(byteOffset(this.cluster.list));
    const list: number[] = [];
    for (let link = readWord(area, this.listNext, head); link !== headAddress; ) {
      const index = Number(link - firstLink) / this.clusterBytes;
      if (!Number.isInteger(index) || index < 0 || index >= clusterCount) throw unreadable(`its list of ${name} clusters leads elsewhere`);
      if (list.push(index) > clusterCount) throw unreadable(`its list of ${name} clusters does not end`);
      link = readWord(clusters, this.listNext, byteOffset(this.cluster.list, index * this.clusterBytes));
    }
    return list;
  }

  private cursors({ perCpu: [cpuCluster, scanStart] }: ClusterBytes): Cursors {
    const next = numbersAt(cpuCluster, this.next).map((slot, order): [string, number | "none"] => [orderCursorName(order), slot === 0 ? "none" : slot]);
    // Drawn at random by swapon all the same; only devices without clusters use it.
    return { ...Object.fromEntries(next), scan_start: scanStart.readUInt32LE() };
  }
}

/** An array of numbers of at most 32 bits. */
function numbersAt(bytes: Buffer, member: Member): number[] {
  return Array.from({ length: member.elementCount }, (_, i) => bytes.readUIntLE(byteOffset(member, i * member.elementBytes), member.elementBytes));
}
