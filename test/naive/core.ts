import type { Features } from "../../src/model/features.ts";
import { isOnlyHeld, isReferenced, NaiveArea, type NaiveFolio, type NaiveSlot, pagesOf } from "./area.ts";
import {
  type NaiveAllocator,
  type NaiveCursor,
  NaiveFreeList,
  type NaiveHost,
  NaiveIsolated,
  NaiveLinear,
  NaiveOrderLists,
  noCursors,
  reclaimFullClusters,
} from "./allocators.ts";

export interface Place {
  readonly area: NaiveArea;
  readonly slot: number;
}

interface CpuSlots {
  ready: Place[];
  returned: Place[];
}

const batch = 64;

/** The swap core a second time, from objects and arrays, to hold the fast one against. What it does not do is measure. */
export class NaiveCore implements NaiveHost {
  readonly features: Features;
  readonly pmdOrder: number;
  readonly areas: (NaiveArea | null)[] = [];
  readonly allocators = new Map<NaiveArea, NaiveAllocator>();
  /** Slots that are not promised to anybody, and all of them. */
  freeSlots = 0;
  totalSlots = 0;
  readonly cpuSlots: readonly CpuSlots[];
  slotsCacheActive = false;
  private slotsCacheEnabled = false;
  /** Areas with room, in the order in which they are asked. */
  private waiting: NaiveArea[] = [];
  private readonly cursors: readonly NaiveCursor[][];
  private cpu = 0;
  private lowestPriority = -1;
  private reclaimPending: NaiveArea | null = null;
  /** What __try_to_reclaim_swap returned, since somebody last looked. */
  returned: number[] = [];

  constructor(features: Features, pmdOrder: number, cpuCount: number) {
    this.features = features;
    this.pmdOrder = pmdOrder;
    this.cpuSlots = Array.from({ length: cpuCount }, () => ({ ready: [], returned: [] }));
    this.cursors = Array.from({ length: cpuCount }, () => noCursors(pmdOrder));
  }

  runOn(cpu: number): void {
    this.cpu = cpu;
    for (const allocator of this.allocators.values()) allocator.runOn(cpu);
  }

  // ---- areas

  swapOn({ slotCount, rotating, priority, ownNode, scanStarts }: { slotCount: number; rotating: boolean; priority: number | null; ownNode: boolean; scanStarts: readonly number[] }): void {
    const type = this.areas.includes(null) ? this.areas.indexOf(null) : this.areas.length;
    const area = new NaiveArea(type, slotCount, this.pmdOrder, rotating, this.features);
    if (priority !== null) area.priority = area.rank = priority;
    else if (this.features.automaticPriorities === "equal") area.priority = area.rank = -1;
    else {
      this.lowestPriority--;
      area.priority = this.lowestPriority;
      area.rank = ownNode ? -1 : this.lowestPriority;
    }
    this.areas[type] = area;
    const allocator = this.makeAllocator(area, scanStarts);
    allocator.runOn(this.cpu);
    this.allocators.set(area, allocator);
    this.queue(area);
    this.freeSlots += area.usable;
    this.totalSlots += area.usable;
    this.slotsCacheEnabled = true;
  }

  private makeAllocator(area: NaiveArea, scanStarts: readonly number[]): NaiveAllocator {
    if (area.clusters.length === 0) return new NaiveLinear(area, this);
    const { allocator } = this.features;
    if (allocator === "free-list") return new NaiveFreeList(area, this, scanStarts);
    return allocator === "order-lists" ? new NaiveOrderLists(area, this, this.cpuSlots.length) : new NaiveIsolated(area, this, this.cursors);
  }

  closeArea(area: NaiveArea): void {
    this.waiting = this.waiting.filter((other) => other !== area);
    this.closed.add(area);
    if (this.features.automaticPriorities === "descending" && area.priority < 0) {
      this.lowestPriority++;
      for (const other of this.areas) {
        if (other === null || other.priority >= area.priority) continue;
        other.priority++;
        if (other.rank !== -1) other.rank++;
      }
    }
    this.freeSlots -= area.usable;
    this.totalSlots -= area.usable;
    this.slotsCacheEnabled = false;
    this.drain();
  }

  private readonly closed = new Set<NaiveArea>();

  removeArea(area: NaiveArea): void {
    for (const cursors of this.cursors) for (const cursor of cursors) if (cursor.area === area) cursor.area = null;
    this.areas[area.type] = null;
    this.allocators.delete(area);
    this.slotsCacheEnabled = this.areas.some((other) => other !== null);
  }

  private queue(area: NaiveArea): void {
    const ahead = this.waiting.filter(({ rank }) => rank >= area.rank);
    const behind = this.waiting.filter(({ rank }) => rank < area.rank);
    this.waiting = [...ahead, area, ...behind];
  }

