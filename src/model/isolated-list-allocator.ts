import { type AllocatorHost, type Cursors, none } from "./allocator.ts";
import { type Cluster, clusterState } from "./cluster.ts";
import { ClusterAllocator } from "./cluster-allocator.ts";
import { CpuCursors } from "./cpu-cursors.ts";
import type { Features } from "./features.ts";
import type { Geometry } from "./geometry.ts";
import * as slotByte from "./slot-byte.ts";
import type { SwapArea } from "./swap-area.ts";

/** Kernel 6.14, 6.17, 7.3 global_cluster: a rotating area has one set for all CPUs. Kernel 6.14 percpu_cluster: any other has one for each. */
function ownCursors(area: SwapArea, { pmdOrder }: Geometry, cpuCount: number): CpuCursors[] {
  const shared = new CpuCursors(pmdOrder);
  return Array.from({ length: cpuCount }, () => (area.rotating ? shared : new CpuCursors(pmdOrder)));
}

/**
 * The allocator from 6.14 on.
 *
 * Every cluster serves one order. A cluster that is looked into is taken off its list first and put where it belongs
 * afterwards, so that a cluster once used by a cursor counts as fragmented. Until 6.17 free clusters come first; then
 * clusters with room do: holes are filled before new ground is broken.
 */
export class IsolatedListAllocator extends ClusterAllocator {
  /** Where each CPU goes on, in this area or another, and where the one that runs does. In a rotating area they are the same. */
  private readonly cpus: readonly CpuCursors[];
  private cpu: CpuCursors;
  private readonly hasOwnCursors: boolean;
  private readonly features: Features;
  /** Clusters that the last `scanList` looked into in vain. */
  private looked = 0;

  /** `cpus`: the cursors of each CPU, where they do not belong to areas. */
  constructor(area: SwapArea, host: AllocatorHost, geometry: Geometry, cpus: readonly CpuCursors[], features: Features) {
    super(area, host, geometry);
    this.hasOwnCursors = area.rotating || features.slotsCache !== "none";
    this.cpus = this.hasOwnCursors ? ownCursors(area, geometry, cpus.length) : cpus;
    this.cpu = this.cpus[0]!;
    this.features = features;
  }

  override runOn(cpu: number): void {
    this.cpu = this.cpus[cpu]!;
  }

  override cursors(): Cursors[] {
    return this.cpus.map((cpu) => this.byOrder((order) => cpu.slotIn(this.area, order)));
  }

  /** Kernel 6.17 swap_entries_free, 7.3 __swap_cluster_free_entries. */
  override release(slot: number, count: number): void {
    const { area } = this;
    const cluster = area.clusterOf(slot);
    area.fillSlots(slot, count, slotByte.free);
    cluster.used -= count;
    area.noteFreed(slot, count);
    if (cluster.used === 0) this.freeCluster(cluster);
    else if (cluster.state !== clusterState.nonfull) {
      area.nonfull[cluster.order]!.moveToTail(cluster);
      cluster.state = clusterState.nonfull;
    }
  }

  private freeCluster(cluster: Cluster): void {
    const { area } = this;
    area.free.moveToTail(cluster);
    cluster.state = clusterState.free;
    cluster.order = 0;
  }

  /**
   * Looks in the cluster at which the CPU stands, which lies in this area. Kernel 6.17, 7.3 swap_alloc_fast; where an area has
   * cursors of its own, cluster_alloc_swap_entry.
   */
  allocateNext(order: number): number {
    const { area } = this;
    const cursor = this.cpu.slotIn(area, order);
    const cluster = area.clusterOf(cursor);
    if (!this.usable(cluster, order)) return none;
    return this.scan(cluster, cluster.used === 0 ? cluster.start : cursor, order);
  }

  /** Kernel 6.14, 6.17, 7.3 cluster_is_usable: a full cluster has no room, and one on the free list no table yet, where there are tables. */
  private usable(cluster: Cluster, order: number): boolean {
    const { state } = cluster;
    if (state === clusterState.full) return false;
    if (state === clusterState.free && this.features.swapCacheIndex === "tables") return false;
    return order === 0 || cluster.used === 0 || cluster.order === order;
  }

  /**
   * Chooses a cluster anew; an area with cursors of its own first goes on where it stands.
   * Kernel 6.14, 6.17, 7.3 cluster_alloc_swap_entry, without discard.
   */
  override allocate(order: number): number {
    this.host.call("cluster_alloc_swap_entry");
    let found = none;
    if (this.hasOwnCursors && this.cpu.slotIn(this.area, order) !== none) found = this.allocateNext(order);
    return found === none ? this.choose(order) : found;
  }

  private choose(order: number): number {
    const found = this.features.holesFirst ? this.searchHolesFirst(order) : this.searchFreeFirst(order);
    return found !== none || order > 0 ? found : this.steal();
  }

  private searchHolesFirst(order: number): number {
    const hasLists = order < this.pmdOrder;
    let found = hasLists ? this.scanList("nonfull", order, order) : none;
    if (found === none) found = this.scanFree(order);
    if (found !== none) return found;
    this.reclaimWhenFull();
    return hasLists ? this.scanList("frag", order, order, 1) : none;
  }

  private searchFreeFirst(order: number): number {
    const found = this.scanFree(order);
    if (found !== none) return found;
    this.reclaimWhenFull();
    if (order >= this.pmdOrder) return none;
    const inNonfull = this.scanList("nonfull", order, order);
    if (inNonfull !== none) return inNonfull;
    // Kernel 6.17: what was just moved to the fragmented list is not looked at a second time.
    return this.scanList("frag", order, order, this.area.frag[order]!.count - this.looked);
  }

