import type { Features } from "../../src/model/features.ts";
import { isOnlyHeld, isUsed, type ListName, type NaiveArea, type NaiveCluster } from "./area.ts";

/** What the allocators ask of the core. */
export interface NaiveHost {
  readonly features: Features;
  readonly pmdOrder: number;
  swapFull(): boolean;
  /** What the kernel's __try_to_reclaim_swap returns. */
  reclaim(area: NaiveArea, slot: number): number;
  take(area: NaiveArea, slot: number, count: number): void;
}

export interface NaiveAllocator {
  runOn(cpu: number): void;
  slots(goal: number): number[];
  large(order: number): number | null;
  /** The slots are free already; the clusters have yet to move. */
  freed(slot: number): void;
  /** Of each CPU, or of all. */
  cursors(): unknown[];
}

const isFreeRun = (area: NaiveArea, slot: number, count: number): boolean => area.run(slot, count).every((one) => !isUsed(one));
const latencyLimit = 256;

/** Kernel 6.1, 6.12 scan_swap_map_slots, from its labels: where to begin, where to go on, and whether a cluster may be entered differ. */
interface ScanWays {
  begin(scan: Scan): "checks" | "scan";
  goOn(scan: Scan): boolean;
  /** Null: it may be taken. */
  forbidden(scan: Scan): "done" | "scan" | null;
  taken(slot: number): void;
}

class Scan {
  offset: number;
  base: number;
  latency = latencyLimit;
  scannedMany = false;
  readonly found: number[] = [];

  constructor(start: number) {
    this.offset = start;
    this.base = start;
  }
}

function scanSwapMap(area: NaiveArea, host: NaiveHost, goal: number, start: number, ways: ScanWays): { found: number[]; next: number | null } {
  const scan = new Scan(start);
  let label: string = ways.begin(scan);
  for (;;) {
    if (label === "no page") return { found: scan.found, next: null };
    if (label === "done") return { found: scan.found, next: scan.offset + 1 };
    label = label === "scan" ? scanOn(area, host, scan) : checks(area, host, scan, goal, ways);
  }
}

function checks(area: NaiveArea, host: NaiveHost, scan: Scan, goal: number, ways: ScanWays): string {
  const forbidden = ways.forbidden(scan);
  if (forbidden !== null) return forbidden;
  if (area.highest === 0) return "no page";
  if (scan.offset > area.highest) scan.offset = scan.base = area.lowest;
  const slot = area.slots[scan.offset]!;
  if (isOnlyHeld(slot) && host.swapFull()) return host.reclaim(area, scan.offset) > 0 ? "checks" : "scan";
  if (isUsed(slot)) return scan.found.length > 0 ? "done" : "scan";
  ways.taken(scan.offset);
  scan.found.push(scan.offset);
  if (scan.found.length === goal || scan.offset >= area.highest) return "done";
  scan.latency--;
  if (scan.latency < 0) return "done";
  if (ways.goOn(scan)) return "checks";
  if (scan.scannedMany) return "done";
  const limit = scan.offset < scan.base ? scan.base : area.highest;
  while (scan.offset <= limit) {
    scan.latency--;
    if (scan.latency <= 0) break;
    const here = area.slots[scan.offset];
    if (here !== undefined && !isUsed(here)) return "checks";
    scan.offset++;
  }
  return "done";
}

function scanOn(area: NaiveArea, host: NaiveHost, scan: Scan): string {
  const tire = (): void => {
    scan.latency--;
    if (scan.latency >= 0) return;
    scan.latency = latencyLimit;
    scan.scannedMany = true;
  };
  const usable = (): boolean => {
    const slot = area.slots[scan.offset]!;
    return !isUsed(slot) || (isOnlyHeld(slot) && host.swapFull());
  };
  for (scan.offset++; scan.offset <= area.highest; scan.offset++) {
    tire();
    if (usable()) return "checks";
  }
  for (scan.offset = area.lowest; scan.offset < scan.base; scan.offset++) {
    tire();
    if (usable()) return "checks";
  }
  return "no page";
}

/** 6.1 to 6.11: a list of free clusters, and a scan when that is used up. */
export class NaiveFreeList implements NaiveAllocator {
  private readonly area: NaiveArea;
  private readonly host: NaiveHost;
  /** By CPU and order the cluster that is being filled and the slot to look at next. */
  private readonly own: ({ cluster: NaiveCluster; next: number } | null)[][];
  private readonly scanStarts: number[];
  private cpu = 0;

