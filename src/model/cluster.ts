/** Where a cluster stands, as its flags say. `none`: on no list; `discard`: it is empty and waits to be discarded. */
export const clusterState = { none: 0, free: 1, nonfull: 2, frag: 3, full: 4, discard: 5 } as const;

/** What an area knows of a stretch of its slots as long as a PMD folio. Kernel: swap_cluster_info. */
export class Cluster {
  readonly index: number;
  /** Its first slot. */
  readonly start: number;
  /** The slot behind its last one. The last cluster of an area may be cut. */
  readonly end: number;
  /** Slots in use; slots past the end of the area count as used. */
  used: number;
  state: number = clusterState.none;
  /** Order of the allocations it serves; meaningful while it is not empty. */
  order = 0;
  /** One PMD folio owns it (features.hugeClusterFlag). */
  huge = false;
  /** By slot the folio that the swap cache holds for it; made on first use. */
  cached: Int32Array | null = null;

  /** The list it is on, and its neighbours there. */
  list: ClusterList | null = null;
  next: Cluster | null = null;
  prev: Cluster | null = null;

  constructor(index: number, start: number, end: number, used: number) {
    this.index = index;
    this.start = start;
    this.end = end;
    this.used = used;
  }

  /** Takes it off its list, if it is on one. */
  leaveList(): void {
    const { list, next, prev } = this;
    if (list === null) return;
    if (prev === null) list.first = next;
    else prev.next = next;
    if (next === null) list.last = prev;
    else next.prev = prev;
    list.count--;
    this.list = null;
    this.next = null;
    this.prev = null;
  }
}

/** A doubly linked list; a cluster is on at most one. */
export class ClusterList {
  first: Cluster | null = null;
  last: Cluster | null = null;
  /** Clusters on it. */
  count = 0;

  /** Takes `cluster` off whatever list it is on and puts it at this one's end. */
  moveToTail(cluster: Cluster): void {
    cluster.leaveList();
    const { last } = this;
    cluster.list = this;
    cluster.prev = last;
    if (last === null) this.first = cluster;
    else last.next = cluster;
    this.last = cluster;
    this.count++;
  }

  *[Symbol.iterator](): Generator<Cluster> {
    for (let cluster = this.first; cluster !== null; cluster = cluster.next) yield cluster;
  }
}
