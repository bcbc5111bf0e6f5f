import { type Allocator, type AllocatorHost, type Cursors, none, orderCursorName } from "./allocator.ts";
import { type Cluster, clusterState } from "./cluster.ts";
import type { Features } from "./features.ts";
import type { Geometry } from "./geometry.ts";
import { MapScan, type Next } from "./map-scan.ts";
import * as slotByte from "./slot-byte.ts";
import type { SwapArea } from "./swap-area.ts";

/** Slots covered by one swap-cache tree, 64 MiB of 4 KiB pages. Kernel 6.1: SWAP_ADDRESS_SPACE_PAGES. */
const trunkSlotCount = 1 << 14;

/** Where one CPU looks for base pages. */
interface CpuPlace {
  /**
   * By order the slot to look at next in its own cluster, `none` when it has none; 6.1 uses that of order 0 only. It may
   * be the first slot after the cluster. Kernel 6.1, 6.10: percpu_cluster.
   */
  readonly next: Uint32Array;
  /**
   * Where the next search starts when its own cluster has nothing; null when the kernel drew it at random and it is
   * not known. Kernel 6.1: cluster_next_cpu, random at swapon and overwritten by the first success.
   */
  scanStart: number | null;
}

/**
 * The allocator of 6.1 to 6.11 for a device that is not rotating.
 *
 * Base pages are handed out in batches: first through the CPU's own cluster, which is borrowed from the head of the free
 * list; when no cluster is free, by a scan of the map around the place of the CPU's last success. A PMD folio takes the first
 * wholly free cluster or nothing. From 6.10 on the CPU has a cluster for every order, and a large folio takes a run of it.
 */
export class FreeListAllocator implements Allocator {
  private readonly area: SwapArea;
  private readonly host: AllocatorHost;
  private readonly pmdOrder: number;
  private readonly cursorPerOrder: boolean;
  private readonly places: readonly CpuPlace[];
  /** Of the CPU that runs. */
  private place: CpuPlace;

  /** `scanStarts`: by CPU; empty when they are not known. */
  constructor(area: SwapArea, host: AllocatorHost, geometry: Geometry, features: Features, cpuCount: number, scanStarts: readonly number[]) {
    this.places = Array.from({ length: cpuCount }, (_, cpu) => ({ next: new Uint32Array(geometry.pmdOrder + 1), scanStart: scanStarts[cpu] ?? null }));
    this.place = this.places[0]!;
    this.area = area;
    this.host = host;
    this.pmdOrder = geometry.pmdOrder;
    this.cursorPerOrder = features.cursorPerOrder;
  }

  runOn(cpu: number): void {
    this.place = this.places[cpu]!;
  }

  allocateLarge(order: number): number {
    if (this.cursorPerOrder) return this.allocateRun(order);
    if (order !== this.pmdOrder) return -1;
    const { area } = this;
    // Kernel 6.1 swap_alloc_cluster: the head of the free list or failure; no scan and no reclaim.
    const cluster = area.free.first;
    if (cluster === null) return -1;
    this.takeFromFreeList(cluster);
    cluster.used = area.clusterSlots;
    cluster.huge = true;
    area.fillSlots(cluster.start, area.clusterSlots, slotByte.hasCache);
    area.noteAllocated(cluster.start, area.clusterSlots);
    return cluster.start;
  }

  /** Kernel 6.10 scan_swap_map_slots for a large folio: it never scans and never reclaims. */
  private allocateRun(order: number): number {
    this.host.call("scan_swap_map_slots");
    let slot = this.nextInOwnCluster(order);
    while (slot !== -1 && this.conflicts(slot, order)) slot = this.nextInOwnCluster(order);
    if (slot !== -1) this.take(slot, 1 << order);
    return slot;
  }

  allocateSlots(goal: number): number[] {
    this.host.call("scan_swap_map_slots");
    const search = new SlotSearch(this.area, this.host, this, goal, this.place.scanStart);
    const { slots, endedAt } = search.run();
    if (endedAt !== -1) this.rememberScanStart(endedAt + 1);
    return slots;
  }

  release(slot: number, count: number): void {
    const { area } = this;
    const cluster = area.clusterOf(slot);
    area.fillSlots(slot, count, slotByte.free);
    cluster.used -= count;
    if (cluster.used === 0) {
      // Kernel 6.1 free_cluster: an empty cluster goes to the end of the free list.
      cluster.state = clusterState.free;
      cluster.huge = false;
      area.free.moveToTail(cluster);
    }
    area.noteFreed(slot, count);
  }

  cursors(): Cursors[] {
    return this.places.map(({ next, scanStart }) => ({ ...(this.cursorPerOrder ? byOrder(next) : inCluster(next[0]!, this.area)), scan_start: scanStart }));
  }