  /** Base pages take from clusters of larger orders, smallest order first, fragmented clusters before others. */
  private steal(): number {
    let found = none;
    for (let order = 1; order <= this.pmdOrder && found === none; order++) {
      found = this.scanList("frag", order, 0);
      if (found === none) found = this.scanList("nonfull", order, 0);
    }
    return found;
  }

  private reclaimWhenFull(): void {
    if (!this.host.swapFull()) return;
    this.host.call("swap_reclaim_full_clusters");
    this.reclaimFull(1);
  }

  private scanFree(order: number): number {
    const cluster = this.area.free.first;
    if (cluster === null) return none;
    this.isolate(cluster);
    return this.scan(cluster, cluster.start, order);
  }

  /** From the head on until one cluster fits, at most `most` of them. Kernel 6.14, 6.17 cluster_alloc_swap_entry, 7.3 alloc_swap_scan_list. */
  private scanList(name: "nonfull" | "frag", listOrder: number, order: number, most = Infinity): number {
    const list = this.area[name][listOrder]!;
    for (this.looked = 0; this.looked < most && list.first !== null; this.looked++) {
      const cluster = list.first;
      this.isolate(cluster);
      const found = this.scan(cluster, cluster.start, order);
      if (found !== none) return found;
    }
    return none;
  }

  /** Kernel 6.14, 6.17, 7.3 isolate_lock_cluster. */
  private isolate(cluster: Cluster): void {
    cluster.leaveList();
    cluster.state = clusterState.none;
  }

  /**
   * Looks for an aligned free run from `from` to the end of the cluster, then puts the cluster where it belongs and notes
   * where to go on. Kernel 6.14, 6.17, 7.3 alloc_swap_scan_cluster.
   */
  private scan(cluster: Cluster, from: number, order: number): number {
    const { area } = this;
    this.host.call("alloc_swap_scan_cluster");
    const pages = 1 << order;
    const found = cluster.used + pages <= area.clusterSlots ? this.findRun(cluster, from, order) : none;
    let next = none;
    if (found !== none) {
      this.take(cluster, found, order);
      const last = (this.features.entriesPastEnd ? cluster.start + area.clusterSlots : cluster.end) - pages;
      if (cluster.used < area.clusterSlots && found + pages <= last) next = found + pages;
    }
    this.relocate(cluster);
    this.cpu.set(order, area, next);
    return found;
  }

  /** A run that is free, or is made so. When that empties the cluster it is the first one. */
  private findRun(cluster: Cluster, from: number, order: number): number {
    const { area } = this;
    const pages = 1 << order;
    const last = cluster.end - pages;
    for (let slot = from; slot <= last; slot += pages) {
      if (area.areFree(slot, pages)) return slot;
      if (!this.mayReclaim(slot, pages)) continue;
      const isFree = this.reclaimRun(slot, pages);
      if (!this.usable(cluster, order)) return none;
      if (cluster.used === 0) return cluster.start;
      if (isFree) return slot;
    }
    return none;
  }

  /** Kernel 6.14, 6.17, 7.3 cluster_scan_range: slots that only the cache holds may be reclaimed when swap is more than half full. */
  private mayReclaim(slot: number, pages: number): boolean {
    const { map } = this.area;
    for (let s = slot; s < slot + pages; s++) {
      if (map[s] !== slotByte.free && map[s] !== slotByte.hasCache) return false;
    }
    return this.host.swapFull();
  }

  /** True when the run is free afterwards. Kernel 6.14, 6.17, 7.3 cluster_reclaim_range. */
  private reclaimRun(slot: number, pages: number): boolean {
    const { area } = this;
    for (let s = slot; s < slot + pages; s++) {
      if (area.map[s] === slotByte.free) continue;
      if (area.map[s] !== slotByte.hasCache || this.host.reclaimForAllocator(area, s) < 0) break;
    }
    return area.areFree(slot, pages);
  }

  private take(cluster: Cluster, slot: number, order: number): void {
    const { area } = this;
    const pages = 1 << order;
    if (cluster.used === 0) cluster.order = order;
    cluster.used += pages;
    area.fillSlots(slot, pages, slotByte.hasCache);
    area.noteAllocated(slot, pages);
    if (!area.available) this.host.areaRanFull(area);
  }

  /** Kernel 6.14, 6.17, 7.3 relocate_cluster. */
  private relocate(cluster: Cluster): void {
    const { area } = this;
    const { free, frag, full } = clusterState;
    if (cluster.used === 0) {
      if (cluster.state !== free) this.freeCluster(cluster);
    } else if (cluster.used !== area.clusterSlots) {
      if (cluster.state === frag) return;
      area.frag[cluster.order]!.moveToTail(cluster);
      cluster.state = frag;
    } else if (cluster.state !== full) {
      area.full.moveToTail(cluster);
      cluster.state = full;
    }
  }

  /** Kernel 6.14, 6.17, 7.3 swap_reclaim_full_clusters. */
  override reclaimFull(clustersToScan: number): void {
    const { area } = this;
    for (let left = clustersToScan; area.full.first !== null; ) {
      const cluster = area.full.first;
      this.isolate(cluster);
      left--;
      this.reclaimCluster(cluster);
      if (cluster.state === clusterState.none) this.relocate(cluster);
      if (left <= 0) break;
    }
  }
}