  constructor(area: NaiveArea, host: NaiveHost, scanStarts: readonly number[]) {
    this.area = area;
    this.host = host;
    this.scanStarts = [...scanStarts];
    this.own = scanStarts.map(() => new Array<null>(host.pmdOrder + 1).fill(null));
  }

  runOn(cpu: number): void {
    this.cpu = cpu;
  }

  cursors(): unknown[] {
    const orders = this.host.features.cursorPerOrder ? this.host.pmdOrder + 1 : 1;
    return this.own.map((own, cpu) => ({ own: own.slice(0, orders).map((place) => place?.next ?? 0), scanStart: this.scanStarts[cpu] }));
  }

  slots(goal: number): number[] {
    const tryOwn = (scan: Scan): boolean => {
      const slot = this.nextInOwn(0);
      if (slot === null) return false;
      scan.offset = scan.base = slot;
      return true;
    };
    const { found, next } = scanSwapMap(this.area, this.host, goal, this.scanStarts[this.cpu]!, {
      begin: (scan) => (tryOwn(scan) ? "checks" : "scan"),
      goOn: tryOwn,
      forbidden: (scan) => {
        while (this.conflicts(scan.offset, 0)) {
          if (scan.found.length > 0) return "done";
          if (!tryOwn(scan)) return "scan";
        }
        return null;
      },
      taken: (slot) => this.take(slot, 1),
    });
    if (next !== null) this.scanStarts[this.cpu] = next;
    return found;
  }

  large(order: number): number | null {
    if (this.host.features.cursorPerOrder) {
      for (;;) {
        const slot = this.nextInOwn(order);
        if (slot === null) return null;
        if (this.conflicts(slot, order)) continue;
        this.take(slot, 2 ** order);
        return slot;
      }
    }
    const [cluster] = this.area.list("free");
    if (order !== this.host.pmdOrder || cluster === undefined) return null;
    cluster.huge = true;
    this.take(cluster.firstSlot, this.area.clusterSlots);
    return cluster.firstSlot;
  }

  private take(slot: number, count: number): void {
    const cluster = this.area.clusterAt(slot);
    this.area.takeOffList(cluster);
    this.host.take(this.area, slot, count);
  }

  private conflicts(slot: number, order: number): boolean {
    const free = this.area.list("free");
    const cluster = this.area.clusterAt(slot);
    if (!free.includes(cluster) || cluster === free[0]) return false;
    this.own[this.cpu]![order] = null;
    return true;
  }

  private nextInOwn(order: number): number | null {
    const own = this.own[this.cpu]!;
    const size = 2 ** order;
    for (;;) {
      const [head] = this.area.list("free");
      const place = own[order] ?? (head === undefined ? null : { cluster: head, next: head.firstSlot });
      if (place === null) return null;
      const end = place.cluster.firstSlot + place.cluster.slots.length;
      for (let slot = place.next; slot < end; slot += size) {
        if (!isFreeRun(this.area, slot, size)) continue;
        const usedUp = slot + size >= end;
        own[order] = usedUp && this.host.features.cursorPerOrder ? null : { cluster: place.cluster, next: slot + size };
        return slot;
      }
      own[order] = null;
    }
  }

  freed(slot: number): void {
    const cluster = this.area.clusterAt(slot);
    if (!this.area.isEmpty(cluster)) return;
    cluster.huge = false;
    this.area.moveTo("free", cluster);
  }
}

/** 6.1 to 6.13 on a device that rotates. */
export class NaiveLinear implements NaiveAllocator {
  private readonly area: NaiveArea;
  private readonly host: NaiveHost;
  private next = 1;
  private left = 0;

  constructor(area: NaiveArea, host: NaiveHost) {
    this.area = area;
    this.host = host;
  }

  runOn(): void {}
  freed(): void {}
  large(): null {
    return null;
  }

  cursors(): unknown[] {
    return [{ next: this.next, left: this.left }];
  }

  slots(goal: number): number[] {
    const { area } = this;
    const { found, next } = scanSwapMap(area, this.host, goal, this.next, {
      begin: (scan) => {
        if (this.left > 0) {
          this.left--;
          return "checks";
        }
        this.left = area.clusterSlots - 1;
        if (area.usable - area.inUse >= area.clusterSlots) this.findRun(scan);
        return "checks";
      },
      goOn: (scan) => {
        if (this.left === 0) return false;
        scan.offset++;
        const slot = area.slots[scan.offset];
        if (slot === undefined || isUsed(slot)) return false;
        this.left--;
        return true;
      },
      forbidden: () => null,
      taken: (slot) => this.host.take(area, slot, 1),
    });
    if (next !== null) this.next = next;
    return found;
  }

