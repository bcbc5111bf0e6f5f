import type { AvailableAreas } from "./available-areas.ts";
import { ClusterLinks, ClusterList } from "./cluster-list.ts";
import type { Features } from "./features.ts";
import { clusterSlotCount, type Geometry } from "./geometry.ts";
import { slotByte } from "./slot-byte.ts";
import { ContinuedCounts, ExtendedCounts, type LargeCounts } from "./slot-counts.ts";
import { makeSlotOrders, type SlotOrders } from "./slot-orders.ts";

/** Where a cluster stands, as its flags say. `none`: on no list; `discard`: it is empty and waits to be discarded. */
export const clusterState = { none: 0, free: 1, nonfull: 2, frag: 3, full: 4, discard: 5 } as const;

export interface AreaConfig {
  readonly swapType: number;
  /** Slots from 0 to the end of the area, the header slot included. */
  readonly slotCount: number;
  /** I/O completes before it returns: brd and zram. */
  readonly synchronous: boolean;
  /** The kernel takes the device for one that rotates. Kernel: no SWP_SOLIDSTATE. */
  readonly rotating: boolean;
  readonly priority: number;
  /** By CPU the slot at which its first scan starts; empty when they are not known. */
  readonly scanStarts: readonly number[];
}

/**
 * One swap area: its slots, its clusters, their lists.
 * The swap cache is part of it: per cluster a table of the folios that occupy its slots, made on first use.
 */
export class SwapArea {
  readonly swapType: number;
  readonly slotCount: number;
  readonly synchronous: boolean;
  readonly rotating: boolean;
  /** Without clusters what is said of them below stays empty (features.clustersOnRotating). */
  readonly hasClusters: boolean;
  /** Changes, as `rank` does, when an area of a higher automatic priority is switched off. */
  priority: number;
  /** Areas of a higher rank are asked before others, those of equal rank in turn: the priority, where nothing else decides. */
  rank: number;
  readonly clusterSlots: number;
  /** log2 of `clusterSlots`. */
  readonly clusterShift: number;
  readonly clusterCount: number;
  /** Slots that can be handed out: all but the header. */
  readonly usablePages: number;

  readonly map: Uint8Array;
  readonly largeCounts: LargeCounts;
  /** The same bytes, four slots an element: runs of large folios are aligned, and most work is on runs. */
  private readonly mapWords: Int32Array;
  /** Slots in use per cluster; slots past the end of the area count as used. */
  readonly used: Uint16Array;
  readonly state: Uint8Array;
  /** Order of the allocations a cluster serves; meaningful while it is not empty. */
  readonly order: Uint8Array;
  /** 1 while one PMD folio owns the cluster (features.hugeClusterFlag). */
  readonly huge: Uint8Array;

  readonly free: ClusterList;
  readonly full: ClusterList;
  readonly nonfull: readonly ClusterList[];
  readonly frag: readonly ClusterList[];
  /** Clusters on each frag list. */
  readonly fragCount: Uint32Array;

  inusePages = 0;
  lowestSlot = 1;
  highestSlot: number;
  /** False while every slot is taken: the area is then not asked. */
  available = true;
  /** The list on which it waits to be asked; null while it is off. */
  private waiting: AvailableAreas | null = null;

  /** One bit a slot, lowest first: zeroes that were never written (features.zeroMap). */
  readonly zeroBits: Uint8Array;
  /** Some slot was marked at some time: until then there is nothing to unmark. */
  private everZero = false;
  /** What the slots tell of the folios they were handed out for (features.slotOrders). */
  readonly slotOrders: SlotOrders | null;
  /** Slots whose content is in zswap and not on the device. */
  readonly inZswap = new Set<number>();
  private readonly links: ClusterLinks;
  private readonly cacheTables: (Int32Array | null)[];

