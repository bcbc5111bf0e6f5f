import { type Allocator, type AllocatorHost, none } from "../../src/model/allocator.ts";
import { CpuCursors } from "../../src/model/cpu-cursors.ts";
import type { Features } from "../../src/model/features.ts";
import { FreeListAllocator } from "../../src/model/free-list-allocator.ts";
import { x86_64 } from "../../src/model/geometry.ts";
import { OrderListAllocator } from "../../src/model/order-list-allocator.ts";
import * as slotByte from "../../src/model/slot-byte.ts";
import { IsolatedListAllocator } from "../../src/model/isolated-list-allocator.ts";
import { SwapArea } from "../../src/model/swap-area.ts";

/** Slots that the swap core asks for at once, to fill a CPU's cache. */
const batchSlots = 64;
const mapped = slotByte.hasCache | 1;

/**
 * A fixed sequence of allocations and releases on the allocator alone: the area is filled and emptied; filled again, every
 * second run given back, the holes filled, and everything given back. order-lists.c plays the same.
 */
export class SlotSequence {
  /** Slots allocated and freed so far. */
  slotCount = 0;
  /** Over every slot that was handed out, in order; 32 bits, with a sign. */
  private sum = 0;
  private readonly area: SwapArea;
  private readonly allocator: Allocator;
  /** The same one, where it works on one run at a time. */
  private readonly isolated: IsolatedListAllocator | null;
  private readonly inBatches: boolean;
  private readonly order: number;
  private readonly cpu = new CpuCursors(x86_64.pmdOrder);
  /** First slots of the runs that are out, in the order in which they were handed out. */
  private readonly taken: Int32Array;

  constructor(features: Features, areaSlots: number, order: number) {
    const config = { swapType: 0, slotCount: areaSlots, synchronous: false, rotating: false, priority: -2, scanStarts: [] };
    this.area = new SwapArea(config, x86_64, features);
    this.order = order;
    this.taken = new Int32Array(areaSlots >> order);
    const host = new QuietHost(this.area);
    this.isolated = features.allocator === "isolated-lists" ? new IsolatedListAllocator(this.area, host, x86_64, [this.cpu], features) : null;
    this.inBatches = this.isolated === null && order === 0;
    this.allocator =
      this.isolated ??
      (features.allocator === "free-list"
        ? new FreeListAllocator(this.area, host, x86_64, features, 1, [])
        : new OrderListAllocator(this.area, host, x86_64, 1));
  }

  /** Over every slot that was handed out, in order. */
  get checksum(): number {
    return this.sum >>> 0;
  }

  playRound(): void {
    this.empty(this.fill(0));
    const count = this.fill(0);
    this.empty(this.fill(this.freeEverySecond(count)));
  }

  /**
   * Allocates until nothing is left, or about `most` are out; they go behind the first `count` in `taken`. Returns how
   * many there are then.
   */
  fill(count: number, most = Infinity): number {
    const total = this.inBatches ? this.fillByBatches(count, most) : this.fillByRuns(count, most);
    this.slotCount += (total - count) * 2 ** this.order;
    return total;
  }

  private fillByRuns(from: number, most: number): number {
    const { area, taken, order } = this;
    let count = from;
    while (count < most && area.available) {
      const slot = this.isolated === null ? this.allocator.allocateLarge(order) : this.allocateIsolated(this.isolated);
      if (slot <= none) break;
      taken[count++] = slot;
      this.map(slot, 1 << order);
    }
    return count;
  }

  /** Until 6.14 base pages come by the batch. */
  private fillByBatches(from: number, most: number): number {
    const { area, taken } = this;
    let count = from;
    while (count < most && area.available) {
      const slots = this.allocator.allocateSlots(batchSlots);
      if (slots.length === 0) break;
      for (const slot of slots) {
        taken[count++] = slot;
        this.map(slot, 1);
      }
    }
    return count;
  }

  /** What was handed out is mapped, and counted in. */
  private map(slot: number, count: number): void {
    this.area.fillSlots(slot, count, mapped);
    this.sum = (Math.imul(this.sum, 31) + slot) | 0;
  }

  /** Kernel 6.15 on: first where the CPU stands. */
  private allocateIsolated(allocator: IsolatedListAllocator): number {
    const next = this.cpu.areaFor(this.order) === null ? none : allocator.allocateNext(this.order);
    return next === none ? allocator.allocate(this.order) : next;
  }

  /** Gives back what is out, the first `from` in `taken` excepted. */
  empty(count: number, from = 0): void {
    for (let i = from; i < count; i++) this.allocator.release(this.taken[i]!, 1 << this.order);
    this.slotCount += (count - from) * 2 ** this.order;
  }

  /** Returns how many are left, which then come first in `taken`. */
  private freeEverySecond(count: number): number {
    let kept = 0;
    for (let i = 0; i < count; i++) {
      if (i % 2 === 0) this.taken[kept++] = this.taken[i]!;
      else this.allocator.release(this.taken[i]!, 1 << this.order);
    }
    this.slotCount += (count - kept) * 2 ** this.order;
    return kept;
  }
}

/** A swap core that has nothing to reclaim. A class, as the swap core is one: the engine then knows what it calls. */
class QuietHost implements AllocatorHost {
  private readonly area: SwapArea;

  constructor(area: SwapArea) {
    this.area = area;
  }

  swapFull(): boolean {
    const { usablePages, inusePages } = this.area;
    return (usablePages - inusePages) * 2 < usablePages;
  }

  reclaimForAllocator(): number {
    return 0;
  }

  areaRanFull(): void {}

  call(): void {}

  becameRandom(why: string): void {
    throw new Error(why);
  }
}
