import type { AreaState, CpuState, SwapState } from "../workload/swap-state.ts";
import { type AreaCursorReader, areaCursorReader } from "./area-cursor-reader.ts";
import type { Btf } from "./btf.ts";
import type { ClusterLayout, DecodedClusters } from "./cluster-layout.ts";
import { continuationSymbols } from "./continuation-reader.ts";
import { CpuCursorReader, cpuCursorSymbols } from "./cpu-cursor-reader.ts";
import { FreeListClusters } from "./free-list-clusters.ts";
import { addressOf, sizeOf, unreadable } from "./kernel-layout.ts";
import type { MemoryRange, ReadMemory } from "./kernel-memory.ts";
import { OrderListClusters } from "./order-list-clusters.ts";
import { type SlotReader, slotReader } from "./slot-reader.ts";
import { SlotsCacheReader, slotsCacheSymbols } from "./slots-cache-reader.ts";
import { type FoundArea, SwapAreaLayout } from "./swap-area-layout.ts";
import { swapCacheSymbols } from "./swap-cache-reader.ts";

/** Kernel data whose addresses the guest is asked for. A kernel has some of them. */
export const swapSymbols = [
  ...["swap_info", "nr_swapfiles", "nr_swap_pages", "total_swap_pages", "__per_cpu_offset"],
  ...swapCacheSymbols,
  ...slotsCacheSymbols,
  ...cpuCursorSymbols,
  ...continuationSymbols,
] as const;

/** Swap types that an entry can name. Kernel: MAX_SWAPFILES_SHIFT. */
const swapTypeMax = 1 << 5;

/**
 * Reads the swap core's state out of a kernel's memory, which has to stand still meanwhile. Each round reads everything
 * whose address the rounds before have told.
 *
 * Kernel 6.1 to 6.9, 6.12, 6.13, 6.15 to 7.3. How each part is laid out is chosen by what the kernel's structures have.
 * The constructor throws LabError `invalid` naming the first symbol or member that another kernel lacks; what is there
 * but makes no sense does so while reading.
 */
export class SwapReader {
  private readonly cpuBases: readonly bigint[];
  private readonly globals: Readonly<Record<"areas" | "areaCount" | "freeSlots" | "totalSlots", MemoryRange>>;
  private readonly layout: SwapAreaLayout;
  private readonly clusters: ClusterLayout;
  private readonly slots: SlotReader;
  private readonly areaCursors: AreaCursorReader;
  private readonly cpuCursors: CpuCursorReader | null;
  private readonly slotsCache: SlotsCacheReader | null;

  /** `cpuBases`: where the per-CPU data of each CPU lies, from __per_cpu_offset. */
  constructor(btf: Btf, addresses: ReadonlyMap<string, bigint>, cpuBases: readonly bigint[]) {
    this.cpuBases = cpuBases;
    this.layout = new SwapAreaLayout(btf);
    this.clusters = clusterLayout(btf);
    this.slots = slotReader(btf, addresses);
    this.areaCursors = areaCursorReader(btf, cpuBases);
    this.cpuCursors = btf.structure("percpu_swap_cluster") === undefined ? null : new CpuCursorReader(btf, addresses);
    this.slotsCache = btf.structure("swap_slots_cache") === undefined ? null : new SlotsCacheReader(btf, addresses);
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
    const everyArea = await readMemory(addresses.map((address) => ({ address, sizeBytes: this.layout.sizeBytes })));
    if (everyArea.some((bytes) => this.layout.isLocked(bytes))) return null;
    const states: AreaState[] = [];
    for (const [swapType, bytes] of everyArea.entries()) {
      const found = this.layout.find(addresses[swapType]!, bytes, swapType);
      if (found === null) continue;
      const state = await this.readArea(found, readMemory);
      if (state === null) return null;
      states.push(state);
    }
    return {
      freeSlots: Number(free.readBigInt64LE()),
      totalSlots: Number(total.readBigInt64LE()),
      cpus: await this.readCpus(addresses, readMemory),
      areas: states,
    };
  }

  private async readArea(area: FoundArea, readMemory: ReadMemory): Promise<AreaState | null> {
    const { swapType, clustersAddress, clusterCount } = area;
    const sizeBytes = clustersAddress === null ? 0 : clusterCount * this.clusters.sizeBytes;
    const [clusters] = (await readMemory([{ address: clustersAddress ?? 0n, sizeBytes }])) as [Buffer];
    const bytes = clustersAddress === null ? null : { area, clusters, clustersAddress };
    if (bytes !== null && this.clusters.isLocked(bytes)) return null;
    const { tables, ...slots } = await this.slots.read(area, clusters, readMemory);
    const decoded: DecodedClusters = bytes === null ? { clusters: null, lists: {}, fragCounts: null } : this.clusters.decode(bytes);
    return {
      swapType,
      ...slots,
      ...decoded,
      clusters: decoded.clusters === null ? null : { ...decoded.clusters, table: tables },
      ...(await this.areaCursors.read(area, readMemory)),
      ...this.layout.usage(area),
    };
  }

  private async readCpus(areas: readonly bigint[], readMemory: ReadMemory): Promise<CpuState[]> {
    const { cpuCursors, slotsCache, cpuBases } = this;
    const cursorBytes = cpuCursors === null ? [] : await readMemory(cpuBases.map((base) => cpuCursors.place(base)));
    const states: CpuState[] = [];
    for (const [cpu, base] of cpuBases.entries()) {
      const cursors = cpuCursors === null ? null : cpuCursors.decode(cursorBytes[cpu]!, areas);
      states.push({ cursors, slotsCache: slotsCache === null ? null : await slotsCache.read(base, readMemory) });
    }
    return states;
  }
}

/** Chooses by what the kernel's structures have. Throws `invalid` naming what none of the known ones lacks. */
function clusterLayout(btf: Btf): ClusterLayout {
  const cluster = btf.structure("swap_cluster_info");
  if (cluster?.member("data") !== undefined) return new FreeListClusters(btf);
  if (cluster?.member("list") !== undefined) return new OrderListClusters(btf);
  sizeOf(btf, "swap_cluster_info");
  throw unreadable("struct swap_cluster_info has neither data nor list");
}
