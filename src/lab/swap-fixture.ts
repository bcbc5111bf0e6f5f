import { clusterState } from "../model/cluster.ts";
import { entryOffset, entryType } from "../model/entry.ts";
import * as slotByte from "../model/slot-byte.ts";
import { slotReferences, slotWord } from "../workload/slot-word.ts";
import { type AreaState, type ClusterStates, type CpuState, orderListName, type SwapState } from "../workload/swap-state.ts";
import { BtfFixture } from "./btf-fixture.ts";
import type { MemoryRange } from "./kernel-memory.ts";
import { tablesOf } from "./table-fixture.ts";

/** How a family of kernels keeps its swap structures. */
interface Shape {
  readonly clusters: "free-list" | "flag-bits" | "flag-enumeration";
  readonly cursors: "of-areas" | "of-cpus";
  /** Where cached folios are: trees, or tables of pointers, or tables of words that also have the counts. */
  readonly cache: "trees" | "pointers" | "words";
  /** The byte of a slot says whether the cache holds it. */
  readonly hasCacheBit: boolean;
  readonly zeroes: "nowhere" | "map" | "words";
  /** Size of a count of clusters on the frag lists, 0 without. */
  readonly fragCountBytes: 0 | 4 | 8;
}

const shapes = {
  "free-list": { clusters: "free-list", cursors: "of-areas", cache: "trees", hasCacheBit: true, zeroes: "nowhere", fragCountBytes: 0 },
  "order-lists": { clusters: "flag-bits", cursors: "of-areas", cache: "trees", hasCacheBit: true, zeroes: "map", fragCountBytes: 4 },
  "global-cursors": { clusters: "flag-enumeration", cursors: "of-cpus", cache: "trees", hasCacheBit: true, zeroes: "map", fragCountBytes: 8 },
  "folio-tables": { clusters: "flag-enumeration", cursors: "of-cpus", cache: "pointers", hasCacheBit: true, zeroes: "map", fragCountBytes: 0 },
  "folio-tables-no-bit": { clusters: "flag-enumeration", cursors: "of-cpus", cache: "pointers", hasCacheBit: false, zeroes: "map", fragCountBytes: 0 },
  "word-tables-zeromap": { clusters: "flag-enumeration", cursors: "of-cpus", cache: "words", hasCacheBit: false, zeroes: "map", fragCountBytes: 0 },
  "word-tables": { clusters: "flag-enumeration", cursors: "of-cpus", cache: "words", hasCacheBit: false, zeroes: "words", fragCountBytes: 0 },
} as const satisfies Record<string, Shape>;

export type Family = keyof typeof shapes;

const treeSlotCount = 1 << 14;
const chunk = 64;
const orderCount = 10;
/** Numbers that no real kernel has for them. */
const flagNumbers = { none: 0, free: 7, nonfull: 2, frag: 9, full: 1, discard: 3 } as const satisfies Record<keyof typeof clusterState, number>;
const bitNumbers: Readonly<Record<number, number>> = { [clusterState.none]: 0, [clusterState.free]: 1, [clusterState.nonfull]: 2, [clusterState.frag]: 4, [clusterState.full]: 8 };

/** Members of one structure, each behind a gap that no other has. */
class Layout {
  readonly offsets: Readonly<Record<string, number>>;
  readonly sizeBytes: number;

  constructor(btf: BtfFixture, name: string, members: Readonly<Record<string, { type: number; sizeBytes: number }>>, gapBytes: number) {
    const offsets: Record<string, number> = {};
    let end = 0;
    for (const [member, { sizeBytes }] of Object.entries(members)) {
      offsets[member] = end + gapBytes;
      end += gapBytes + Math.ceil(sizeBytes / 8) * 8;
    }
    this.offsets = offsets;
    this.sizeBytes = end + gapBytes;
    btf.structure(name, this.sizeBytes, Object.entries(members).map(([member, { type }]) => ({ name: member, type, bitOffset: 8 * offsets[member]! })));
  }
}

/**
 * A made-up kernel for tests: it writes a state into memory of its own, with members in places where no real kernel has
 * them.
 */
