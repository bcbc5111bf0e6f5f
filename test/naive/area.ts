import type { Features } from "../../src/model/features.ts";

/**
 * One swap area as plain objects, written to be obviously right and not to be fast: nothing is counted that can be looked
 * up, a list is an array, and where a cluster stands is which array it is in.
 */

export interface NaiveFolio {
  /** The number that the fast model gave it. */
  readonly id: number;
  readonly order: number;
  /** Its first slot while it is in the swap cache. */
  place: { readonly area: NaiveArea; readonly slot: number } | null;
  mapCount: number;
}

export const pagesOf = (folio: NaiveFolio): number => 2 ** folio.order;

export interface NaiveSlot {
  /** References from page tables, however many. */
  count: number;
  /** Shared memory owns it and does not count. */
  shared: boolean;
  /** Held by the swap cache, a slots cache, or by being on its way to one of them. */
  held: boolean;
  folio: NaiveFolio | null;
  /** Stands for zeroes that were never written. */
  zero: boolean;
  readonly bad: boolean;
}

export type ListName = "free" | "full" | `nonfull ${number}` | `frag ${number}`;

export interface NaiveCluster {
  readonly index: number;
  readonly firstSlot: number;
  readonly slots: readonly NaiveSlot[];
  order: number;
  huge: boolean;
}

export const isUsed = (slot: NaiveSlot): boolean => slot.bad || slot.held || slot.shared || slot.count > 0;
export const isReferenced = (slot: NaiveSlot): boolean => slot.shared || slot.count > 0;
/** Nobody refers to it, but the cache, or a slots cache, holds it. */
export const isOnlyHeld = (slot: NaiveSlot): boolean => slot.held && !isReferenced(slot);

export class NaiveArea {
  readonly type: number;
  readonly slots: NaiveSlot[];
  /** Empty on a rotating device of the older kernels. */
  readonly clusters: NaiveCluster[] = [];
  readonly lists = new Map<ListName, NaiveCluster[]>();
  readonly clusterSlots: number;
  readonly rotating: boolean;
  rank: number;
  priority: number;
  lowest = 1;
  highest: number;

  constructor(type: number, slotCount: number, pmdOrder: number, rotating: boolean, features: Features) {
    this.type = type;
    this.rotating = rotating;
    this.rank = 0;
    this.priority = 0;
    this.clusterSlots = 2 ** pmdOrder;
    this.highest = slotCount - 1;
    this.slots = Array.from({ length: slotCount }, (_, slot) => ({ count: 0, shared: false, held: false, folio: null, zero: false, bad: slot === 0 }));
    if (rotating && !features.clustersOnRotating) return;
    for (let first = 0; first < slotCount; first += this.clusterSlots) {
      this.clusters.push({ index: this.clusters.length, firstSlot: first, slots: this.slots.slice(first, first + this.clusterSlots), order: 0, huge: false });
    }
    // Column by column over rows of so many clusters.
    for (let column = 0; column < features.freeListColumnCount; column++) {
      for (const cluster of this.clusters.filter(({ index }) => index % features.freeListColumnCount === column)) {
        if (this.isEmpty(cluster)) this.list("free").push(cluster);
        else if (features.allocator !== "free-list") this.list("nonfull 0").push(cluster);
      }
    }
  }

  list(name: ListName): NaiveCluster[] {
    let list = this.lists.get(name);
    if (list === undefined) this.lists.set(name, (list = []));
    return list;
  }

  listOf(cluster: NaiveCluster): ListName | null {
    for (const [name, clusters] of this.lists) if (clusters.includes(cluster)) return name;
    return null;
  }

  takeOffList(cluster: NaiveCluster): void {
    const name = this.listOf(cluster);
    if (name === null) return;
    const list = this.list(name);
    list.splice(list.indexOf(cluster), 1);
  }

  moveTo(name: ListName, cluster: NaiveCluster): void {
    this.takeOffList(cluster);
    this.list(name).push(cluster);
  }

  clusterAt(slot: number): NaiveCluster {
    return this.clusters[Math.floor(slot / this.clusterSlots)]!;
  }

  /** Slots past the end of the area can never be used either. */
  usedIn(cluster: NaiveCluster): number {
    return cluster.slots.filter(isUsed).length + this.clusterSlots - cluster.slots.length;
  }

  isEmpty(cluster: NaiveCluster): boolean {
    return this.usedIn(cluster) === 0;
  }

  isFull(cluster: NaiveCluster): boolean {
    return this.usedIn(cluster) === this.clusterSlots;
  }

  get usable(): number {
    return this.slots.length - 1;
  }

  get inUse(): number {
    return this.slots.filter(isUsed).length - 1;
  }

  run(slot: number, count: number): NaiveSlot[] {
    return this.slots.slice(slot, slot + count);
  }

  /** Slots are handed out. True when the area is full now. */
  take(slot: number, count: number): boolean {
    for (const one of this.run(slot, count)) one.held = true;
    if (slot === this.lowest) this.lowest += count;
    if (slot + count - 1 === this.highest) this.highest -= count;
    if (!this.slots.every(isUsed)) return false;
    this.lowest = this.slots.length;
    this.highest = 0;
    return true;
  }

  /** Slots are given back. True when the area was full before. */
  give(slot: number, count: number): boolean {
    for (const one of this.run(slot, count)) one.held = one.zero = false;
    const last = slot + count - 1;
    const wasFull = this.highest === 0 && last > 0;
    if (slot < this.lowest) this.lowest = slot;
    if (last > this.highest) this.highest = last;
    return wasFull;
  }
}
