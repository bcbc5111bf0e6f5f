import { type AllocatorHost, type Cursors, none } from "./allocator.ts";
import { type Cluster, type ClusterList, clusterState } from "./cluster.ts";
import { ClusterAllocator } from "./cluster-allocator.ts";
import type { Geometry } from "./geometry.ts";
import * as slotByte from "./slot-byte.ts";
import type { SwapArea } from "./swap-area.ts";

/**
 * The allocator of 6.12 and 6.13 for a device that is not rotating.
 *
 * Every cluster serves one order and is on a list that says how much of it is left. A request looks in its cursor's
 * cluster, then takes a free cluster, then clusters of its order with room, then those known to be fragmented;
 * base pages finally steal from clusters of other orders.
 */
export class OrderListAllocator extends ClusterAllocator {
  /**
   * Per order the slot to go on from, of each CPU and of the one that runs. Kernel 6.12: percpu_cluster, which every area
   * has of its own.
   */
  private readonly cpuCursors: readonly Int32Array[];
  private cursor: Int32Array;
  /** Where the next look should go on after the last one, `none` when nothing was found or its cluster has no more. */
  private next = none;

  constructor(area: SwapArea, host: AllocatorHost, geometry: Geometry, cpuCount: number) {
    super(area, host, geometry);
    this.cpuCursors = Array.from({ length: cpuCount }, () => new Int32Array(geometry.pmdOrder + 1));
    this.cursor = this.cpuCursors[0]!;
  }

  override runOn(cpu: number): void {
    this.cursor = this.cpuCursors[cpu]!;
  }

  override cursors(): Cursors[] {
    return this.cpuCursors.map((cursor) => this.byOrder((order) => cursor[order]!));
  }

  override allocateSlots(goal: number): number[] {
    this.host.call("scan_swap_map_slots");
    const slots: number[] = [];
    while (slots.length < goal) {
      const slot = this.allocate(0);
      if (slot === none) break;
      slots.push(slot);
      this.takeNeighbours(slots, goal);
    }
    return slots;
  }

  /** Kernel 6.12 swap_entry_range_free and dec_cluster_info_page. */
  override release(slot: number, count: number): void {
    const { area } = this;
    const cluster = area.clusterOf(slot);
    area.fillSlots(slot, count, slotByte.free);
    cluster.used -= count;
    if (cluster.used === 0) {
      area.free.moveToTail(cluster);
      cluster.state = clusterState.free;
      cluster.order = 0;
    } else if (cluster.state !== clusterState.nonfull) {
      area.nonfull[cluster.order]!.moveToTail(cluster);
      cluster.state = clusterState.nonfull;
    }
    area.noteFreed(slot, count);
  }

  /**
   * Adds to `slots`, up to `goal`, what further requests would be given one by one: they look from the cursor on, in the same
   * cluster, until it is full or something is to be reclaimed. The cluster's last slot and its last free one are left to
   * requests of their own, as the cursor ends there or the cluster goes to another list.
   */
  private takeNeighbours(slots: number[], goal: number): void {
    const { area } = this;
    const { map } = area;
    const { free, hasCache } = slotByte;
    const cursor = this.cursor[0]!;
    if (cursor === none) return;
    const cluster = area.clusterOf(cursor);
    const last = cluster.end - 1;
    const most = Math.min(goal - slots.length, area.clusterSlots - 1 - cluster.used);
    let count = 0;
    for (let slot = cursor; count < most && slot < last && map[slot] !== hasCache; slot++) {
      if (map[slot] !== free) continue;
      map[slot] = hasCache;
      area.noteAllocated(slot, 1);
      slots.push(slot);
      this.cursor[0] = slot + 1;
      count++;
    }
    cluster.used += count;
    this.host.call("alloc_swap_scan_cluster", count);
  }

  /** Kernel 6.12 cluster_alloc_swap_entry. */
  protected override allocate(order: number): number {
    const cursor = this.cursor[order]!;
    let found = cursor === none ? none : this.lookInCluster(this.area.clusterOf(cursor), cursor, order);
    if (found === none) found = this.choose(order);
    this.cursor[order] = this.next;
    return found;
  }

  /** Looks in clusters that are chosen anew, each from its start. */
  private choose(order: number): number {
    this.next = none;
    const { area } = this;
    if (area.free.first !== null) return this.lookFromStart(area.free.first, order);
    if (this.host.swapFull()) this.reclaimOneFullCluster();
    const found = order < this.pmdOrder ? this.searchLists(area.nonfull[order]!, area.frag[order]!, order) : none;
    return found !== none || order > 0 ? found : this.steal();
  }

