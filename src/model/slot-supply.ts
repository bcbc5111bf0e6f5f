import { type Allocator, type AllocatorHost, none } from "./allocator.ts";
import { AvailableAreas } from "./available-areas.ts";
import { BeyondModel } from "./beyond-model.ts";
import { ClusterAllocator } from "./cluster-allocator.ts";
import { CpuCursors } from "./cpu-cursors.ts";
import { entryOffset, entryType, makeEntry } from "./entry.ts";
import type { Features } from "./features.ts";
import { type Folio, noEntry } from "./folio.ts";
import { FreeListAllocator } from "./free-list-allocator.ts";
import type { Geometry } from "./geometry.ts";
import { IsolatedListAllocator } from "./isolated-list-allocator.ts";
import type { KernelNames } from "./kernel-names.ts";
import { LinearScanAllocator } from "./linear-scan-allocator.ts";
import type { Meter } from "./meter.ts";
import { OrderListAllocator } from "./order-list-allocator.ts";
import * as slotByte from "./slot-byte.ts";
import { SlotsCache } from "./slots-cache.ts";
import { SwapArea, type AreaConfig } from "./swap-area.ts";
import { SwapPriorities } from "./swap-priorities.ts";

/** What swapon is told of an area. */
export interface SwapOnConfig extends Omit<AreaConfig, "swapType" | "priority"> {
  /** Null to let the kernel choose. */
  readonly priority: number | null;
  /** The disk belongs to the node that the CPU is on. */
  readonly ownNode: boolean;
}

/** The areas, and how slots of one or another of them are handed out: whose turn it is, which CPU asks, what is free. */
export abstract class SlotSupply implements AllocatorHost {
  readonly features: Features;
  readonly geometry: Geometry;
  readonly meter: Meter;
  readonly areas: (SwapArea | null)[] = [];
  /** Calls of this step inside one source file of the kernel, which a compiler may have inlined, by function. */
  readonly inlinable = new Map<string, number>();
  /** What the model had to assume on the way, in the order it came up. */
  readonly assumptions = new Set<string>();

  /** Kernel: nr_swap_pages and total_swap_pages. */
  freePages = 0;
  totalPages = 0;
  readonly slotsCache: SlotsCache;

  readonly cpuCount: number;
  /** The CPU that runs. */
  private cpu = 0;
  private readonly allocators: (Allocator | null)[] = [];
  private readonly available = new AvailableAreas();
  private readonly priorities: SwapPriorities;
  private readonly cpuCursors: readonly CpuCursors[];
  /** An area ran full and its worker was woken (6.12), and how many slots of it were then held by nothing but the cache. */
  private reclaimPending: { readonly area: SwapArea; readonly passing: number } | null = null;

  constructor(features: Features, geometry: Geometry, meter: Meter, cpuCount: number) {
    this.features = features;
    this.geometry = geometry;
    this.meter = meter;
    this.priorities = new SwapPriorities(features);
    this.cpuCount = cpuCount;
    this.cpuCursors = Array.from({ length: cpuCount }, () => new CpuCursors(geometry.pmdOrder));
    const host = {
      freeSlotCount: () => Math.max(0, this.freePages),
      getSlots: (goal: number) => this.getSwapPages(goal, 0),
      freeEntries: (entries: readonly number[]) => this.freeEntries(entries),
    };
    this.slotsCache = new SlotsCache(host, cpuCount);
  }

  /** What follows happens on this CPU. */
  runOn(cpu: number): void {
    this.cpu = cpu;
    this.slotsCache.runOn(cpu);
    for (const allocator of this.allocators) allocator?.runOn(cpu);
  }

  // ---- areas