export class KernelFixture {
  readonly addresses = new Map<string, bigint>();
  readonly cpuBases: readonly bigint[];
  /** Names of members that this kernel lacks. */
  readonly lacking: ReadonlySet<string>;
  readonly shape: Shape;
  private readonly btf = new BtfFixture();
  private readonly layouts: Readonly<Record<"area" | "cluster" | "cpu" | "space" | "node" | "cache", Layout>>;
  private readonly pieces: { address: bigint; bytes: Buffer }[] = [];
  private nextAddress = 0xffff_8880_0100_0000n;
  /** What is read after the state was written, by the name of what it is. */
  readonly placed = new Map<string, Buffer>();

  constructor(family: Family, lacking: readonly string[] = [], cpuCount = 1) {
    this.shape = shapes[family];
    this.lacking = new Set(lacking);
    this.layouts = this.describe();
    this.cpuBases = Array.from({ length: cpuCount }, (_, cpu) => 0xffff_8880_7000_0000n + BigInt(cpu) * 0x1_0000_0000n);
  }

  btfBytes(): Uint8Array {
    return this.btf.bytes();
  }

  /** Fails for what nobody has written, as QEMU does. */
  readonly read = async (ranges: readonly MemoryRange[]): Promise<Buffer[]> =>
    ranges.map(({ address, sizeBytes }) => {
      if (sizeBytes === 0) return Buffer.alloc(0);
      const piece = this.pieces.find((candidate) => candidate.address <= address && address + BigInt(sizeBytes) <= candidate.address + BigInt(candidate.bytes.length));
      if (piece === undefined) throw new Error(`nothing at 0x${address.toString(16)}+${sizeBytes}`);
      const start = Number(address - piece.address);
      return piece.bytes.subarray(start, start + sizeBytes);
    });

  write(state: SwapState): void {
    const types = Math.max(0, ...state.areas.map(({ swapType }) => swapType + 1));
    this.symbol("nr_swapfiles", numbers([types]));
    this.symbol("nr_swap_pages", words([BigInt(state.freeSlots)]));
    this.symbol("total_swap_pages", words([BigInt(state.totalSlots)]));
    const areas = this.symbol("swap_info", Buffer.alloc(8 * 32));
    const spaces = this.symbol("swapper_spaces", Buffer.alloc(8 * 32));
    const counts = this.symbol("nr_swapper_spaces", Buffer.alloc(4 * 32));
    for (let swapType = 0; swapType < types; swapType++) {
      const area = state.areas.find((candidate) => candidate.swapType === swapType);
      areas.writeBigUInt64LE(this.writeArea(area), 8 * swapType);
      if (area === undefined || this.shape.cache !== "trees") continue;
      const treeCount = Math.ceil(area.slots.length / treeSlotCount);
      counts.writeUInt32LE(treeCount, 4 * swapType);
      spaces.writeBigUInt64LE(this.writeTrees(area, treeCount), 8 * swapType);
    }
    if (this.shape.cursors === "of-areas") this.writeSlotsCaches(state.cpus.map(({ slotsCache }) => slotsCache!));
    else this.writeCpuCursors(state.cpus, areas);
  }

