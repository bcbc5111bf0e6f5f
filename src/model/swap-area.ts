import type { AvailableAreas } from "./available-areas.ts";
import { Cluster, ClusterList, clusterState } from "./cluster.ts";
import type { Features } from "./features.ts";
import { clusterSlotCount, type Geometry } from "./geometry.ts";
import { longRun, wordShift, wordSlots } from "./map-words.ts";
import * as slotByte from "./slot-byte.ts";
import { ContinuedCounts, ExtendedCounts, type LargeCounts } from "./slot-counts.ts";
import { makeSlotOrders, type SlotOrders } from "./slot-orders.ts";

const isFree = (byte: number): boolean => byte === slotByte.free;

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
 * The swap cache is part of it: every cluster has a table of the folios that occupy its slots.
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
  /** The same bytes (map-words.ts). */
  private readonly mapWords: Int32Array;
  readonly clusters: readonly Cluster[];
  readonly free = new ClusterList();
  readonly full = new ClusterList();
  readonly nonfull: readonly ClusterList[];
  readonly frag: readonly ClusterList[];

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
    this.zeroBits = new Uint8Array((config.slotCount + 7) >> 3);

    this.slotOrders = features.slotOrders === undefined ? null : makeSlotOrders(features.slotOrders, this);

    this.clusters = Array.from({ length: this.clusterCount }, (_, index) => this.makeCluster(index));
    this.nonfull = Array.from({ length: geometry.pmdOrder + 1 }, () => new ClusterList());
    this.frag = Array.from({ length: geometry.pmdOrder + 1 }, () => new ClusterList());

    this.map[0] = slotByte.bad;
    if (this.hasClusters) this.layOutLists(features);
  }

  private makeCluster(index: number): Cluster {
    const start = index * this.clusterSlots;
    const end = Math.min(start + this.clusterSlots, this.slotCount);
    const header = index === 0 ? 1 : 0;
    return new Cluster(index, start, end, this.hasClusters ? header + start + this.clusterSlots - end : 0);
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
        const cluster = this.clusters[row * columns + column];
        if (cluster === undefined) continue;
        if (cluster.used === 0) {
          cluster.state = clusterState.free;
          this.free.moveToTail(cluster);
        } else if (features.allocator !== "free-list") {
          cluster.state = clusterState.nonfull;
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

  /** The cluster that `slot` lies in. */
  clusterOf(slot: number): Cluster {
    return this.clusters[slot >> this.clusterShift]!;
  }

  /** Puts one byte into the map for `count` slots. */
  fillSlots(slot: number, count: number, byte: number): void {
    if (count === 1) this.map[slot] = byte;
    else if (count > longRun || ((slot | count) & (wordSlots - 1)) !== 0) this.map.fill(byte, slot, slot + count);
    else this.fillWords(slot >> wordShift, (slot + count) >> wordShift, Math.imul(byte, 0x01010101));
  }

  private fillWords(from: number, end: number, word: number): void {
    const { mapWords } = this;
    for (let index = from; index < end; index++) mapWords[index] = word;
  }

  /** Whether all of `count` slots are free. */
  areFree(slot: number, count: number): boolean {
    if (count === 1) return this.map[slot] === slotByte.free;
    if (((slot | count) & (wordSlots - 1)) === 0) return this.areFreeWords(slot >> wordShift, (slot + count) >> wordShift);
    return this.map.subarray(slot, slot + count).every(isFree);
  }

  private areFreeWords(from: number, end: number): boolean {
    const { mapWords } = this;
    for (let index = from; index < end; index++) if (mapWords[index] !== 0) return false;
    return true;
  }

  /** Kernel 6.1, 6.12 swap_range_alloc: the bounds move in only when a slot at their very edge is taken. */
  noteAllocated(slot: number, count: number): void {
    if (slot === this.lowestSlot) this.lowestSlot += count;
    if (slot + count - 1 === this.highestSlot) this.highestSlot -= count;
    this.inusePages += count;
    if (this.inusePages === this.usablePages) this.ranFull();
  }

  private ranFull(): void {
    this.lowestSlot = this.slotCount;
    this.highestSlot = 0;
    this.available = false;
    this.waiting?.remove(this);
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
    const { cached, start } = this.clusterOf(slot);
    return cached === null ? -1 : cached[slot - start]!;
  }

  /** Enters folio `id` for `count` slots from `slot`, or removes what is there when `id` is -1. */
  setCached(slot: number, count: number, id: number): void {
    const cluster = this.clusterOf(slot);
    const table = (cluster.cached ??= new Int32Array(this.clusterSlots).fill(-1));
    const at = slot - cluster.start;
    if (count === 1) table[at] = id;
    else table.fill(id, at, at + count);
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