  /** Clusters that were just moved to the fragmented list are not looked at a second time. */
  private searchLists(nonfull: ClusterList, frag: ClusterList, order: number): number {
    let looked = 0;
    for (; nonfull.first !== null; looked++) {
      const cluster = nonfull.first;
      frag.moveToTail(cluster);
      cluster.state = clusterState.frag;
      const found = this.lookFromStart(cluster, order);
      if (found !== none) return found;
    }
    for (; looked < frag.count; looked++) {
      const cluster = frag.first!;
      frag.moveToTail(cluster);
      const found = this.lookFromStart(cluster, order);
      if (found !== none) return found;
    }
    return none;
  }

  /** Base pages take from clusters of larger orders, smallest order first, fragmented clusters before others. */
  private steal(): number {
    const { area } = this;
    for (let order = 1; order <= this.pmdOrder; order++) {
      for (const list of [area.frag[order]!, area.nonfull[order]!]) {
        while (list.first !== null) {
          const found = this.lookFromStart(list.first, 0);
          if (found !== none) return found;
        }
      }
    }
    return none;
  }

  private lookFromStart(cluster: Cluster, order: number): number {
    return this.lookInCluster(cluster, cluster.start, order);
  }

  /** Looks for an aligned free run from `from` to the end of its cluster. Kernel 6.12 alloc_swap_scan_cluster. */
  private lookInCluster(cluster: Cluster, from: number, order: number): number {
    const { area } = this;
    this.host.call("alloc_swap_scan_cluster");
    this.next = none;
    const pages = 1 << order;
    if (cluster.used + pages > area.clusterSlots) return none;
    const last = cluster.end - pages;
    for (let slot = from; slot <= last; slot += pages) {
      if (!(area.areFree(slot, pages) || this.reclaimRun(slot, pages))) continue;
      this.take(cluster, slot, order);
      if (cluster.used !== area.clusterSlots && slot + pages <= last) this.next = slot + pages;
      return slot;
    }
    return none;
  }

  /**
   * Kernel 6.12 cluster_scan_range: slots that only the cache holds count as free when swap is more than half full;
   * they are reclaimed and the run is then looked at again. True when it is free then.
   */
  private reclaimRun(slot: number, pages: number): boolean {
    const { area } = this;
    for (let s = slot; s < slot + pages; s++) {
      if (area.map[s] !== slotByte.free && area.map[s] !== slotByte.hasCache) return false;
    }
    if (!this.host.swapFull()) return false;
    for (let s = slot; s < slot + pages; s++) {
      if (area.map[s] === slotByte.free) continue;
      if (area.map[s] !== slotByte.hasCache || this.host.reclaimForAllocator(area, s) <= 0) break;
    }
    return area.areFree(slot, pages);
  }

  /** Kernel 6.12 cluster_alloc_range. */
  private take(cluster: Cluster, slot: number, order: number): void {
    const { area } = this;
    const pages = 1 << order;
    if (cluster.state === clusterState.free) this.openCluster(cluster, order);
    area.fillSlots(slot, pages, slotByte.hasCache);
    area.noteAllocated(slot, pages);
    cluster.used += pages;
    if (cluster.used === area.clusterSlots) this.closeCluster(cluster);
    if (!area.available) this.host.areaRanFull(area);
  }

  /** The first run in an empty cluster decides its order. One that is full at once does not come by way of a nonfull list. */
  private openCluster(cluster: Cluster, order: number): void {
    const { area } = this;
    if (order < this.pmdOrder) {
      area.nonfull[order]!.moveToTail(cluster);
      cluster.state = clusterState.nonfull;
    }
    cluster.order = order;
  }

  private closeCluster(cluster: Cluster): void {
    const { area } = this;
    area.full.moveToTail(cluster);
    cluster.state = clusterState.full;
  }

  private reclaimOneFullCluster(): void {
    this.host.call("swap_reclaim_full_clusters");
    this.reclaimFull(1);
  }

  /**
   * Kernel 6.12 swap_reclaim_full_clusters: walks full clusters from the head of their list, each moved to the tail
   * first, and tries to free what only the cache holds.
   */
  override reclaimFull(clustersToScan: number): void {
    const { area } = this;
    for (let left = clustersToScan; area.full.first !== null; ) {
      const cluster = area.full.first;
      area.full.moveToTail(cluster);
      left--;
      this.reclaimCluster(cluster);
      if (left <= 0) break;
    }
  }
}