  private describe(): KernelFixture["layouts"] {
    const { btf, shape } = this;
    const number = (sizeBytes: number) => ({ type: btf.wrapper("", btf.int(sizeBytes)), sizeBytes });
    const pointer = { type: btf.pointer(), sizeBytes: 8 };
    const array = (element: { type: number; sizeBytes: number }, count: number) => ({ type: btf.array(element.type, count), sizeBytes: element.sizeBytes * count });
    const named = (structure: string, sizeBytes: number, members: Parameters<BtfFixture["structure"]>[2]) => ({ type: btf.structure(structure, sizeBytes, members), sizeBytes });
    const layout = (name: string, members: Record<string, { type: number; sizeBytes: number }>, gapBytes: number): Layout =>
      new Layout(btf, name, Object.fromEntries(Object.entries(members).filter(([member]) => !this.lacking.has(member))), gapBytes);

    btf.enumeration({ SWP_USED: 1, SWP_WRITEOK: 8, SWP_SOLIDSTATE: 16 });
    if (shape.hasCacheBit) btf.func("swapcache_clear");
    const listHead = named("list_head", 16, [{ name: "prev", type: pointer.type, bitOffset: 0 }, { name: "next", type: pointer.type, bitOffset: 64 }]);
    const bounded = shape.cursors === "of-areas";
    const common = {
      ...{ inuse_pages: number(bounded ? 4 : 8), flags: number(8), max: number(4), pages: number(4), lock: number(4), cluster_info: pointer },
      ...(bounded && { highest_bit: number(4), lowest_bit: number(4), cluster_next: number(4), cluster_nr: number(4), cluster_next_cpu: pointer, percpu_cluster: pointer }),
      ...(!bounded && { global_cluster: pointer }),
      ...(shape.cache !== "words" && { swap_map: pointer }),
      ...(shape.zeroes === "map" && { zeromap: pointer }),
    };
    const cache = bounded ? layout("swap_slots_cache", { n_ret: number(4), slots_ret: pointer, cur: number(4), nr: number(4), slots: pointer }, 16) : null;
    if (!bounded) layout("swap_sequential_cluster", { next: array(number(4), orderCount) }, 24);
    if (shape.cache !== "trees") layout("swap_table", { entries: array(pointer, 512) }, 0);
    const shared = {
      space: layout("address_space", { i_pages: named("xarray", 24, [{ name: "xa_head", type: pointer.type, bitOffset: 128 }]) }, 40),
      node: layout("xa_node", { slots: array(pointer, chunk), shift: number(1) }, 24),
    };
    if (shape.clusters !== "free-list") {
      if (shape.clusters === "flag-enumeration") btf.enumeration(Object.fromEntries(Object.entries(flagNumbers).map(([name, flag]) => [`CLUSTER_FLAG_${name.toUpperCase()}`, flag]).filter(([name]) => !this.lacking.has(String(name)))));
      const lists = { frag_clusters: array(listHead, orderCount), nonfull_clusters: array(listHead, orderCount), discard_clusters: listHead, full_clusters: listHead, free_clusters: listHead };
      const counts = shape.fragCountBytes === 0 ? {} : { frag_cluster_nr: array(number(shape.fragCountBytes), orderCount) };
      const tables = shape.cache === "trees" ? {} : { table: pointer, ...(shape.cache === "words" && { extend_table: pointer }) };
      const cpu = bounded ? layout("percpu_cluster", { next: array(number(4), orderCount) }, 24) : layout("percpu_swap_cluster", { offset: array(number(8), orderCount), si: array(pointer, orderCount) }, 8);
      return {
        ...{ ...shared, cpu, cache: cache ?? cpu },
        cluster: layout("swap_cluster_info", { list: listHead, lock: number(4), order: number(1), flags: number(1), count: number(2), ...tables }, 8),
        area: layout("swap_info_struct", { ...common, ...counts, ...lists }, 8),
      };
    }
    const fields = [{ name: "lock", type: number(4).type, bitOffset: 0, bitWidth: 32 }, { name: "data", type: number(4).type, bitOffset: 64, bitWidth: 24 }, { name: "flags", type: number(4).type, bitOffset: 88, bitWidth: 8 }];
    const cluster = named("swap_cluster_info", 16, fields.filter(({ name }) => !this.lacking.has(name)));
    const list = named("swap_cluster_list", 32, [{ name: "tail", type: cluster.type, bitOffset: 0 }, { name: "head", type: cluster.type, bitOffset: 128 }]);
    return {
      ...{ ...shared, cache: cache! },
      cluster: { offsets: { lock: 0, data: 8, flags: 11 }, sizeBytes: 16 },
      cpu: layout("percpu_cluster", { next: number(4), index: cluster }, 8),
      area: layout("swap_info_struct", { ...common, discard_clusters: list, free_clusters: list }, 8),
    };
  }