  /** The first whole run of free slots, not past the highest free one; every slot passed costs some of the patience. */
  private findRun(scan: Scan): void {
    const { area } = this;
    const { lowest, highest, clusterSlots } = area;
    const tire = (): void => {
      scan.latency--;
      if (scan.latency < 0) scan.latency = latencyLimit;
    };
    scan.offset = scan.base = lowest;
    let inARow = 0;
    for (let slot = lowest; ; slot++) {
      // It gives up where no whole run can follow.
      if (slot - inARow + clusterSlots - 1 > highest) return;
      if (isUsed(area.slots[slot]!)) {
        inARow = 0;
      } else {
        inARow++;
        if (inARow === clusterSlots) {
          this.next = scan.offset = slot - clusterSlots + 1;
          return;
        }
      }
      tire();
    }
  }
}

/** 6.12 and 6.13: clusters by order. */
/** Single slots where each is a request of its own. */
function oneByOne(allocator: NaiveAllocator, goal: number): number[] {
  const found: number[] = [];
  while (found.length < goal) {
    const slot = allocator.large(0);
    if (slot === null) break;
    found.push(slot);
  }
  return found;
}

export class NaiveOrderLists implements NaiveAllocator {
  private readonly area: NaiveArea;
  private readonly host: NaiveHost;
  private readonly next: number[][];
  private cpu = 0;

  constructor(area: NaiveArea, host: NaiveHost, cpuCount: number) {
    this.area = area;
    this.host = host;
    this.next = Array.from({ length: cpuCount }, () => new Array<number>(host.pmdOrder + 1).fill(0));
  }

  runOn(cpu: number): void {
    this.cpu = cpu;
  }

  cursors(): unknown[] {
    return this.next;
  }

  slots(goal: number): number[] {
    return oneByOne(this, goal);
  }

  large(order: number): number | null {
    const { found, next } = this.search(order);
    this.next[this.cpu]![order] = next;
    return found;
  }

  private search(order: number): Look {
    const { area, host } = this;
    const cursor = this.next[this.cpu]![order]!;
    let look = nothing;
    if (cursor !== 0) look = this.lookFrom(cursor, order);
    if (look.found !== null) return look;
    const [free] = area.list("free");
    if (free !== undefined) return this.lookFrom(free.firstSlot, order);
    if (host.swapFull()) reclaimFullClusters(area, host, 1);
    if (order < host.pmdOrder) {
      const looked = new Set<NaiveCluster>();
      while (look.found === null && area.list(`nonfull ${order}`).length > 0) {
        const cluster = area.list(`nonfull ${order}`)[0]!;
        area.moveTo(`frag ${order}`, cluster);
        looked.add(cluster);
        look = this.lookFrom(cluster.firstSlot, order);
      }
      // As many more as there are others.
      for (let tries = looked.size; look.found === null && tries < area.list(`frag ${order}`).length; tries++) {
        const cluster = area.list(`frag ${order}`)[0]!;
        area.moveTo(`frag ${order}`, cluster);
        look = this.lookFrom(cluster.firstSlot, order);
      }
    }
    if (look.found !== null || order > 0) return look;
    for (let other = 1; other <= host.pmdOrder; other++) {
      for (const name of [`frag ${other}`, `nonfull ${other}`] as const) {
        while (area.list(name).length > 0) {
          look = this.lookFrom(area.list(name)[0]!.firstSlot, 0);
          if (look.found !== null) return look;
        }
      }
    }
    return look;
  }

  private lookFrom(from: number, order: number): Look {
    const { area, host } = this;
    const cluster = area.clusterAt(from);
    const size = 2 ** order;
    if (area.usedIn(cluster) + size > area.clusterSlots) return nothing;
    const end = cluster.firstSlot + cluster.slots.length;
    for (let slot = from; slot + size <= end; slot += size) {
      if (!this.canBeHad(slot, size)) continue;
      const wasFree = area.listOf(cluster) === "free";
      host.take(area, slot, size);
      if (wasFree) {
        cluster.order = order;
        area.moveTo(`nonfull ${order}`, cluster);
      }
      if (area.isFull(cluster)) area.moveTo("full", cluster);
      return { found: slot, next: area.isFull(cluster) || slot + 2 * size > end ? 0 : slot + size };
    }
    return nothing;
  }