  /** The area gets the lowest swap type that is not in use. Kernel: alloc_swap_info. */
  swapOn({ priority, ownNode, ...config }: SwapOnConfig): SwapArea {
    const gap = this.areas.indexOf(null);
    const swapType = gap === -1 ? this.areas.length : gap;
    const chosen = this.priorities.next(priority, ownNode);
    const area = new SwapArea({ ...config, swapType, priority: chosen.priority }, this.geometry, this.features);
    this.areas[swapType] = area;
    const allocator = this.makeAllocator(area, config.scanStarts);
    allocator.runOn(this.cpu);
    this.allocators[swapType] = allocator;
    area.open(this.available, chosen.rank);
    this.freePages += area.usablePages;
    this.totalPages += area.usablePages;
    this.slotsCache.enabled = true;
    return area;
  }

  private makeAllocator(area: SwapArea, scanStarts: readonly number[]): Allocator {
    if (!area.hasClusters) return new LinearScanAllocator(area, this, this.features);
    switch (this.features.allocator) {
      case "free-list":
        return new FreeListAllocator(area, this, this.geometry, this.features, this.cpuCount, scanStarts);
      case "order-lists":
        return new OrderListAllocator(area, this, this.geometry, this.cpuCount);
      case "isolated-lists":
        return new IsolatedListAllocator(area, this, this.geometry, this.cpuCursors, this.features);
    }
  }

  /** First half of swapoff: nothing more is handed out and the slots cache is emptied. Kernel 6.1, 6.12 swapoff. */
  closeArea(area: SwapArea): void {
    area.close();
    this.priorities.giveUp(area, this.openAreas().filter((other) => other !== area));
    this.freePages -= area.usablePages;
    this.totalPages -= area.usablePages;
    this.slotsCache.enabled = false;
    this.slotsCache.drain();
  }

  /** Second half: the area is empty and goes away. */
  removeArea(area: SwapArea): void {
    if (area.inusePages !== 0) throw new Error(`${area.inusePages} slots still in use at the end of swapoff`);
    for (const cursors of this.cpuCursors) cursors.forget(area);
    this.areas[area.swapType] = null;
    this.allocators[area.swapType] = null;
    this.slotsCache.enabled = this.areas.some((other) => other !== null);
  }

  openAreas(): SwapArea[] {
    return this.areas.filter((area) => area !== null);
  }

  areaOf(entry: number): SwapArea {
    const area = this.areas[entryType(entry)];
    if (area == null) throw new Error(`swap type ${entryType(entry)} has no area`);
    return area;
  }

  allocatorOf(area: SwapArea): Allocator {
    return this.allocators[area.swapType]!;
  }

  protected get names(): KernelNames {
    return this.features.names;
  }

  // ---- what allocators ask

  abstract reclaimForAllocator(area: SwapArea, slot: number): number;

  /** Slots that leave a slots cache go back to their clusters. */
  protected abstract freeEntries(entries: readonly number[]): void;

  call(name: string, times = 1): void {
    this.meter.call(name, times);
  }

  mayBeInlined(name: string, times: number): void {
    if (this.meter.calls.has(name)) this.inlinable.set(name, (this.inlinable.get(name) ?? 0) + times);
  }

  /** Some area that is switched on rotates. Kernel: nr_rotate_swap. */
  get anyAreaRotates(): boolean {
    return this.areas.some((area) => area?.rotating === true);
  }

  get hasSwap(): boolean {
    return this.totalPages > 0;
  }

  swapFull(): boolean {
    return this.freePages * 2 < this.totalPages;
  }

  becameRandom(why: string): void {
    throw new BeyondModel(why);
  }

  areaRanFull(area: SwapArea): void {
    if (!this.swapFull()) return;
    let passing = 0;
    for (let slot = 1; slot < area.slotCount; slot++) if (area.map[slot] === slotByte.hasCache) passing++;
    this.reclaimPending = { area, passing: passing + (this.reclaimPending?.passing ?? 0) };
  }