  private writeArea(area: AreaState | undefined): bigint {
    const { offsets, sizeBytes } = this.layouts.area;
    const bytes = Buffer.alloc(sizeBytes, 0xa5);
    const address = this.place("area", bytes);
    bytes.writeBigUInt64LE(area === undefined ? 1n : area.sharedCursors === null ? 0xc019n : 0xc009n, offsets["flags"]);
    bytes.writeUInt32LE(0, offsets["lock"]);
    if (area === undefined) return address;
    for (const [member, value] of Object.entries({ max: area.slots.length, pages: area.slots.length - 1, ...this.boundsOf(area) })) bytes.writeUInt32LE(value, offsets[member]);
    const point = (member: string, target: bigint): void => void bytes.writeBigUInt64LE(target, offsets[member]);
    if (this.shape.cursors === "of-cpus") point("inuse_pages", BigInt(area.usedSlots) | (area.available === true ? 0n : 1n << 62n));
    if (this.shape.cache !== "words") point("swap_map", this.place("map", Buffer.from(Uint8Array.from(area.slots, (word) => this.byteOf(word)))));
    if (this.shape.zeroes === "map") point("zeromap", this.place("zeroes", Buffer.from(area.zeroes!)));
    this.writeCursors(area, point);
    if (area.clusters === null) {
      point("cluster_info", 0n);
      return address;
    }
    const clusters = Buffer.alloc(area.clusters.used.length * this.layouts.cluster.sizeBytes, 0xa5);
    const clustersAddress = this.place("clusters", clusters);
    point("cluster_info", clustersAddress);
    area.clusters.used.forEach((_, i) => clusters.writeUInt32LE(0, i * this.layouts.cluster.sizeBytes + this.layouts.cluster.offsets["lock"]!));
    if (this.shape.clusters === "free-list") this.writeFreeLists(area, area.clusters, bytes, clusters);
    else this.writeOrderLists(area, area.clusters, { bytes, address, clusters, clustersAddress });
    this.writeTables(area, clusters);
    return address;
  }

  private boundsOf(area: AreaState): Record<string, number> {
    if (this.shape.cursors === "of-cpus") return {};
    const { cluster_next = 88, cluster_nr = 89 } = area.sharedCursors ?? {};
    return { inuse_pages: area.usedSlots, lowest_bit: area.lowestSlot!, highest_bit: area.highestSlot!, cluster_next: Number(cluster_next), cluster_nr: Number(cluster_nr) };
  }

  private byteOf(word: number): number {
    if (word === slotWord.bad) return slotByte.bad;
    const held = (word & slotWord.held) !== 0 && this.shape.hasCacheBit ? slotByte.hasCache : 0;
    return held | ((word & slotWord.shared) !== 0 ? slotByte.shared : slotReferences(word));
  }

  private writeOrderLists(area: AreaState, states: ClusterStates, at: { bytes: Buffer; address: bigint; clusters: Buffer; clustersAddress: bigint }): void {
    const { cluster, area: own } = this.layouts;
    const { bytes, address, clusters, clustersAddress } = at;
    const flagOf = (state: number): number => (this.shape.clusters === "flag-bits" ? bitNumbers[state]! : Object.values(flagNumbers)[Object.values(clusterState).indexOf(state as 0)]!);
    states.used.forEach((used, i) => {
      const base = i * cluster.sizeBytes;
      clusters.writeUInt16LE(used, base + cluster.offsets["count"]!);
      clusters[base + cluster.offsets["flags"]!] = flagOf(states.state[i]!);
      clusters[base + cluster.offsets["order"]!] = states.order![i]!;
    });
    const next = 8;
    const link = (list: readonly number[], head: number): void => {
      let last: [Buffer, number] = [bytes, head + next];
      for (const index of list) {
        const offset = index * cluster.sizeBytes + cluster.offsets["list"]!;
        last[0].writeBigUInt64LE(clustersAddress + BigInt(offset), last[1]);
        last = [clusters, offset + next];
      }
      last[0].writeBigUInt64LE(address + BigInt(head), last[1]);
    };
    for (const name of ["free", "full", "discard"]) link(area.lists[name]!, own.offsets[`${name}_clusters`]!);
    for (const kind of ["nonfull", "frag"] as const) {
      for (let order = 0; order < orderCount; order++) link(area.lists[orderListName(kind, order)]!, own.offsets[`${kind}_clusters`]! + 16 * order);
    }
    const { fragCountBytes } = this.shape;
    area.fragCounts?.forEach((count, order) => bytes.writeUIntLE(count, own.offsets["frag_cluster_nr"]! + fragCountBytes * order, Math.min(6, fragCountBytes)));
    if (fragCountBytes === 8) area.fragCounts?.forEach((_, order) => bytes.writeUInt16LE(0, own.offsets["frag_cluster_nr"]! + 8 * order + 6));
  }