  constructor(config: AreaConfig, geometry: Geometry, features: Features) {
    this.swapType = config.swapType;
    this.slotCount = config.slotCount;
    this.synchronous = config.synchronous;
    this.rotating = config.rotating;
    this.hasClusters = !config.rotating || features.clustersOnRotating;
    this.priority = config.priority;
    this.rank = config.priority;
    this.clusterSlots = clusterSlotCount(geometry);
    this.clusterShift = geometry.pmdOrder;
    this.clusterCount = Math.ceil(config.slotCount / this.clusterSlots);
    this.usablePages = config.slotCount - 1;
    this.highestSlot = config.slotCount - 1;

    this.mapWords = new Int32Array(Math.ceil(config.slotCount / wordSlots));
    this.map = new Uint8Array(this.mapWords.buffer, 0, config.slotCount);
    this.largeCounts = features.largeCounts === "extend-table" ? new ExtendedCounts(this.map, this.clusterSlots) : new ContinuedCounts(this.map, geometry);
    this.used = new Uint16Array(this.clusterCount);
    this.state = new Uint8Array(this.clusterCount);
    this.order = new Uint8Array(this.clusterCount);
    this.huge = new Uint8Array(this.clusterCount);
    this.zeroBits = new Uint8Array((config.slotCount + 7) >> 3);
    this.cacheTables = new Array<Int32Array | null>(this.clusterCount).fill(null);

    this.slotOrders = features.slotOrders === undefined ? null : makeSlotOrders(features.slotOrders, this);

    this.links = new ClusterLinks(this.clusterCount);
    const makeList = (): ClusterList => new ClusterList(this.links);
    this.free = makeList();
    this.full = makeList();
    this.nonfull = Array.from({ length: geometry.pmdOrder + 1 }, makeList);
    this.frag = Array.from({ length: geometry.pmdOrder + 1 }, makeList);
    this.fragCount = new Uint32Array(geometry.pmdOrder + 1);

    this.map[0] = slotByte.bad;
    if (!this.hasClusters) return;
    this.used[0] = 1;
    const pastEnd = this.clusterCount * this.clusterSlots - config.slotCount;
    this.used[this.clusterCount - 1]! += pastEnd;
    this.layOutLists(features);
  }

  /**
   * Kernel 6.1, 6.12 swapon: the lists are filled column by column over rows of 32 clusters, always from column 0.
   * Clusters with unusable slots (the first one, a cut last one) are never on the free list; 6.12 puts them on the
   * nonfull list of order 0 in the same pass, 6.1 leaves them to the scan. 6.18 on: the same in plain order.
   */
  private layOutLists(features: Features): void {
    const columns = features.freeListColumnCount;
    const rows = Math.ceil(this.clusterCount / columns);
    for (let column = 0; column < columns; column++) {
      for (let row = 0; row < rows; row++) {
        const cluster = row * columns + column;
        if (cluster >= this.clusterCount) continue;
        if (this.used[cluster] === 0) {
          this.state[cluster] = clusterState.free;
          this.free.moveToTail(cluster);
        } else if (features.allocator !== "free-list") {
          this.state[cluster] = clusterState.nonfull;
          this.nonfull[0]!.moveToTail(cluster);
        }
      }
    }
  }

  /** From now on the area is asked for slots, in its turn. */
  open(waiting: AvailableAreas, rank: number): void {
    this.rank = rank;
    this.waiting = waiting;
    waiting.add(this);
  }

  /** It is not asked any more, also when slots become free. */
  close(): void {
    this.waiting?.remove(this);
    this.waiting = null;
  }

  takeOffList(cluster: number): void {
    this.links.list[cluster]?.remove(cluster);
  }

  clusterOf(slot: number): number {
    return slot >> this.clusterShift;
  }

  /** Puts one byte into the map for `count` slots. */
  fillSlots(slot: number, count: number, byte: number): void {
    if (count === 1) this.map[slot] = byte;
    else this.fillRun(slot, count, byte);
  }

