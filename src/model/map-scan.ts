import type { AllocatorHost } from "./allocator.ts";
import * as slotByte from "./slot-byte.ts";
import type { SwapArea } from "./swap-area.ts";

/** Slots looked at before a scan takes a break. Kernel 6.1, 6.12: LATENCY_LIMIT. */
const scanBudget = 256;

/** Where a search goes on after a step. */
export type Next = "check" | "scan" | "done" | "no page";

/**
 * One call for base-page slots, as far as it is the same with and without clusters: looks at a slot, takes it, goes on to a
 * neighbour, and scans the map when the place where it began has nothing.
 * Kernel 6.1, 6.12 scan_swap_map_slots; 6.12 uses it for devices without clusters only.
 */
export abstract class MapScan {
  protected readonly area: SwapArea;
  protected readonly host: AllocatorHost;
  private readonly goal: number;
  protected readonly slots: number[] = [];
  /** Where a wrap-around of the scan ends. */
  protected base: number;
  protected slot: number;
  private budget = scanBudget;
  private scannedMany = false;

  constructor(area: SwapArea, host: AllocatorHost, goal: number, start: number) {
    this.area = area;
    this.host = host;
    this.goal = goal;
    this.base = start;
    this.slot = start;
  }

  /** `endedAt` is the last slot looked at, -1 when the search gave up without remembering a place. */
  run(): { slots: number[]; endedAt: number } {
    let next = this.begin();
    for (;;) {
      if (next === "done") return { slots: this.slots, endedAt: this.slot };
      if (next === "no page") return { slots: this.slots, endedAt: -1 };
      if (next === "scan") next = this.scan() ? "check" : "no page";
      else next = this.check();
    }
  }

  /** Chooses the first slot to look at. */
  protected abstract begin(): Next;
  /** Goes on to a slot near the one just taken; false when there is none where it is looked for. */
  protected abstract goOn(): boolean;
  /** Whether the current slot may be taken, as far as its cluster goes: "check" when it may. */
  protected abstract mayTake(): Next;
  protected abstract take(slot: number): void;

  /** Looks at the current slot and takes it if it is free. */
  private check(): Next {
    const { area } = this;
    const next = this.mayTake();
    if (next !== "check") return next;
    if (area.highestSlot === 0) return "no page";
    if (this.slot > area.highestSlot) {
      this.slot = area.lowestSlot;
      this.base = this.slot;
    }
    // Kernel 6.1, 6.12: when swap is more than half full a slot that only the cache holds may be reclaimed on the way.
    if (area.map[this.slot] === slotByte.hasCache && this.host.swapFull()) {
      return this.host.reclaimForAllocator(area, this.slot) > 0 ? "check" : "scan";
    }
    if (area.map[this.slot] !== slotByte.free) return this.slots.length === 0 ? "scan" : "done";
    this.take(this.slot);
    this.slots.push(this.slot);
    return this.afterTaking();
  }

  private afterTaking(): Next {
    const { area } = this;
    if (this.slots.length === this.goal || this.slot >= area.highestSlot) return "done";
    if (--this.budget < 0) return "done";
    if (this.goOn()) return "check";
    if (this.scannedMany) return "done";
    // Kernel 6.1, 6.12: with the lock still held, walk on a little while the budget lasts.
    const limit = this.slot < this.base ? this.base : area.highestSlot;
    for (; this.slot <= limit && --this.budget > 0; this.slot++) {
      if (area.map[this.slot] === slotByte.free) return "check";
    }
    return "done";
  }

  /**
   * Looks for a usable slot behind the current one, then from the lowest free slot up to the base.
   * Kernel 6.1, 6.12: the offset is stepped before the first look, which leaves one-slot holes between scanned batches.
   */
  protected scan(): boolean {
    const { area } = this;
    while (++this.slot <= area.highestSlot) {
      if (this.spend()) this.scannedMany = true;
      if (this.usable(this.slot)) return true;
    }
    this.slot = area.lowestSlot;
    while (this.slot < this.base) {
      if (this.spend()) this.scannedMany = true;
      if (this.usable(this.slot)) return true;
      this.slot++;
    }
    return false;
  }

  /** One look that the budget pays for; true when it is used up and begins anew. */
  protected spend(): boolean {
    if (--this.budget >= 0) return false;
    this.budget = scanBudget;
    return true;
  }

  private usable(slot: number): boolean {
    const byte = this.area.map[slot];
    return byte === slotByte.free || (byte === slotByte.hasCache && this.host.swapFull());
  }
}