  private canBeHad(slot: number, size: number): boolean {
    const run = this.area.run(slot, size);
    if (run.every((one) => !isUsed(one))) return true;
    if (!this.host.swapFull() || !run.every((one) => !isUsed(one) || isOnlyHeld(one))) return false;
    for (const [index, one] of run.entries()) {
      if (!isUsed(one)) continue;
      if (!isOnlyHeld(one) || this.host.reclaim(this.area, slot + index) <= 0) break;
    }
    return run.every((one) => !isUsed(one));
  }

  freed(slot: number): void {
    const { area } = this;
    const cluster = area.clusterAt(slot);
    if (area.isEmpty(cluster)) {
      area.moveTo("free", cluster);
      cluster.order = 0;
    } else if (!isNonfull(area.listOf(cluster))) {
      area.moveTo(`nonfull ${cluster.order}`, cluster);
    }
  }
}

interface Look {
  readonly found: number | null;
  readonly next: number;
}

const nothing: Look = { found: null, next: 0 };
const isNonfull = (name: ListName | null): boolean => name?.startsWith("nonfull") === true;
const isFrag = (name: ListName | null): boolean => name?.startsWith("frag") === true;

function reclaimCluster(area: NaiveArea, host: NaiveHost, cluster: NaiveCluster): void {
  for (let index = 0; index < cluster.slots.length; ) {
    const result = isOnlyHeld(cluster.slots[index]!) ? host.reclaim(area, cluster.firstSlot + index) : 0;
    index += Math.max(1, Math.abs(result));
  }
}

export function reclaimFullClusters(area: NaiveArea, host: NaiveHost, most: number, isolated = false): void {
  for (let done = 0; area.list("full").length > 0 && (done === 0 || done < most); done++) {
    const cluster = area.list("full")[0]!;
    if (isolated) area.takeOffList(cluster);
    else area.moveTo("full", cluster);
    reclaimCluster(area, host, cluster);
    if (isolated && area.listOf(cluster) === null) relocate(area, cluster);
  }
}

/** Kernel 6.17, 7.3 relocate_cluster. */
function relocate(area: NaiveArea, cluster: NaiveCluster): void {
  const name = area.listOf(cluster);
  if (area.isEmpty(cluster)) {
    if (name === "free") return;
    area.moveTo("free", cluster);
    cluster.order = 0;
  } else if (area.isFull(cluster)) {
    if (name !== "full") area.moveTo("full", cluster);
  } else if (!isFrag(name)) {
    area.moveTo(`frag ${cluster.order}`, cluster);
  }
}

/** Where a CPU goes on, by order. */
export type NaiveCursor = { area: NaiveArea | null; slot: number };
export const noCursors = (pmdOrder: number): NaiveCursor[] => Array.from({ length: pmdOrder + 1 }, () => ({ area: null, slot: 0 }));

/** 6.14 on: a cluster is off its list while it is looked into. */
export class NaiveIsolated implements NaiveAllocator {
  private readonly area: NaiveArea;
  private readonly host: NaiveHost;
  private readonly cpus: readonly NaiveCursor[][];
  private readonly ownCursors: boolean;
  private cpu = 0;

  constructor(area: NaiveArea, host: NaiveHost, cpus: readonly NaiveCursor[][]) {
    this.area = area;
    this.host = host;
    this.ownCursors = area.rotating || host.features.slotsCache !== "none";
    const shared = noCursors(host.pmdOrder);
    this.cpus = this.ownCursors ? cpus.map(() => (area.rotating ? shared : noCursors(host.pmdOrder))) : cpus;
  }

  runOn(cpu: number): void {
    this.cpu = cpu;
  }

  cursors(): unknown[] {
    return this.cpus.map((cursors) => cursors.map(({ area, slot }) => (area === this.area ? slot : 0)));
  }

  private cursor(order: number): NaiveCursor {
    return this.cpus[this.cpu]![order]!;
  }

  slots(goal: number): number[] {
    return oneByOne(this, goal);
  }

  /** Where the CPU stands, which is in this area. */
  goOn(order: number): number | null {
    const { area } = this;
    const { slot } = this.cursor(order);
    const cluster = area.clusterAt(slot);
    if (!this.mayUse(cluster, order)) return null;
    return this.scan(cluster, area.isEmpty(cluster) ? cluster.firstSlot : slot, order);
  }