  /**
   * The next free run of the CPU's own cluster, or -1 when neither it nor the free list has one.
   * Kernel 6.1 scan_swap_map_try_ssd_cluster: the cluster stays on the free list until its first slot is taken.
   */
  nextInOwnCluster(order: number): number {
    const { area } = this;
    const place = this.place.next;
    this.host.call("scan_swap_map_try_ssd_cluster");
    const pages = 1 << order;
    for (;;) {
      let slot = place[order]!;
      const cluster = slot === none ? area.free.first : area.clusterOf(slot - 1);
      if (cluster === null) return -1;
      if (slot === none) slot = cluster.start;
      const { end } = cluster;
      while (slot < end && !area.areFree(slot, pages)) slot += pages;
      if (slot >= end) {
        place[order] = none;
        continue;
      }
      const next = slot + pages;
      // Kernel 6.1 notices only at the next request that its cluster is used up.
      place[order] = next < end || !this.cursorPerOrder ? next : none;
      return slot;
    }
  }

  /**
   * True when `slot` lies in a free cluster that is not the head of the free list: only the head may be taken.
   * Kernel 6.1 scan_swap_map_ssd_cluster_conflict: the CPU then also gives up its own cluster.
   */
  conflicts(slot: number, order: number): boolean {
    const { area } = this;
    const cluster = area.clusterOf(slot);
    const conflict = area.free.first !== null && cluster !== area.free.first && cluster.state === clusterState.free;
    if (conflict) this.place.next[order] = none;
    return conflict;
  }

  /** Marks `count` slots from `slot` on as handed out. */
  take(slot: number, count: number): void {
    const { area } = this;
    const cluster = area.clusterOf(slot);
    if (cluster.state === clusterState.free) this.takeFromFreeList(cluster);
    area.fillSlots(slot, count, slotByte.hasCache);
    cluster.used += count;
    area.noteAllocated(slot, count);
  }

  private takeFromFreeList(cluster: Cluster): void {
    cluster.leaveList();
    cluster.state = clusterState.none;
    cluster.used = 0;
  }

  /**
   * Kernel 6.1 set_cluster_next: going on in another 64 MiB stretch picks a random stretch that has room, so that CPUs spread
   * over the swap-cache trees, and begins at its start or at the lowest free slot. An area of one stretch is left only
   * behind its very last slot, and then there is nothing to pick from. With less than two free slots it stays where it was.
   */
  private rememberScanStart(next: number): void {
    const { area, place } = this;
    const oneStretch = area.slotCount <= trunkSlotCount;
    const before = oneStretch ? 0 : place.scanStart;
    if (before !== null && stretchOf(before) === stretchOf(next)) place.scanStart = next;
    else if (area.highestSlot > area.lowestSlot) place.scanStart = oneStretch ? area.lowestSlot : null;
  }
}

const byOrder = (next: Uint32Array): Cursors => Object.fromEntries([...next].map((slot, order) => [orderCursorName(order), slot === none ? "none" : slot]));
const inCluster = (next: number, area: SwapArea): Cursors => ({
  cluster: next === none ? "none" : area.clusterOf(next - 1).index,
  cluster_next: next === none ? null : next,
});

const stretchOf = (slot: number): number => Math.floor(slot / trunkSlotCount);

/** One call for base-page slots. Kernel 6.1 scan_swap_map_slots, the part for devices with clusters. */
class SlotSearch extends MapScan {
  private readonly allocator: FreeListAllocator;
  /** False until a slot was found when the kernel's starting point is not known. */
  private startIsKnown: boolean;

  constructor(area: SwapArea, host: AllocatorHost, allocator: FreeListAllocator, goal: number, start: number | null) {
    super(area, host, goal, start ?? 0);
    this.allocator = allocator;
    this.startIsKnown = start !== null;
  }

  protected override begin(): Next {
    return this.tryOwnCluster() ? "check" : "scan";
  }

  private tryOwnCluster(): boolean {
    const found = this.allocator.nextInOwnCluster(0);
    if (found === -1) return false;
    this.base = found;
    this.slot = found;
    this.startIsKnown = true;
    return true;
  }

  protected override goOn(): boolean {
    return this.tryOwnCluster();
  }

  protected override mayTake(): Next {
    while (this.allocator.conflicts(this.slot, 0)) {
      if (this.slots.length > 0) return "done";
      if (!this.tryOwnCluster()) return "scan";
    }
    return "check";
  }

  protected override take(slot: number): void {
    this.allocator.take(slot, 1);
  }

  protected override scan(): boolean {
    if (!this.startIsKnown) this.host.becameRandom("no cluster is free and the kernel scans from a place that it drew at random");
    return super.scan();
  }
}
