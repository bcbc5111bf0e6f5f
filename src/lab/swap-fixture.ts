import { clusterState } from "../model/swap-area.ts";
import { entryOffset, entryType } from "../model/entry.ts";
import { type AreaState, orderListName, type SwapState } from "../workload/swap-state.ts";
import { BtfFixture } from "./btf-fixture.ts";
import type { MemoryRange } from "./kernel-memory.ts";

/**
 * A made-up kernel for tests: it writes a state into memory of its own, with members in places where no real kernel has
 * them. `family` says which of the two ways of keeping clusters it has.
 */
export type Family = "free-list" | "order-lists";

const firstCpu = 0xffff_8880_7000_0000n;
const treeSlotCount = 1 << 14;
const chunk = 64;

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

export class KernelFixture {
  readonly addresses = new Map<string, bigint>();
  readonly firstCpu = firstCpu;
  /** Names of members that this kernel lacks. */
  readonly lacking: ReadonlySet<string>;
  readonly family: Family;
  private readonly btf = new BtfFixture();
  private readonly layouts: Readonly<Record<"area" | "cluster" | "cpu" | "space" | "node" | "cache", Layout>>;
  private readonly pieces: { address: bigint; bytes: Buffer }[] = [];
  private nextAddress = 0xffff_8880_0100_0000n;
  /** What is read after the state was written, by the name of what it is. */
  readonly placed = new Map<string, Buffer>();

  constructor(family: Family, lacking: readonly string[] = []) {
    this.family = family;
    this.lacking = new Set(lacking);
    this.layouts = this.describe();
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
    this.symbol("__per_cpu_offset", words([firstCpu]));
    this.symbol("nr_swapfiles", numbers([types]));
    this.symbol("nr_swap_pages", words([BigInt(state.freeSlots)]));
    this.symbol("total_swap_pages", words([BigInt(state.totalSlots)]));
    const areas = this.symbol("swap_info", Buffer.alloc(8 * 32));
    const spaces = this.symbol("swapper_spaces", Buffer.alloc(8 * 32));
    const counts = this.symbol("nr_swapper_spaces", Buffer.alloc(4 * 32));
    for (let swapType = 0; swapType < types; swapType++) {
      const area = state.areas.find((candidate) => candidate.swapType === swapType);
      areas.writeBigUInt64LE(this.writeArea(area), 8 * swapType);
      if (area === undefined) continue;
      const treeCount = Math.ceil(area.slots.length / treeSlotCount);
      counts.writeUInt32LE(treeCount, 4 * swapType);
      spaces.writeBigUInt64LE(this.writeTrees(area, treeCount), 8 * swapType);
    }
    this.writeSlotsCache(state.slotsCache!);
  }

