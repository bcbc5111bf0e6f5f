import { type Allocator, type AllocatorHost, none } from "../../src/model/allocator.ts";
import { CpuCursors } from "../../src/model/cpu-cursors.ts";
import type { Features } from "../../src/model/features.ts";
import { FreeListAllocator } from "../../src/model/free-list-allocator.ts";
import { x86_64 } from "../../src/model/geometry.ts";
import { OrderListAllocator } from "../../src/model/order-list-allocator.ts";
import { slotByte } from "../../src/model/slot-byte.ts";
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
  /** Over every slot that was handed out, in order. */
  checksum = 0;
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
    const host = quietHost(this.area);
    this.isolated = features.allocator === "isolated-lists" ? new IsolatedListAllocator(this.area, host, x86_64, [this.cpu], features) : null;
    this.inBatches = this.isolated === null && order === 0;
    this.allocator =
      this.isolated ??
      (features.allocator === "free-list"
        ? new FreeListAllocator(this.area, host, x86_64, features, 1, [])
        : new OrderListAllocator(this.area, host, x86_64, 1));
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
    const { area, taken, order } = this;
    const before = count;
    let checksum = this.checksum | 0;
    while (count < most && area.available) {
      const first = count;
      count = this.inBatches ? this.takeBatch(count) : this.takeOne(count);
      if (count === first) break;
      for (let i = first; i < count; i++) {
        const slot = taken[i]!;
        area.fillSlots(slot, 1 << order, mapped);
        checksum = (Math.imul(checksum, 31) + slot) | 0;
      }
    }
    this.checksum = checksum >>> 0;
    this.slotCount += (count - before) * 2 ** order;
    return count;
  }

  /** Until 6.14 base pages come by the batch. Returns how many are in `taken` then. */
  private takeBatch(count: number): number {
    for (const slot of this.allocator.allocateSlots(batchSlots)) this.taken[count++] = slot;
    return count;
  }

  /** One run a call. */
  private takeOne(count: number): number {
    const slot = this.isolated === null ? this.allocator.allocateLarge(this.order) : this.allocateIsolated(this.isolated);
    if (slot > none) this.taken[count++] = slot;
    return count;
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

/** A swap core that has nothing to reclaim. */
function quietHost(area: SwapArea): AllocatorHost {
  return {
    swapFull: () => (area.usablePages - area.inusePages) * 2 < area.usablePages,
    reclaimForAllocator: () => 0,
    areaRanFull: () => undefined,
    call: () => undefined,
    becameRandom: (why) => {
      throw new Error(why);
    },
  };
}
