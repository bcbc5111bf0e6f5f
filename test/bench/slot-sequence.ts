import type { Allocator, AllocatorHost } from "../../src/model/allocator.ts";
import type { Generation } from "../../src/model/features.ts";
import { FreeListAllocator } from "../../src/model/free-list-allocator.ts";
import { x86_64 } from "../../src/model/geometry.ts";
import { OrderListAllocator } from "../../src/model/order-list-allocator.ts";
import { slotByte } from "../../src/model/slot-byte.ts";
import { storeRun, SwapArea } from "../../src/model/swap-area.ts";

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
  private readonly order: number;

  constructor({ features }: Generation, areaSlots: number, order: number) {
    const config = { swapType: 0, slotCount: areaSlots, synchronous: false, rotating: false, priority: -2, scanStarts: [] };
    this.area = new SwapArea(config, x86_64, features);
    this.order = order;
    const host = quietHost(this.area);
    this.allocator =
      features.allocator === "free-list" ? new FreeListAllocator(this.area, host, x86_64, 1, []) : new OrderListAllocator(this.area, host, x86_64, 1);
  }

  playRound(): void {
    const all = this.fill([]);
    this.empty(all);
    const again = this.fill([]);
    this.empty(again.filter((_, index) => index % 2 === 1));
    const kept = again.filter((_, index) => index % 2 === 0);
    this.empty(this.fill(kept));
  }

  /** Allocates until nothing is left; the slots go behind those in `taken`. */
  private fill(taken: number[]): number[] {
    for (;;) {
      const slots = this.allocate();
      if (slots.length === 0) return taken;
      for (const slot of slots) {
        storeRun(this.area.map, slot, 1 << this.order, mapped);
        this.checksum = (Math.imul(this.checksum, 31) + slot) >>> 0;
        taken.push(slot);
      }
      this.slotCount += slots.length << this.order;
    }
  }

  private allocate(): number[] {
    if (this.order === 0) return this.area.available ? this.allocator.allocateSlots(batchSlots) : [];
    const slot = this.allocator.allocateLarge(this.order);
    return slot === -1 ? [] : [slot];
  }

  private empty(taken: readonly number[]): void {
    for (const slot of taken) this.allocator.release(slot, 1 << this.order);
    this.slotCount += taken.length << this.order;
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