  private fillRun(slot: number, count: number, byte: number): void {
    if (count > longRun || ((slot | count) & (wordSlots - 1)) !== 0) {
      this.map.fill(byte, slot, slot + count);
      return;
    }
    const { mapWords } = this;
    const word = Math.imul(byte, 0x01010101);
    const end = (slot + count) >> wordShift;
    for (let index = slot >> wordShift; index < end; index++) mapWords[index] = word;
  }

  /** Whether all of `count` slots are free. */
  areFree(slot: number, count: number): boolean {
    return count === 1 ? this.map[slot] === slotByte.free : this.isFreeRun(slot, count);
  }

  private isFreeRun(slot: number, count: number): boolean {
    const { map, mapWords } = this;
    if (((slot | count) & (wordSlots - 1)) === 0) {
      const end = (slot + count) >> wordShift;
      for (let index = slot >> wordShift; index < end; index++) if (mapWords[index] !== 0) return false;
      return true;
    }
    for (let s = slot; s < slot + count; s++) if (map[s] !== slotByte.free) return false;
    return true;
  }

  /** Kernel 6.1, 6.12 swap_range_alloc: the bounds move in only when a slot at their very edge is taken. */
  noteAllocated(slot: number, count: number): void {
    if (slot === this.lowestSlot) this.lowestSlot += count;
    if (slot + count - 1 === this.highestSlot) this.highestSlot -= count;
    this.inusePages += count;
    if (this.inusePages === this.usablePages) {
      this.lowestSlot = this.slotCount;
      this.highestSlot = 0;
      this.available = false;
      this.waiting?.remove(this);
    }
  }

  /** Kernel 6.1, 6.12 swap_range_free: the bounds move out; a full area becomes available again. */
  noteFreed(slot: number, count: number): void {
    const last = slot + count - 1;
    if (slot < this.lowestSlot) this.lowestSlot = slot;
    if (last > this.highestSlot) {
      if (this.highestSlot === 0) {
        this.available = true;
        this.waiting?.add(this);
      }
      this.highestSlot = last;
    }
    this.inusePages -= count;
    if (this.everZero) this.setZero(slot, count, false);
    if (this.inZswap.size > 0) for (let s = slot; s < slot + count; s++) this.inZswap.delete(s);
  }

  /** Id of the folio that the swap cache holds for `slot`, -1 for none. */
  cached(slot: number): number {
    const table = this.cacheTables[this.clusterOf(slot)];
    return table == null ? -1 : table[slot & (this.clusterSlots - 1)]!;
  }

  /** Enters folio `id` for `count` slots from `slot`, or removes what is there when `id` is -1. */
  setCached(slot: number, count: number, id: number): void {
    const cluster = this.clusterOf(slot);
    const table = (this.cacheTables[cluster] ??= new Int32Array(this.clusterSlots).fill(-1));
    const start = slot & (this.clusterSlots - 1);
    if (count === 1) table[start] = id;
    else table.fill(id, start, start + count);
  }

  isZero(slot: number): boolean {
    return (this.zeroBits[slot >> 3]! & (1 << (slot & 7))) !== 0;
  }

  setZero(slot: number, count: number, zero: boolean): void {
    const end = slot + count;
    if (zero) this.everZero = true;
    for (let s = slot; s < end; ) {
      const isWholeByte = (s & 7) === 0 && s + 8 <= end;
      const bits = isWholeByte ? 0xff : 1 << (s & 7);
      if (zero) this.zeroBits[s >> 3]! |= bits;
      else this.zeroBits[s >> 3]! &= ~bits;
      s += isWholeByte ? 8 : 1;
    }
  }
}

/** Slots in one element of the map's words. */
const wordSlots = Int32Array.BYTES_PER_ELEMENT;
const wordShift = 2;
/** Longer runs are left to the engine: a call into it costs as much as storing a few dozen elements. */
const longRun = 256;
