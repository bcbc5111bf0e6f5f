import { clusterSlotCount, x86_64 } from "../model/geometry.ts";
import { tableState } from "../workload/swap-state.ts";
import type { Btf, Member } from "./btf.ts";
import { memberOf, readWord, sizeOf, unreadable } from "./kernel-layout.ts";
import type { MemoryRange, ReadMemory } from "./kernel-memory.ts";
import type { FoundArea } from "./swap-area-layout.ts";

const clusterSlots = clusterSlotCount(x86_64);
const wordBytes = 8;
const countBytes = 4;

/** Tables of all clusters of an area as they were read. Null for a cluster without. */
export interface SwapTables {
  readonly tables: readonly (Buffer | null)[];
  /** Counts that the table has no room for. */
  readonly extendTables: readonly (Buffer | null)[];
  /** By cluster; see `tableState`. */
  readonly states: Uint8Array;
}

/** Finds and fetches the swap tables. Kernel 6.18 on: one for each cluster in use. */
export class SwapTableReader {
  private readonly table: Member;
  /** Kernel 7.1 on. */
  private readonly extendTable: Member | undefined;
  private readonly clusterBytes: number;

  constructor(btf: Btf) {
    this.clusterBytes = sizeOf(btf, "swap_cluster_info");
    this.table = memberOf(btf, "swap_cluster_info", "table");
    this.extendTable = btf.structure("swap_cluster_info")?.member("extend_table");
    const entries = memberOf(btf, "swap_table", "entries");
    if (entries.elementCount !== clusterSlots || entries.elementBytes !== wordBytes) {
      throw unreadable(`its swap tables have ${entries.elementCount} entries of ${entries.elementBytes} bytes`);
    }
  }

  async read({ clusterCount }: FoundArea, clusters: Buffer, readMemory: ReadMemory): Promise<SwapTables> {
    const ranges: MemoryRange[] = [];
    const place = (member: Member | undefined, cluster: number, sizeBytes: number): number | null => {
      const address = member === undefined ? 0n : readWord(clusters, member, cluster * this.clusterBytes);
      return address === 0n ? null : ranges.push({ address, sizeBytes }) - 1;
    };
    const every = Array.from({ length: clusterCount }, (_, cluster) => cluster);
    const tables = every.map((cluster) => place(this.table, cluster, clusterSlots * wordBytes));
    const extendTables = every.map((cluster) => place(this.extendTable, cluster, clusterSlots * countBytes));
    const read = await readMemory(ranges, "scattered");
    const found = (index: number | null): Buffer | null => (index === null ? null : read[index]!);
    return {
      tables: tables.map(found),
      extendTables: extendTables.map(found),
      states: Uint8Array.from(every, (cluster) => (tables[cluster] === null ? tableState.none : extendTables[cluster] === null ? tableState.table : tableState.extended)),
    };
  }
}