  /**
   * Kernel 6.12 swap_reclaim_work: after an area ran full a worker goes over its full clusters. The model runs it when
   * the step is over, for the agent pages out as a real-time process, which the worker does not preempt. Should the call
   * sleep, it runs before and also tries slots that are handed out and not mapped yet, in vain: gives back how many those
   * may be. Null when there was nothing to run.
   */
  runReclaimWorker(): number | null {
    const pending = this.reclaimPending;
    this.reclaimPending = null;
    if (pending === null || this.areas[pending.area.swapType] !== pending.area) return null;
    const { area, passing } = pending;
    const allocator = this.allocatorOf(area);
    if (!(allocator instanceof ClusterAllocator)) return null;
    this.meter.call("swap_reclaim_full_clusters");
    this.assumptions.add("the worker that reclaims full clusters runs after the step in which the area ran full");
    allocator.reclaimFull(Math.floor(area.inusePages / area.clusterSlots));
    return passing;
  }

  // ---- allocation

  /** A run of slots for `folio`, or `noEntry`. Kernel: folio_alloc_swap. */
  allocateFor(folio: Folio): number {
    this.meter.call("folio_alloc_swap");
    if (this.features.slotsCache === "none") return this.allocateRun(folio.order);
    if (folio.order > 0) {
      return this.getSwapPages(1, folio.order)[0] ?? noEntry;
    }
    const cached = this.slotsCache.take();
    if (cached !== -1) return cached;
    return this.getSwapPages(1, 0)[0] ?? noEntry;
  }

  /**
   * Entries of one area, whichever has some: up to `goal` single slots, or one run for a large folio.
   * Kernel 6.1, 6.12 get_swap_pages: what is asked for is taken off the free count first, so that the half-full test
   * already sees it; what was not found is added back. Every request goes to the next of the areas that are equals. When
   * that has nothing for a large folio, no other is asked.
   */
  private getSwapPages(goal: number, order: number): number[] {
    this.meter.call("get_swap_pages");
    const size = 1 << order;
    const affordable = Math.floor(this.freePages / size);
    if (affordable <= 0) return [];
    const wanted = Math.min(goal, 64, affordable);
    this.freePages -= wanted * size;
    let entries: number[] = [];
    for (const area of this.areasInTurn()) {
      const allocator = this.allocatorOf(area);
      if (order > 0) {
        const slot = allocator.allocateLarge(order);
        entries = slot === -1 ? [] : [makeEntry(area.swapType, slot)];
        break;
      }
      entries = allocator.allocateSlots(wanted).map((slot) => makeEntry(area.swapType, slot));
      if (entries.length > 0) break;
    }
    this.freePages += (wanted - entries.length) * size;
    if (this.features.slotOrders !== undefined) {
      for (const entry of entries) this.areaOf(entry).slotOrders?.noteHandedOut(entryOffset(entry), order);
    }
    return entries;
  }

  /**
   * A run of slots, where the CPU stands or in a cluster chosen anew; only then does the turn pass to the next of the areas
   * that are equals. Kernel 6.17, 7.3 swap_alloc_fast and swap_alloc_slow.
   */
  private allocateRun(order: number): number {
    const current = this.cpuCursors[this.cpu]!.areaFor(order);
    if (current !== null) {
      const slot = this.isolatedAllocatorOf(current).allocateNext(order);
      if (slot !== none) return this.handOut(current, slot, order);
    }
    for (const area of this.areasInTurn()) {
      const slot = this.isolatedAllocatorOf(area).allocate(order);
      if (slot !== none) return this.handOut(area, slot, order);
      if (order > 0) break;
    }
    return noEntry;
  }

  private handOut(area: SwapArea, slot: number, order: number): number {
    this.freePages -= 1 << order;
    return makeEntry(area.swapType, slot);
  }

  private isolatedAllocatorOf(area: SwapArea): IsolatedListAllocator {
    const allocator = this.allocatorOf(area);
    if (!(allocator instanceof IsolatedListAllocator)) throw new Error("only allocators that isolate clusters share the CPU's cursors");
    return allocator;
  }

  /** Equals that have room and do not find it would be asked for ever; the kernel waits for somebody to free slots. */
  private *areasInTurn(): Generator<SwapArea> {
    let asked = 0;
    for (const area of this.available.inTurn()) {
      if (asked++ > 2 * this.areas.length) throw new BeyondModel("areas of equal priority have free slots that the kernel looks for in vain, again and again");
      yield area;
    }
  }
}
