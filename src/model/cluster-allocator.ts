import { type Allocator, type AllocatorHost, type Cursors, none, orderCursorName } from "./allocator.ts";
import type { Cluster } from "./cluster.ts";
import type { Geometry } from "./geometry.ts";
import * as slotByte from "./slot-byte.ts";
import type { SwapArea } from "./swap-area.ts";

/** What the allocators have in common in which every cluster serves one order (6.12 on). */
export abstract class ClusterAllocator implements Allocator {
  protected readonly area: SwapArea;
  protected readonly host: AllocatorHost;
  protected readonly pmdOrder: number;

  constructor(area: SwapArea, host: AllocatorHost, geometry: Geometry) {
    this.area = area;
    this.host = host;
    this.pmdOrder = geometry.pmdOrder;
  }

  /** Kernel 6.14 comes here too; later kernels look where the CPU stands before they choose an area. */
  allocateSlots(goal: number): number[] {
    this.host.call("scan_swap_map_slots");
    const slots: number[] = [];
    while (slots.length < goal) {
      const slot = this.allocate(0);
      if (slot === none) break;
      slots.push(slot);
    }
    return slots;
  }

  allocateLarge(order: number): number {
    this.host.call("scan_swap_map_slots");
    const slot = this.allocate(order);
    return slot === none ? -1 : slot;
  }

  abstract runOn(cpu: number): void;

  abstract cursors(): Cursors[];

  /** One CPU's cursors: by order the slot of this area to go on from, `none` when a cluster is to be chosen anew. */
  protected byOrder(slotOf: (order: number) => number): Cursors {
    const slots = Array.from({ length: this.pmdOrder + 1 }, (_, order) => slotOf(order));
    return Object.fromEntries(slots.map((slot, order) => [orderCursorName(order), slot === none ? "none" : slot]));
  }

  abstract release(slot: number, count: number): void;

  /** Goes over so many full clusters and tries to free what only the cache holds. Kernel: swap_reclaim_full_clusters. */
  abstract reclaimFull(clustersToScan: number): void;

  /** First slot of an aligned run of 2^order slots, or `none`. */
  protected abstract allocate(order: number): number;

  /** Tries to free what only the cache holds in one cluster. */
  protected reclaimCluster({ start }: Cluster): void {
    const { area } = this;
    const bytes = area.map.subarray(start, start + area.clusterSlots);
    for (let at = bytes.indexOf(slotByte.hasCache); at !== -1; at = bytes.indexOf(slotByte.hasCache, at)) {
      at += Math.max(1, Math.abs(this.host.reclaimForAllocator(area, start + at)));
    }
  }
}
