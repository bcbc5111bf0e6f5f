import { type AllocatorHost, type Cursors, none } from "./allocator.ts";
import { ClusterAllocator } from "./cluster-allocator.ts";
import type { Geometry } from "./geometry.ts";
import { slotByte } from "./slot-byte.ts";
import { clusterState, type SwapArea } from "./swap-area.ts";

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
    area.used[cluster]! -= count;
    if (area.used[cluster] === 0) {
      this.leaveFrag(cluster);
      area.free.moveToTail(cluster);
      area.state[cluster] = clusterState.free;
      area.order[cluster] = 0;
    } else if (area.state[cluster] !== clusterState.nonfull) {
      this.leaveFrag(cluster);
      area.nonfull[area.order[cluster]!]!.moveToTail(cluster);
      area.state[cluster] = clusterState.nonfull;
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
    const last = Math.min((cluster + 1) << area.clusterShift, area.slotCount) - 1;
    const most = Math.min(goal - slots.length, area.clusterSlots - 1 - area.used[cluster]!);
    let count = 0;
    for (let slot = cursor; count < most && slot < last && map[slot] !== hasCache; slot++) {
      if (map[slot] !== free) continue;
      map[slot] = hasCache;
      area.noteAllocated(slot, 1);
      slots.push(slot);
      this.cursor[0] = slot + 1;
      count++;
    }
    area.used[cluster]! += count;
    this.host.call("alloc_swap_scan_cluster", count);
  }

  /** Kernel 6.12 cluster_alloc_swap_entry. */
  protected override allocate(order: number): number {
    const found = this.search(order);
    this.cursor[order] = this.next;
    return found;
  }

  private search(order: number): number {
    const { area } = this;
    this.next = none;
    const cursor = this.cursor[order]!;
    let found = cursor === none ? none : this.lookInCluster(cursor, order);
    if (found !== none) return found;
    if (!area.free.empty) return this.lookInCluster(area.free.first << area.clusterShift, order);
    if (this.host.swapFull()) this.reclaimOneFullCluster();

    if (order < this.pmdOrder) {
      let looked = 0;
      while (!area.nonfull[order]!.empty && found === none) {
        const cluster = area.nonfull[order]!.first;
        area.frag[order]!.moveToTail(cluster);
        area.state[cluster] = clusterState.frag;
        area.fragCount[order]!++;
        found = this.lookInCluster(cluster << area.clusterShift, order);
        looked++;
      }
      // Clusters that were just moved to the fragmented list are not looked at a second time.
      while (found === none && looked < area.fragCount[order]!) {
        const cluster = area.frag[order]!.first;
        area.frag[order]!.moveToTail(cluster);
        found = this.lookInCluster(cluster << area.clusterShift, order);
        looked++;
      }
    }
    return found !== none || order > 0 ? found : this.steal();
  }

  /** Base pages take from clusters of larger orders, smallest order first, fragmented clusters before others. */
  private steal(): number {
    const { area } = this;
    for (let order = 1; order <= this.pmdOrder; order++) {
      for (const list of [area.frag[order]!, area.nonfull[order]!]) {
        while (!list.empty) {
          const found = this.lookInCluster(list.first << area.clusterShift, 0);
          if (found !== none) return found;
        }
      }
    }
    return none;
  }

  /** Looks for an aligned free run from `from` to the end of its cluster. Kernel 6.12 alloc_swap_scan_cluster. */
  private lookInCluster(from: number, order: number): number {
    const { area } = this;
    this.host.call("alloc_swap_scan_cluster");
    this.next = none;
    const cluster = area.clusterOf(from);
    const pages = 1 << order;
    if (area.used[cluster]! + pages > area.clusterSlots) return none;
    const last = Math.min((cluster + 1) << area.clusterShift, area.slotCount) - pages;
    for (let slot = from; slot <= last; slot += pages) {
      if (!(area.areFree(slot, pages) || this.reclaimRun(slot, pages))) continue;
      this.take(slot, order);
      if (area.used[cluster] !== area.clusterSlots && slot + pages <= last) this.next = slot + pages;
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
  private take(slot: number, order: number): void {
    const { area } = this;
    const pages = 1 << order;
    const cluster = area.clusterOf(slot);
    if (area.state[cluster] === clusterState.free) this.openCluster(cluster, order);
    area.fillSlots(slot, pages, slotByte.hasCache);
    area.noteAllocated(slot, pages);
    const used = area.used[cluster]! + pages;
    area.used[cluster] = used;
    if (used === area.clusterSlots) this.closeCluster(cluster);
    if (!area.available) this.host.areaRanFull(area);
  }

  /** The first run in an empty cluster decides its order. One that is full at once does not come by way of a nonfull list. */
  private openCluster(cluster: number, order: number): void {
    const { area } = this;
    if (order < this.pmdOrder) {
      area.nonfull[order]!.moveToTail(cluster);
      area.state[cluster] = clusterState.nonfull;
    }
    area.order[cluster] = order;
  }

  private closeCluster(cluster: number): void {
    const { area } = this;
    this.leaveFrag(cluster);
    area.full.moveToTail(cluster);
    area.state[cluster] = clusterState.full;
  }

  private leaveFrag(cluster: number): void {
    const { area } = this;
    if (area.state[cluster] === clusterState.frag) area.fragCount[area.order[cluster]!]!--;
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
    for (let left = clustersToScan; !area.full.empty; ) {
      const cluster = area.full.first;
      area.full.moveToTail(cluster);
      left--;
      this.reclaimCluster(cluster);
      if (left <= 0) break;
    }
  }
}