  /** Asks areas one after the other until `ask` is content. */
  private askInTurn(ask: (area: NaiveArea) => boolean): void {
    let [area] = this.waiting;
    while (area !== undefined) {
      const asked: NaiveArea = area;
      const next: NaiveArea | undefined = this.waiting[this.waiting.indexOf(asked) + 1];
      this.waiting = this.waiting.filter((other) => other !== asked);
      this.queue(asked);
      if (ask(asked)) return;
      area = next === undefined || this.waiting.includes(next) ? next : this.waiting[0];
    }
  }

  // ---- allocation

  swapFull(): boolean {
    return this.freeSlots < this.totalSlots / 2;
  }

  take(area: NaiveArea, slot: number, count: number): void {
    if (!area.take(slot, count)) return;
    this.waiting = this.waiting.filter((other) => other !== area);
    // Without clusters, and until 6.11, there is no worker to wake.
    if (area.clusters.length > 0 && this.features.allocator !== "free-list" && this.swapFull()) this.reclaimPending = area;
  }

  addToSwap(folio: NaiveFolio): boolean {
    const place = this.allocate(folio.order);
    if (place === null) return false;
    this.enterCache(folio, place);
    return true;
  }

  addShared(folio: NaiveFolio): boolean {
    if (!this.addToSwap(folio)) return false;
    const { area, slot } = folio.place!;
    for (const one of area.run(slot, pagesOf(folio))) {
      if (this.features.cacheBit) one.shared = true;
      else one.count++;
    }
    return true;
  }

  private allocate(order: number): Place | null {
    if (this.features.slotsCache === "none") return this.allocateWhereCpuStands(order);
    if (order > 0) return this.getSlots(1, order)[0] ?? null;
    return this.takeReady() ?? this.getSlots(1, 0)[0] ?? null;
  }

  private allocateWhereCpuStands(order: number): Place | null {
    let found: Place | null = null;
    const { area: current, slot: at } = this.cursors[this.cpu]![order]!;
    if (current !== null && at !== 0) found = placeOf(current, this.isolated(current).goOn(order));
    if (found === null) {
      this.askInTurn((area) => {
        found = placeOf(area, this.isolated(area).large(order));
        return found !== null || order > 0;
      });
    }
    if (found !== null) this.freeSlots -= 2 ** order;
    return found;
  }

  private isolated(area: NaiveArea): NaiveIsolated {
    return this.allocators.get(area) as NaiveIsolated;
  }

  /** What is asked for is promised first. */
  private getSlots(goal: number, order: number): Place[] {
    const size = 2 ** order;
    const wanted = Math.min(goal, batch, Math.max(0, Math.floor(this.freeSlots / size)));
    if (wanted === 0) return [];
    this.freeSlots -= wanted * size;
    let found: Place[] = [];
    this.askInTurn((area) => {
      const allocator = this.allocators.get(area)!;
      if (order > 0) {
        const slot = allocator.large(order);
        if (slot !== null) found = [{ area, slot }];
        return true;
      }
      found = allocator.slots(wanted).map((slot) => ({ area, slot }));
      return found.length > 0;
    });
    this.freeSlots += (wanted - found.length) * size;
    return found;
  }

  // ---- the slots cache

  private takeReady(): Place | null {
    if (!this.slotsCacheEnabled) return null;
    const free = Math.max(0, this.freeSlots);
    const cpus = this.cpuSlots.length;
    if (this.slotsCacheActive && free < 2 * batch * cpus) {
      this.slotsCacheActive = false;
      this.drain();
    } else if (!this.slotsCacheActive) this.slotsCacheActive = free > 5 * batch * cpus;
    if (!this.slotsCacheActive) return null;
    const own = this.cpuSlots[this.cpu]!;
    if (own.ready.length === 0) own.ready = this.getSlots(batch, 0);
    return own.ready.shift() ?? null;
  }

  private drain(): void {
    for (const cpu of this.cpuSlots) {
      const places = [...cpu.ready, ...cpu.returned];
      cpu.ready = [];
      cpu.returned = [];
      for (const { area, slot } of places) this.free(area, slot, 1);
    }
  }

  /** One slot that nobody refers to and nothing caches. */
  private freeOne(area: NaiveArea, slot: number): void {
    if (this.features.slotsCache !== "both-ways" || !this.slotsCacheActive || !this.slotsCacheEnabled) {
      this.free(area, slot, 1);
      return;
    }
    const own = this.cpuSlots[this.cpu]!;
    if (own.returned.length === batch) {
      const places = own.returned;
      for (const place of places) this.free(place.area, place.slot, 1);
      own.returned = [];
    }
    own.returned.push({ area, slot });
  }

