import type { AreaState } from "../workload/swap-state.ts";
import type { Btf } from "./btf.ts";
import { unreadable } from "./kernel-layout.ts";
import type { ReadMemory } from "./kernel-memory.ts";
import { SlotMapReader, ZeroMapReader } from "./slot-map-reader.ts";
import type { FoundArea } from "./swap-area-layout.ts";
import { SwapCacheReader } from "./swap-cache-reader.ts";
import { SwapTableReader } from "./swap-table-reader.ts";
import { foliosInPointers, rowsOfWords } from "./swap-table-words.ts";

/** The part of an area that is kept slot by slot. */
export type SlotStates = Pick<AreaState, "slots" | "folioSlots" | "zeroes">;

/** Reads an area slot by slot. */
export interface SlotReader {
  /** `clusters`: the array of struct swap_cluster_info, empty on a device without. */
  read(area: FoundArea, clusters: Buffer, readMemory: ReadMemory): Promise<SlotStates & { readonly tables: Uint8Array | null }>;
}

/** Chooses by where the kernel keeps counts and cached folios. Throws `invalid` naming what is missing. */
export function slotReader(btf: Btf, addresses: ReadonlyMap<string, bigint>): SlotReader {
  const hasTable = btf.structure("swap_cluster_info")?.member("table") !== undefined;
  if (!hasTable) return new MapAndTrees(btf, addresses);
  return btf.structure("swap_cluster_info")?.member("extend_table") === undefined ? new MapAndTables(btf, addresses) : new TablesAlone(btf);
}

/** Kernel until 6.17: counts in a map of the area, the swap cache in XArrays. */
class MapAndTrees implements SlotReader {
  private readonly map: SlotMapReader;
  private readonly zeroMap: ZeroMapReader;
  private readonly swapCache: SwapCacheReader;

  constructor(btf: Btf, addresses: ReadonlyMap<string, bigint>) {
    this.map = new SlotMapReader(btf, addresses);
    this.zeroMap = new ZeroMapReader(btf);
    this.swapCache = new SwapCacheReader(btf, addresses);
  }

  async read(area: FoundArea, _clusters: Buffer, readMemory: ReadMemory): Promise<SlotStates & { readonly tables: null }> {
    const folioSlots = await this.swapCache.read(area, readMemory);
    return { slots: await this.map.read(area, folioSlots, readMemory), folioSlots, zeroes: await this.zeroMap.read(area, readMemory), tables: null };
  }
}

/** Kernel 6.18 to 7.0: counts in a map of the area, the swap cache in a table of each cluster. */
class MapAndTables implements SlotReader {
  private readonly map: SlotMapReader;
  private readonly zeroMap: ZeroMapReader;
  private readonly tables: SwapTableReader;

  constructor(btf: Btf, addresses: ReadonlyMap<string, bigint>) {
    this.map = new SlotMapReader(btf, addresses);
    this.zeroMap = new ZeroMapReader(btf);
    this.tables = new SwapTableReader(btf);
  }

  async read(area: FoundArea, clusters: Buffer, readMemory: ReadMemory): Promise<SlotStates & { readonly tables: Uint8Array }> {
    const tables = await this.tables.read(area, clusters, readMemory);
    const folioSlots = foliosInPointers(tables, area.slotCount);
    return { slots: await this.map.read(area, folioSlots, readMemory), folioSlots, zeroes: await this.zeroMap.read(area, readMemory), tables: tables.states };
  }
}

/** Kernel 7.1 on: counts and the swap cache in a table of each cluster, from 7.2 on also which slots hold zeroes. */
class TablesAlone implements SlotReader {
  private readonly zeroMap: ZeroMapReader;
  private readonly tables: SwapTableReader;
  private readonly hasZeroFlag: boolean;

  constructor(btf: Btf) {
    this.zeroMap = new ZeroMapReader(btf);
    this.tables = new SwapTableReader(btf);
    const zeroBitmap = btf.structure("swap_cluster_info")?.member("zero_bitmap");
    if (zeroBitmap !== undefined) throw unreadable("struct swap_cluster_info has zero_bitmap, so its tables have words of another kind");
    this.hasZeroFlag = btf.structure("swap_info_struct")?.member("zeromap") === undefined;
  }

  async read(area: FoundArea, clusters: Buffer, readMemory: ReadMemory): Promise<SlotStates & { readonly tables: Uint8Array }> {
    const tables = await this.tables.read(area, clusters, readMemory);
    const { zeroes, ...rows } = rowsOfWords(tables, area.slotCount, this.hasZeroFlag);
    return { ...rows, zeroes: (await this.zeroMap.read(area, readMemory)) ?? zeroes, tables: tables.states };
  }
}