  private describe(): KernelFixture["layouts"] {
    const { btf } = this;
    const number = (sizeBytes: number) => ({ type: btf.wrapper("", btf.int(sizeBytes)), sizeBytes });
    const pointer = { type: btf.pointer(), sizeBytes: 8 };
    const array = (element: { type: number; sizeBytes: number }, count: number) => ({ type: btf.array(element.type, count), sizeBytes: element.sizeBytes * count });
    const named = (structure: string, sizeBytes: number, members: Parameters<BtfFixture["structure"]>[2]) => ({ type: btf.structure(structure, sizeBytes, members), sizeBytes });
    const layout = (name: string, members: Record<string, { type: number; sizeBytes: number }>, gapBytes: number): Layout =>
      new Layout(btf, name, Object.fromEntries(Object.entries(members).filter(([member]) => !this.lacking.has(member))), gapBytes);

    btf.enumeration({ SWP_USED: 1, SWP_WRITEOK: 8 });
    const listHead = named("list_head", 16, [{ name: "prev", type: pointer.type, bitOffset: 0 }, { name: "next", type: pointer.type, bitOffset: 64 }]);
    const common = { inuse_pages: number(4), swap_map: pointer, flags: number(8), max: number(4), lock: number(4), cluster_info: pointer, highest_bit: number(4), lowest_bit: number(4) };
    const perCpu = { cluster_next_cpu: pointer, percpu_cluster: pointer };
    const shared = {
      space: layout("address_space", { i_pages: named("xarray", 24, [{ name: "xa_head", type: pointer.type, bitOffset: 128 }]) }, 40),
      node: layout("xa_node", { slots: array(pointer, chunk), shift: number(1) }, 24),
      cache: layout("swap_slots_cache", { n_ret: number(4), slots_ret: pointer, cur: number(4), nr: number(4), slots: pointer }, 16),
    };
    if (this.family === "order-lists") {
      const lists = { frag_cluster_nr: array(number(4), 10), frag_clusters: array(listHead, 10), nonfull_clusters: array(listHead, 10), discard_clusters: listHead, full_clusters: listHead, free_clusters: listHead };
      return {
        ...shared,
        cluster: layout("swap_cluster_info", { list: listHead, order: number(1), flags: number(1), count: number(2) }, 8),
        cpu: layout("percpu_cluster", { next: array(number(4), 10) }, 24),
        area: layout("swap_info_struct", { ...common, zeromap: pointer, ...lists, ...perCpu }, 8),
      };
    }
    const fields = [{ name: "data", type: number(4).type, bitOffset: 64, bitWidth: 24 }, { name: "flags", type: number(4).type, bitOffset: 88, bitWidth: 8 }].filter(({ name }) => !this.lacking.has(name));
    const cluster = named("swap_cluster_info", 16, fields);
    const list = named("swap_cluster_list", 32, [{ name: "tail", type: cluster.type, bitOffset: 0 }, { name: "head", type: cluster.type, bitOffset: 128 }]);
    return {
      ...shared,
      cluster: { offsets: { data: 8, flags: 11 }, sizeBytes: 16 },
      cpu: layout("percpu_cluster", { next: number(4), index: cluster }, 8),
      area: layout("swap_info_struct", { ...common, discard_clusters: list, free_clusters: list, ...perCpu }, 8),
    };
  }

  private writeArea(area: AreaState | undefined): bigint {
    const { offsets, sizeBytes } = this.layouts.area;
    const bytes = Buffer.alloc(sizeBytes, 0xa5);
    const address = this.place("area", bytes);
    bytes.writeBigUInt64LE(area === undefined ? 1n : 0xc009n, offsets["flags"]);
    bytes.writeUInt32LE(0, offsets["lock"]);
    if (area === undefined) return address;
    for (const [member, value] of Object.entries({ max: area.slots.length, inuse_pages: area.usedSlots, lowest_bit: area.lowestSlot, highest_bit: area.highestSlot })) bytes.writeUInt32LE(value, offsets[member]);
    const point = (member: string, target: bigint): void => void bytes.writeBigUInt64LE(target, offsets[member]);
    point("swap_map", this.place("slots", Buffer.from(area.slots)));
    if (area.zeroes !== null) point("zeromap", this.place("zeroes", Buffer.from(area.zeroes)));
    const clusters = Buffer.alloc(area.clusters.used.length * this.layouts.cluster.sizeBytes, 0xa5);
    const clustersAddress = this.place("clusters", clusters);
    point("cluster_info", clustersAddress);
    if (this.family === "order-lists") this.writeOrderLists(area, bytes, address, clusters, clustersAddress);
    else this.writeFreeLists(area, bytes, clusters);
    point("percpu_cluster", BigInt.asUintN(64, this.place("cpu", this.cpuCluster(area)) - firstCpu));
    const { scan_start: start = 0 } = area.cursors;
    point("cluster_next_cpu", BigInt.asUintN(64, this.place("scan start", numbers([Number(start)])) - firstCpu));
    return address;
  }

