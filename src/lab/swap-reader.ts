import { clusterSlotCount, x86_64 } from "../model/geometry.ts";
import type { AreaState, SwapState } from "../workload/swap-state.ts";
import type { Btf, Member } from "./btf.ts";
import { type ClusterLayout, clusterLayout } from "./cluster-decoder.ts";
import { addressOf, byteOffset, membersOf, readNumber, readWord, sizeOf, unreadable } from "./kernel-layout.ts";
import type { MemoryRange, ReadMemory } from "./kernel-memory.ts";
import { SlotsCacheReader, slotsCacheSymbols } from "./slots-cache-reader.ts";
import { SwapCacheReader, swapCacheSymbols } from "./swap-cache-reader.ts";

/** Kernel data whose addresses the guest is asked for. A kernel has some of them. */
export const swapSymbols = [
  ...["swap_info", "nr_swapfiles", "nr_swap_pages", "total_swap_pages", "__per_cpu_offset"],
  ...swapCacheSymbols,
  ...slotsCacheSymbols,
] as const;

/** Swap types that an entry can name. Kernel: MAX_SWAPFILES_SHIFT. */
const swapTypeMax = 1 << 5;
const clusterSlots = clusterSlotCount(x86_64);

interface FoundArea {
  readonly address: bigint;
  readonly bytes: Buffer;
  readonly swapType: number;
  readonly slotCount: number;
  readonly clusterCount: number;
}

/**
 * Reads the swap core's state out of a kernel's memory, which has to stand still meanwhile. Each round reads everything
 * whose address the rounds before have told.
 *
 * Kernel 6.1 to 6.9, 6.12 and 6.13. The constructor throws LabError `invalid` naming the first symbol or member that
 * another kernel lacks; what is there but makes no sense does so while reading.
 */
export class SwapReader {
  private readonly firstCpu: bigint;
  private readonly globals: Readonly<Record<"areas" | "areaCount" | "freeSlots" | "totalSlots", MemoryRange>>;
  private readonly areaBytes: number;
  private readonly area: Readonly<Record<"flags" | "slotCount" | "slots" | "clusters" | "lowest" | "highest" | "used" | "lock", Member>>;
  /** Kernel 6.12 and later: a bitmap of slots that hold only zeroes. */
  private readonly zeroes: Member | undefined;
  private readonly switchedOn: number;
  private readonly layout: ClusterLayout;
  private readonly swapCache: SwapCacheReader;
  private readonly slotsCache: SlotsCacheReader | null;

  /** `firstCpu`: where the first CPU's per-CPU data lies, from __per_cpu_offset. */
  constructor(btf: Btf, addresses: ReadonlyMap<string, bigint>, firstCpu: bigint) {
    this.firstCpu = firstCpu;
    this.areaBytes = sizeOf(btf, "swap_info_struct");
    this.area = membersOf(btf, "swap_info_struct", {
      ...{ flags: "flags", slotCount: "max", slots: "swap_map", clusters: "cluster_info" },
      ...{ lowest: "lowest_bit", highest: "highest_bit", used: "inuse_pages", lock: "lock" },
    });
    this.zeroes = btf.structure("swap_info_struct")?.member("zeromap");
    this.layout = clusterLayout(btf);
    const switchedOn = btf.enumerator("SWP_WRITEOK");
    if (switchedOn === undefined) throw unreadable("there is no SWP_WRITEOK");
    this.switchedOn = switchedOn;
    this.swapCache = new SwapCacheReader(btf, addresses);
    this.slotsCache = btf.structure("swap_slots_cache") === undefined ? null : new SlotsCacheReader(btf, addresses, firstCpu);
    this.globals = {
      areas: { address: addressOf(addresses, "swap_info"), sizeBytes: 8 * swapTypeMax },
      areaCount: { address: addressOf(addresses, "nr_swapfiles"), sizeBytes: 4 },
      freeSlots: { address: addressOf(addresses, "nr_swap_pages"), sizeBytes: 8 },
      totalSlots: { address: addressOf(addresses, "total_swap_pages"), sizeBytes: 8 },
    };
  }

