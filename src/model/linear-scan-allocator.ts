import type { Allocator, AllocatorHost, Cursors } from "./allocator.ts";
import type { Features } from "./features.ts";
import { MapScan, type Next } from "./map-scan.ts";
import * as slotByte from "./slot-byte.ts";
import type { SwapArea } from "./swap-area.ts";

/**
 * The allocator of 6.1 to 6.13 for a rotating device, which has no clusters: seeking is what costs, so slots are handed out one
 * after the other, in runs of a cluster's length that may begin anywhere. No large folio gets a run of its own.
 */
export class LinearScanAllocator implements Allocator {
  private readonly area: SwapArea;
  private readonly host: AllocatorHost;
  private readonly features: Features;
  /** The slot to look at next. Kernel 6.1, 6.12: cluster_next. */
  next = 1;
  /** Slots left of the run that is being handed out. Kernel 6.1, 6.12: cluster_nr. */
  left = 0;

  constructor(area: SwapArea, host: AllocatorHost, features: Features) {
    this.area = area;
    this.host = host;
    this.features = features;
  }

  /** All CPUs go on at the same place. */
  runOn(): void {}

  allocateSlots(goal: number): number[] {
    this.host.call("scan_swap_map_slots");
    const { slots, endedAt } = new LinearScan(this.area, this.host, this, goal).run();
    if (endedAt !== -1) this.next = endedAt + 1;
    return slots;
  }

  /** Kernel 6.10, 6.12 scan_swap_map_slots refuses; 6.1 swap_alloc_cluster finds no free cluster on the list, which is empty. */
  allocateLarge(): number {
    if (this.features.cursorPerOrder) this.host.call("scan_swap_map_slots");
    return -1;
  }

  release(slot: number, count: number): void {
    this.area.fillSlots(slot, count, slotByte.free);
    this.area.noteFreed(slot, count);
  }

  cursors(): Cursors[] {
    return [{ cluster_next: this.next, cluster_nr: this.left }];
  }
}

/** One call for base-page slots. Kernel 6.1, 6.12 scan_swap_map_slots, the part for devices without clusters. */
class LinearScan extends MapScan {
  private readonly allocator: LinearScanAllocator;

  constructor(area: SwapArea, host: AllocatorHost, allocator: LinearScanAllocator, goal: number) {
    super(area, host, goal, allocator.next);
    this.allocator = allocator;
  }

  /** Goes on with the current run, and looks for another when that is used up; each call takes one off what is left. */
  protected override begin(): Next {
    const { area, allocator } = this;
    if (allocator.left > 0) {
      allocator.left--;
      return "check";
    }
    allocator.left = area.clusterSlots - 1;
    if (area.usablePages - area.inusePages >= area.clusterSlots) this.findRun();
    return "check";
  }

  /**
   * The first run of free slots of a cluster's length, aligned or not, from the lowest free slot on; that slot itself when there is no
   * such run. The search is paid for out of the call's budget.
   */
  private findRun(): void {
    const { area, allocator } = this;
    this.base = area.lowestSlot;
    this.slot = area.lowestSlot;
    let last = this.slot + area.clusterSlots - 1;
    for (; last <= area.highestSlot; this.slot++) {
      if (area.map[this.slot] !== slotByte.free) last = this.slot + area.clusterSlots;
      else if (this.slot === last) {
        this.slot -= area.clusterSlots - 1;
        allocator.next = this.slot;
        return;
      }
      this.spend();
    }
    this.slot = this.base;
  }

  protected override goOn(): boolean {
    const { area, allocator } = this;
    if (allocator.left === 0 || area.map[++this.slot] !== slotByte.free) return false;
    allocator.left--;
    return true;
  }

  protected override mayTake(): Next {
    return "check";
  }

  protected override take(slot: number): void {
    this.area.map[slot] = slotByte.hasCache;
    this.area.noteAllocated(slot, 1);
  }
}