  private writeFreeLists(area: AreaState, states: ClusterStates, bytes: Buffer, clusters: Buffer): void {
    const word = (target: Buffer, base: number, data: number, flags: number): void => void target.writeUInt32LE(((flags << 24) | data) >>> 0, base + 8);
    states.used.forEach((used, i) => {
      const state = states.state[i] === clusterState.free ? 1 : states.huge![i]! * 4;
      word(clusters, 16 * i, used, state);
    });
    for (const name of ["free", "discard"]) {
      const list = area.lists[name]!;
      const head = this.layouts.area.offsets[`${name}_clusters`]!;
      word(bytes, head, list.at(-1) ?? 0, list.length === 0 ? 2 : 0);
      word(bytes, head + 16, list[0] ?? 0, list.length === 0 ? 2 : 0);
      list.forEach((index, i) => word(clusters, 16 * index, list[i + 1] ?? 77, 1));
    }
  }

  private writeTables(area: AreaState, clusters: Buffer): void {
    if (this.shape.cache === "trees") return;
    const { offsets, sizeBytes } = this.layouts.cluster;
    const pointTo = (bytes: Buffer | null, what: string): bigint => (bytes === null ? 0n : this.place(what, bytes));
    for (const [cluster, { table, extendTable }] of tablesOf(area, this.shape.cache, this.shape.zeroes === "words").entries()) {
      clusters.writeBigUInt64LE(pointTo(table, `table ${cluster}`), cluster * sizeBytes + offsets["table"]!);
      if (this.shape.cache === "words") clusters.writeBigUInt64LE(pointTo(extendTable, `extend table ${cluster}`), cluster * sizeBytes + offsets["extend_table"]!);
    }
  }

  // ---- where CPUs go on

  private writeCursors({ cpuCursors, sharedCursors }: AreaState, point: (member: string, target: bigint) => void): void {
    if (this.shape.cursors === "of-cpus") {
      const bytes = Buffer.alloc(200);
      for (let order = 0; order < orderCount; order++) bytes.writeUInt32LE(slotOf(sharedCursors?.[`next.${order}`]), 24 + 4 * order);
      point("global_cluster", sharedCursors === null ? 0n : this.place("global cluster", bytes));
      return;
    }
    if (cpuCursors.length === 0) {
      for (const member of ["percpu_cluster", "cluster_next_cpu"]) point(member, 0n);
      return;
    }
    const starts = cpuCursors.map(({ scan_start: start = 0 }) => numbers([Number(start)]));
    point("percpu_cluster", this.placeOfCpus("cpu", cpuCursors.map((cursors) => this.cpuCluster(cursors))));
    point("cluster_next_cpu", this.placeOfCpus("scan start", starts));
  }

  private cpuCluster(cursors: AreaState["cpuCursors"][number]): Buffer {
    const { offsets, sizeBytes } = this.layouts.cpu;
    const bytes = Buffer.alloc(sizeBytes, 0xa5);
    if (this.shape.clusters !== "free-list") {
      for (let order = 0; order < orderCount; order++) bytes.writeUInt32LE(slotOf(cursors[`next.${order}`]), offsets["next"]! + 4 * order);
      return bytes;
    }
    bytes.writeUInt32LE(cursors["cluster"] === "none" ? 2 << 24 : Number(cursors["cluster"]), offsets["index"]! + 8);
    bytes.writeUInt32LE(Number(cursors["cluster_next"] ?? 99), offsets["next"]);
    return bytes;
  }

  private writeCpuCursors(cpus: readonly CpuState[], areas: Buffer): void {
    const { offsets, sizeBytes } = this.layouts.cpu;
    const own = cpus.map(({ cursors }) => {
      const bytes = Buffer.alloc(sizeBytes, 0xa5);
      for (let order = 0; order < orderCount; order++) {
        const entry = cursors![`next.${order}`];
        // After swapoff the offset stays and the area goes.
        bytes.writeBigUInt64LE(typeof entry === "number" ? BigInt(entryOffset(entry)) : 4711n, (offsets["offset"] ?? 0) + 8 * order);
        bytes.writeBigUInt64LE(typeof entry === "number" ? areas.readBigUInt64LE(8 * entryType(entry)) : 0n, (offsets["si"] ?? 0) + 8 * order);
      }
      return bytes;
    });
    this.addresses.set("percpu_swap_cluster", this.placeOfCpus("cpu", own));
  }

