/**
 * Doubly linked lists of cluster indexes. A cluster is on at most one list; the links live in typed arrays that
 * all lists of an area share.
 */
export class ClusterLinks {
  readonly next: Int32Array;
  readonly prev: Int32Array;
  readonly list: (ClusterList | null)[];

  constructor(clusterCount: number) {
    this.next = new Int32Array(clusterCount).fill(-1);
    this.prev = new Int32Array(clusterCount).fill(-1);
    this.list = new Array<ClusterList | null>(clusterCount).fill(null);
  }
}

export class ClusterList {
  /** Index of the first cluster, -1 when empty. */
  first = -1;
  private last = -1;
  private readonly links: ClusterLinks;

  constructor(links: ClusterLinks) {
    this.links = links;
  }

  get empty(): boolean {
    return this.first === -1;
  }

  get count(): number {
    return [...this].length;
  }

  /** Takes `cluster` off whatever list it is on and puts it at this one's end. */
  moveToTail(cluster: number): void {
    removeFromList(this.links, cluster);
    this.links.list[cluster] = this;
    this.links.prev[cluster] = this.last;
    if (this.last === -1) this.first = cluster;
    else this.links.next[this.last] = cluster;
    this.last = cluster;
  }

  remove(cluster: number): void {
    const next = this.links.next[cluster]!;
    const prev = this.links.prev[cluster]!;
    if (prev === -1) this.first = next;
    else this.links.next[prev] = next;
    if (next === -1) this.last = prev;
    else this.links.prev[next] = prev;
    this.links.next[cluster] = -1;
    this.links.prev[cluster] = -1;
    this.links.list[cluster] = null;
  }

  *[Symbol.iterator](): Generator<number> {
    for (let cluster = this.first; cluster !== -1; cluster = this.links.next[cluster]!) yield cluster;
  }
}

/** Takes `cluster` off the list it is on, if any. */
function removeFromList(links: ClusterLinks, cluster: number): void {
  links.list[cluster]?.remove(cluster);
}