  private mayUse(cluster: NaiveCluster, order: number): boolean {
    const name = this.area.listOf(cluster);
    if (name === "full") return false;
    if (name === "free" && this.host.features.swapCacheIndex === "tables") return false;
    return order === 0 || cluster.order === order || this.area.isEmpty(cluster);
  }

  large(order: number): number | null {
    const cursor = this.cursor(order);
    if (this.ownCursors && cursor.area === this.area && cursor.slot !== 0) {
      const slot = this.goOn(order);
      if (slot !== null) return slot;
    }
    const slot = this.host.features.holesFirst ? this.holesFirst(order) : this.freeFirst(order);
    if (slot !== null || order > 0) return slot;
    for (let other = 1; other <= this.host.pmdOrder; other++) {
      const stolen = this.scanAll(`frag ${other}`, 0, Infinity).found ?? this.scanAll(`nonfull ${other}`, 0, Infinity).found;
      if (stolen !== null) return stolen;
    }
    return null;
  }

  private holesFirst(order: number): number | null {
    const listed = order < this.host.pmdOrder;
    const hole = listed ? this.scanAll(`nonfull ${order}`, order, Infinity).found : null;
    const slot = hole ?? this.scanFree(order);
    if (slot !== null) return slot;
    this.reclaim();
    return listed ? this.scanAll(`frag ${order}`, order, 1).found : null;
  }

  private freeFirst(order: number): number | null {
    const free = this.scanFree(order);
    if (free !== null) return free;
    this.reclaim();
    if (order >= this.host.pmdOrder) return null;
    const { found, looked } = this.scanAll(`nonfull ${order}`, order, Infinity);
    if (found !== null) return found;
    return this.scanAll(`frag ${order}`, order, this.area.list(`frag ${order}`).length - looked).found;
  }

  private reclaim(): void {
    if (this.host.swapFull()) reclaimFullClusters(this.area, this.host, 1, true);
  }

  private scanFree(order: number): number | null {
    const [cluster] = this.area.list("free");
    if (cluster === undefined) return null;
    this.area.takeOffList(cluster);
    return this.scan(cluster, cluster.firstSlot, order);
  }

  private scanAll(name: ListName, order: number, most: number): { found: number | null; looked: number } {
    let looked = 0;
    for (; looked < most && this.area.list(name).length > 0; looked++) {
      const cluster = this.area.list(name)[0]!;
      this.area.takeOffList(cluster);
      const found = this.scan(cluster, cluster.firstSlot, order);
      if (found !== null) return { found, looked };
    }
    return { found: null, looked };
  }

  private scan(cluster: NaiveCluster, from: number, order: number): number | null {
    const { area, host } = this;
    const size = 2 ** order;
    const end = cluster.firstSlot + cluster.slots.length;
    let found: number | null = null;
    if (area.usedIn(cluster) + size <= area.clusterSlots) {
      for (let slot = from; slot + size <= end; slot += size) {
        const run = area.run(slot, size);
        if (run.some((one) => isUsed(one) && !(isOnlyHeld(one) && host.swapFull()))) continue;
        if (run.some(isUsed)) {
          this.reclaimRun(slot, size);
          if (!this.mayUse(cluster, order)) break;
          if (area.isEmpty(cluster)) slot = cluster.firstSlot;
          else if (run.some(isUsed)) continue;
        }
        if (area.isEmpty(cluster)) cluster.order = order;
        host.take(area, slot, size);
        found = slot;
        break;
      }
    }
    const goesOnUntil = host.features.entriesPastEnd ? cluster.firstSlot + area.clusterSlots : end;
    const more = found !== null && !area.isFull(cluster) && found + 2 * size <= goesOnUntil;
    relocate(area, cluster);
    const cursor = this.cursor(order);
    cursor.area = area;
    cursor.slot = more ? found! + size : 0;
    return found;
  }

  private reclaimRun(slot: number, size: number): void {
    for (let s = slot; s < slot + size; s++) {
      const one = this.area.slots[s]!;
      if (!isUsed(one)) continue;
      if (!isOnlyHeld(one) || this.host.reclaim(this.area, s) < 0) return;
    }
  }

  freed(slot: number): void {
    const { area } = this;
    const cluster = area.clusterAt(slot);
    if (area.isEmpty(cluster)) {
      area.moveTo("free", cluster);
      cluster.order = 0;
    } else if (!isNonfull(area.listOf(cluster))) {
      area.moveTo(`nonfull ${cluster.order}`, cluster);
    }
  }
}