  private writeSlotsCaches(caches: readonly NonNullable<CpuState["slotsCache"]>[]): void {
    const { offsets, sizeBytes } = this.layouts.cache;
    const entry = (value: number): bigint => (BigInt(entryType(value)) << 58n) | BigInt(entryOffset(value));
    const current = 3;
    this.symbol("swap_slot_cache_active", Buffer.from([caches[0]!.active ? 1 : 0]));
    const own = caches.map(({ toHandOut, returned }) => {
      const bytes = Buffer.alloc(sizeBytes, 0xa5);
      const point = (member: string, target: Buffer): void => void bytes.writeBigUInt64LE(this.place(member, target), offsets[member] ?? 0);
      point("slots", words([...new Array<bigint>(current).fill(0n), ...toHandOut.map(entry)]));
      point("slots_ret", words(returned.map(entry)));
      for (const [member, value] of Object.entries({ nr: toHandOut.length, cur: current, n_ret: returned.length })) bytes.writeUInt32LE(value, offsets[member] ?? 0);
      return bytes;
    });
    this.addresses.set("swp_slots", this.placeOfCpus("slots cache", own));
  }

  /** Trees of two levels, with what is remembered of folios that left wherever there is none. */
  private writeTrees(area: AreaState, treeCount: number): bigint {
    const { space, node } = this.layouts;
    const bytes = Buffer.alloc(treeCount * space.sizeBytes);
    const folio = (slot: number): bigint => 0xffff_ea00_0000_0000n + BigInt(64 * (slot - (slot % area.folioSlots[slot]!)));
    const nodeOf = (shift: number, entries: readonly bigint[]): bigint => {
      const own = Buffer.alloc(node.sizeBytes, 0xa5);
      own[node.offsets["shift"]!] = shift;
      for (let i = 0; i < chunk; i++) own.writeBigUInt64LE(entries[i] ?? 0n, node.offsets["slots"]! + 8 * i);
      return this.place("node", own) + 2n;
    };
    for (let tree = 0; tree < treeCount; tree++) {
      const leaf = (first: number): bigint => {
        const slots = Array.from({ length: chunk }, (_, i) => first + i);
        if (slots.every((slot) => (area.folioSlots[slot] ?? 0) === 0)) return 0n;
        return nodeOf(0, slots.map((slot) => ((area.folioSlots[slot] ?? 0) === 0 ? 0x51n : folio(slot))));
      };
      const middle = (first: number): bigint => nodeOf(6, Array.from({ length: chunk }, (_, i) => leaf(first + i * chunk)));
      const root = nodeOf(12, Array.from({ length: 4 }, (_, i) => middle(tree * treeSlotCount + i * chunk * chunk)));
      bytes.writeBigUInt64LE(root, tree * space.sizeBytes + space.offsets["i_pages"]! + 16);
    }
    return this.place("spaces", bytes);
  }

  // ---- memory

  private symbol(name: string, bytes: Buffer): Buffer {
    this.addresses.set(name, this.place(name, bytes));
    return bytes;
  }

  /** Each CPU's own, as far from its base as the others' from theirs: where they seem to be to all of them. */
  private placeOfCpus(what: string, own: readonly Buffer[]): bigint {
    const first = this.place(what, own[0]!);
    for (const [cpu, bytes] of own.entries()) if (cpu > 0) this.pieces.push({ address: first - this.cpuBases[0]! + this.cpuBases[cpu]!, bytes });
    return BigInt.asUintN(64, first - this.cpuBases[0]!);
  }

  private place(what: string, bytes: Buffer): bigint {
    const address = this.nextAddress;
    this.nextAddress += BigInt(Math.ceil(bytes.length / 64) * 64 + 64);
    this.pieces.push({ address, bytes });
    this.placed.set(what, bytes);
    return address;
  }
}

const slotOf = (cursor: number | "none" | null | undefined): number => (typeof cursor === "number" ? cursor : 0);
const words = (values: readonly bigint[]): Buffer => Buffer.from(BigUint64Array.from(values).buffer);
const numbers = (values: readonly number[]): Buffer => Buffer.from(Uint32Array.from(values).buffer);