  private writeOrderLists(area: AreaState, bytes: Buffer, address: bigint, clusters: Buffer, clustersAddress: bigint): void {
    const { cluster, area: own } = this.layouts;
    const flags: Readonly<Record<number, number>> = { [clusterState.none]: 0, [clusterState.free]: 1, [clusterState.nonfull]: 2, [clusterState.frag]: 4, [clusterState.full]: 8 };
    area.clusters.used.forEach((used, i) => {
      const base = i * cluster.sizeBytes;
      clusters.writeUInt16LE(used, base + cluster.offsets["count"]!);
      clusters[base + cluster.offsets["flags"]!] = flags[area.clusters.state[i]!]!;
      clusters[base + cluster.offsets["order"]!] = area.clusters.order![i]!;
    });
    const next = 8;
    const link = (list: readonly number[], head: number): void => {
      let at: [Buffer, number] = [bytes, head + next];
      for (const index of list) {
        const offset = index * cluster.sizeBytes + cluster.offsets["list"]!;
        at[0].writeBigUInt64LE(clustersAddress + BigInt(offset), at[1]);
        at = [clusters, offset + next];
      }
      at[0].writeBigUInt64LE(address + BigInt(head), at[1]);
    };
    for (const name of ["free", "full", "discard"]) link(area.lists[name]!, own.offsets[`${name}_clusters`]!);
    for (const kind of ["nonfull", "frag"] as const) {
      for (let order = 0; order < 10; order++) link(area.lists[orderListName(kind, order)]!, own.offsets[`${kind}_clusters`]! + 16 * order);
    }
    area.fragCounts!.forEach((count, order) => bytes.writeUInt32LE(count, own.offsets["frag_cluster_nr"]! + 4 * order));
  }

  private writeFreeLists(area: AreaState, bytes: Buffer, clusters: Buffer): void {
    const word = (target: Buffer, base: number, data: number, flags: number): void => void target.writeUInt32LE(((flags << 24) | data) >>> 0, base + 8);
    area.clusters.used.forEach((used, i) => {
      const state = area.clusters.state[i] === clusterState.free ? 1 : area.clusters.huge![i]! * 4;
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

  private cpuCluster({ cursors }: AreaState): Buffer {
    const { offsets, sizeBytes } = this.layouts.cpu;
    const bytes = Buffer.alloc(sizeBytes, 0xa5);
    if (this.family === "order-lists") {
      for (let order = 0; order < 10; order++) bytes.writeUInt32LE(Number(cursors[`next.${order}`] === "none" ? 0 : cursors[`next.${order}`]), offsets["next"]! + 4 * order);
      return bytes;
    }
    bytes.writeUInt32LE(cursors["cluster"] === "none" ? 2 << 24 : Number(cursors["cluster"]), offsets["index"]! + 8);
    bytes.writeUInt32LE(Number(cursors["cluster_next"] ?? 99), offsets["next"]);
    return bytes;
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

  private writeSlotsCache({ active, toHandOut, returned }: NonNullable<SwapState["slotsCache"]>): void {
    const { offsets, sizeBytes } = this.layouts.cache;
    const bytes = Buffer.alloc(sizeBytes, 0xa5);
    const entry = (value: number): bigint => (BigInt(entryType(value)) << 58n) | BigInt(entryOffset(value));
    const current = 3;
    this.symbol("swap_slot_cache_active", Buffer.from([active ? 1 : 0]));
    this.addresses.set("swp_slots", BigInt.asUintN(64, this.place("slots cache", bytes) - firstCpu));
    const point = (member: string, target: Buffer): void => void bytes.writeBigUInt64LE(this.place(member, target), offsets[member]);
    if (offsets["slots_ret"] === undefined) return;
    point("slots", words([...new Array<bigint>(current).fill(0n), ...toHandOut.map(entry)]));
    point("slots_ret", words(returned.map(entry)));
    for (const [member, value] of Object.entries({ nr: toHandOut.length, cur: current, n_ret: returned.length })) bytes.writeUInt32LE(value, offsets[member]);
  }

  private symbol(name: string, bytes: Buffer): Buffer {
    this.addresses.set(name, this.place(name, bytes));
    return bytes;
  }

  private place(what: string, bytes: Buffer): bigint {
    const address = this.nextAddress;
    this.nextAddress += BigInt(Math.ceil(bytes.length / 64) * 64 + 64);
    this.pieces.push({ address, bytes });
    this.placed.set(what, bytes);
    return address;
  }
}

const words = (values: readonly bigint[]): Buffer => Buffer.from(BigUint64Array.from(values).buffer);
const numbers = (values: readonly number[]): Buffer => Buffer.from(Uint32Array.from(values).buffer);