  private free(area: NaiveArea, slot: number, count: number): void {
    const wasFull = area.give(slot, count);
    if (wasFull && !this.closed.has(area)) this.queue(area);
    if (area.clusters.length > 0) this.allocators.get(area)!.freed(slot);
    this.freeSlots += count;
  }

  // ---- the swap cache

  private enterCache(folio: NaiveFolio, place: Place): void {
    folio.place = place;
    for (const slot of place.area.run(place.slot, pagesOf(folio))) {
      slot.held = true;
      slot.folio = folio;
    }
  }

  /** A swap-in brings a folio for slots that somebody refers to and that are not cached. */
  bring(folio: NaiveFolio, place: Place): boolean {
    if (!isReferenced(place.area.slots[place.slot]!)) return false;
    this.enterCache(folio, place);
    return true;
  }

  /** A swap-in without the cache holds the slots while it reads, and lets go of them when it is done. */
  hold({ area, slot }: Place, count: number): void {
    for (const one of area.run(slot, count)) one.held = true;
  }

  unhold({ area, slot }: Place, count: number): void {
    if (this.features.freesAlike === "each-cluster") this.letGo(area, slot, count);
    else for (let s = slot; s < slot + count; s++) this.letGo(area, s, 1);
  }

  get cachedPages(): number {
    return this.areas.reduce((sum, area) => sum + (area?.slots.filter(({ folio }) => folio !== null).length ?? 0), 0);
  }

  /** The cache lets go of a folio; slots that nobody refers to are given back. */
  evict(folio: NaiveFolio): void {
    const { area, slot } = folio.place!;
    const size = pagesOf(folio);
    for (const one of area.run(slot, size)) one.folio = null;
    folio.place = null;
    if (this.features.hugeClusterFlag && size === area.clusterSlots) area.clusterAt(slot).huge = false;
    this.letGo(area, slot, size);
  }

  private letGo(area: NaiveArea, slot: number, size: number): void {
    const run = area.run(slot, size);
    const together = this.features.freesAlike === "whole-cluster" ? size === area.clusterSlots : size > 1;
    if (together && run.every(isOnlyHeld)) {
      this.free(area, slot, size);
      return;
    }
    for (const [index, one] of run.entries()) {
      if (isReferenced(one)) one.held = false;
      else this.freeOne(area, slot + index);
    }
  }

  freeSwapOf(folio: NaiveFolio): boolean {
    if (folio.place === null || this.anyReferenced(folio)) return false;
    this.evict(folio);
    return true;
  }

  private anyReferenced(folio: NaiveFolio): boolean {
    const { area, slot } = folio.place!;
    if (folio.order > 0 && this.features.hugeClusterFlag) return this.clusterReferenced(area, slot);
    return area.run(slot, pagesOf(folio)).some(isReferenced);
  }

  /** Of a cluster that a PMD folio owns any slot counts, of another only this one. */
  private clusterReferenced(area: NaiveArea, slot: number): boolean {
    const cluster = area.clusters.length === 0 ? null : area.clusterAt(slot);
    return cluster?.huge === true ? cluster.slots.some(isReferenced) : isReferenced(area.slots[slot]!);
  }

  split(folio: NaiveFolio, parts: readonly NaiveFolio[]): void {
    const { area, slot } = folio.place!;
    folio.place = null;
    for (const [index, part] of parts.entries()) this.enterCache(part, { area, slot: slot + index });
    if (this.features.hugeClusterFlag) area.clusterAt(slot).huge = false;
  }

  reclaim(area: NaiveArea, slot: number): number {
    return this.tryToReclaim(area, slot, true);
  }

  private tryToReclaim(area: NaiveArea, slot: number, anyway: boolean): number {
    const result = this.reclaimResult(area, slot, anyway);
    this.returned.push(result);
    return result;
  }

  private reclaimResult(area: NaiveArea, slot: number, anyway: boolean): number {
    const { folio } = area.slots[slot]!;
    if (folio === null) return 0;
    const size = pagesOf(folio);
    const wanted = anyway || folio.mapCount === 0 || this.swapFull();
    const { freesAlike, batchedFree, directReclaim } = this.features;
    if (freesAlike === "whole-cluster") {
      const freed = wanted && this.freeSwapOf(folio);
      if (batchedFree) return freed ? size : -size;
      return freed ? 1 : 0;
    }
    const first = folio.place!.slot;
    const run = area.run(first, size);
    if (!wanted || !run.every(isOnlyHeld)) return -size;
    if (anyway && directReclaim) {
      for (const one of run) one.folio = null;
      folio.place = null;
      this.free(area, first, size);
    } else {
      this.evict(folio);
    }
    return size;
  }