  /** Null when the kernel was stopped while it was changing an area: then nothing that was read is to be believed. */
  async read(readMemory: ReadMemory): Promise<SwapState | null> {
    const { areas, areaCount, freeSlots, totalSlots } = this.globals;
    const [pointers, count, free, total] = (await readMemory([areas, areaCount, freeSlots, totalSlots])) as [Buffer, Buffer, Buffer, Buffer];
    const addresses = Array.from({ length: Math.min(count.readUInt32LE(), swapTypeMax) }, (_, i) => pointers.readBigUInt64LE(8 * i));
    const everyArea = await readMemory(addresses.map((address) => ({ address, sizeBytes: this.areaBytes })));
    if (everyArea.some((bytes) => bytes.readUInt32LE(byteOffset(this.area.lock)) !== 0)) return null;
    const states: AreaState[] = [];
    for (const [swapType, bytes] of everyArea.entries()) {
      if ((readNumber(bytes, { ...this.area.flags, bitWidth: 32 }) & this.switchedOn) === 0) continue;
      const slotCount = readNumber(bytes, this.area.slotCount);
      const found = { address: addresses[swapType]!, bytes, swapType, slotCount, clusterCount: Math.ceil(slotCount / clusterSlots) };
      states.push(await this.readArea(found, readMemory));
    }
    return {
      freeSlots: Number(free.readBigInt64LE()),
      totalSlots: Number(total.readBigInt64LE()),
      slotsCache: await this.readSlotsCache(readMemory),
      areas: states,
    };
  }

  private async readArea(area: FoundArea, readMemory: ReadMemory): Promise<AreaState> {
    const { address, bytes, swapType, slotCount, clusterCount } = area;
    const clustersAddress = readWord(bytes, this.area.clusters);
    const zeroBytes = Math.ceil(slotCount / 8);
    const [slots, clusters, zeroes, spaces, spaceCount, cpuCluster, scanStart] = (await readMemory([
      { address: readWord(bytes, this.area.slots), sizeBytes: slotCount },
      { address: clustersAddress, sizeBytes: clusterCount * this.layout.clusterBytes },
      this.zeroes === undefined ? { address, sizeBytes: 0 } : { address: readWord(bytes, this.zeroes), sizeBytes: zeroBytes },
      ...this.swapCache.places(swapType),
      ...this.layout.perCpu.map(({ pointer, sizeBytes }) => ({ address: this.perCpuAddress(readWord(bytes, pointer)), sizeBytes })),
    ])) as [Buffer, Buffer, Buffer, Buffer, Buffer, Buffer, Buffer];
    const [trees] = (await readMemory([this.swapCache.trees([spaces, spaceCount], slotCount)])) as [Buffer];
    return {
      swapType,
      slots,
      folioSlots: await this.swapCache.read(trees, slotCount, readMemory),
      zeroes: this.zeroes === undefined ? null : zeroes,
      ...this.layout.decode({ area: bytes, areaAddress: address, clusters, clustersAddress, clusterCount, perCpu: [cpuCluster, scanStart] }),
      usedSlots: readNumber(bytes, this.area.used),
      lowestSlot: readNumber(bytes, this.area.lowest),
      highestSlot: readNumber(bytes, this.area.highest),
    };
  }

  private perCpuAddress(pointer: bigint): bigint {
    return BigInt.asUintN(64, pointer + this.firstCpu);
  }

  private async readSlotsCache(readMemory: ReadMemory): Promise<SwapState["slotsCache"]> {
    const reader = this.slotsCache;
    if (reader === null) return null;
    const [cache, active] = (await readMemory([reader.cache, reader.active])) as [Buffer, Buffer];
    const entries = (await readMemory(reader.entries(cache))) as [Buffer, Buffer];
    return reader.decode(active, entries);
  }
}