  runReclaimWorker(): boolean {
    const area = this.reclaimPending;
    this.reclaimPending = null;
    if (area === null || !this.areas.includes(area)) return false;
    reclaimFullClusters(area, this, Math.floor(area.inUse / area.clusterSlots), this.features.allocator === "isolated-lists");
    return true;
  }

  // ---- counts

  duplicate({ area, slot }: Place): void {
    area.slots[slot]!.count++;
  }

  /** One reference less. What is left of the slot: nothing, only the cache, or more. */
  private dropOne(area: NaiveArea, slot: number): "nothing" | "cache" | "more" {
    const one = area.slots[slot]!;
    if (one.shared) one.shared = false;
    else one.count--;
    if (isReferenced(one)) return "more";
    if (one.held) return "cache";
    one.held = true;
    this.freeOne(area, slot);
    return "nothing";
  }

  /** A fault has what it wanted. */
  drop({ area, slot }: Place, count: number): void {
    if (this.features.freesAlike !== "each-cluster") for (let s = slot; s < slot + count; s++) this.dropOne(area, s);
    else for (const [start, size] of parts(area, slot, count)) this.dropRun(area, start, size);
  }

  /** Entries leave a page table for good. */
  unmap({ area, slot }: Place, count: number): void {
    if (!this.features.batchedFree) for (let s = slot; s < slot + count; s++) this.unmapOne(area, s);
    else if (this.features.cacheBit) this.unmapRun(area, slot, count);
    else for (const [start, size] of parts(area, slot, count)) this.unmapInCluster(area, start, size);
  }

  private unmapOne(area: NaiveArea, slot: number): void {
    if (this.dropOne(area, slot) === "cache" && !this.clusterReferenced(area, slot)) this.tryToReclaim(area, slot, false);
  }

  private unmapRun(area: NaiveArea, slot: number, count: number): void {
    const runs = this.features.freesAlike === "each-cluster" ? parts(area, slot, count) : [[slot, count] as const];
    const onlyCache = runs.map(([start, size]) => this.dropRun(area, start, size));
    if (!onlyCache.includes(true)) return;
    for (let s = slot; s < slot + count; ) {
      const size = isOnlyHeld(area.slots[s]!) ? Math.max(1, Math.abs(this.tryToReclaim(area, s, false))) : 1;
      s = nextMultiple(s, size);
    }
  }

  /** True when some slot is left to the cache alone. */
  private dropRun(area: NaiveArea, slot: number, count: number): boolean {
    const run = area.run(slot, count);
    const [first] = run;
    const inside = Math.floor(slot / area.clusterSlots) === Math.floor((slot + count - 1) / area.clusterSlots);
    const isLast = ({ count, shared }: NaiveSlot): boolean => (first!.shared ? shared && this.features.freesAlike === "each-cluster" : count === 1 && !shared);
    const alike = run.every((one) => isLast(one) && one.held === first!.held);
    if (this.features.freesAlike !== "whole-cluster" && count > 1 && inside && alike) {
      const cached = first!.held;
      for (const one of run) {
        one.count = 0;
        one.shared = false;
        one.held = true;
      }
      if (!cached) this.free(area, slot, count);
      return cached;
    }
    return run.map((_, index) => this.dropOne(area, slot + index)).includes("cache");
  }

  /** 7.0 on: what is not cached is given back in runs; then every place is looked at if a cached slot came free. */
  private unmapInCluster(area: NaiveArea, slot: number, count: number): void {
    let came = false;
    let from: number | null = null;
    const giveRun = (end: number): void => {
      if (from === null) return;
      for (const one of area.run(from, end - from)) one.count = 0;
      this.free(area, from, end - from);
      from = null;
    };
    for (let s = slot; s < slot + count; s++) {
      const one = area.slots[s]!;
      if (one.count === 1 && !one.held) {
        from ??= s;
        continue;
      }
      if (one.count === 1) came = true;
      one.count--;
      giveRun(s);
    }
    giveRun(slot + count);
    if (!came) return;
    for (let s = slot; s < slot + count; ) s = nextMultiple(s, Math.max(1, Math.abs(this.tryToReclaim(area, s, false))));
  }
}

const placeOf = (area: NaiveArea, slot: number | null): Place | null => (slot === null ? null : { area, slot });
const nextMultiple = (slot: number, size: number): number => (Math.floor(slot / size) + 1) * size;

/** A run cut where clusters end. */
function parts(area: NaiveArea, slot: number, count: number): [start: number, size: number][] {
  const cut: [number, number][] = [];
  for (let s = slot; s < slot + count; ) {
    const end = Math.min(slot + count, nextMultiple(s, area.clusterSlots));
    cut.push([s, end - s]);
    s = end;
  }
  return cut;
}

