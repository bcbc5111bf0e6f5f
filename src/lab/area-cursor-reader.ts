import { type Cursors, orderCursorName } from "../model/allocator.ts";
import type { AreaState } from "../workload/swap-state.ts";
import type { Btf, Member } from "./btf.ts";
import { clusterFlag61 } from "./free-list-clusters.ts";
import { memberOf, membersOf, readNumber, readNumbers, readWord, sizeOf, unreadable } from "./kernel-layout.ts";
import type { MemoryRange, ReadMemory } from "./kernel-memory.ts";
import type { FoundArea } from "./swap-area-layout.ts";

export type AreaCursors = Pick<AreaState, "cpuCursors" | "sharedCursors">;

/** Reads where the kernel goes on looking for slots in one area. */
export interface AreaCursorReader {
  read(area: FoundArea, readMemory: ReadMemory): Promise<AreaCursors>;
}

/** Chooses by what the kernel's structures have. `cpuBases`: where each CPU's data lies, from __per_cpu_offset. */
export function areaCursorReader(btf: Btf, cpuBases: readonly bigint[]): AreaCursorReader {
  const area = btf.structure("swap_info_struct");
  if (area?.member("percpu_cluster") !== undefined) return new CpuClusters(btf, cpuBases);
  if (area?.member("global_cluster") !== undefined) return new GlobalCluster(btf);
  sizeOf(btf, "swap_info_struct");
  throw unreadable("struct swap_info_struct has neither percpu_cluster nor global_cluster");
}

/**
 * Kernel 6.1 to 6.13: each CPU has a place of its own in every area with clusters, and where there are none all of them
 * share one.
 */
class CpuClusters implements AreaCursorReader {
  private readonly cpuBases: readonly bigint[];
  private readonly pointer: Readonly<Record<"cluster" | "scanStart", Member>>;
  private readonly shared: Readonly<Record<"cluster_next" | "cluster_nr", Member>>;
  private readonly sizeBytes: number;
  private readonly decode: (cluster: Buffer) => Cursors;

  constructor(btf: Btf, cpuBases: readonly bigint[]) {
    this.cpuBases = cpuBases;
    this.pointer = membersOf(btf, "swap_info_struct", { cluster: "percpu_cluster", scanStart: "cluster_next_cpu" });
    this.shared = membersOf(btf, "swap_info_struct", { cluster_next: "cluster_next", cluster_nr: "cluster_nr" });
    this.sizeBytes = sizeOf(btf, "percpu_cluster");
    this.decode = btf.structure("percpu_cluster")?.member("index") === undefined ? orderCursors(btf) : freeListCursor(btf);
  }

  async read({ bytes, clustersAddress }: FoundArea, readMemory: ReadMemory): Promise<AreaCursors> {
    if (clustersAddress === null) {
      const { cluster_next, cluster_nr } = this.shared;
      return { cpuCursors: [], sharedCursors: { cluster_next: readNumber(bytes, cluster_next), cluster_nr: readNumber(bytes, cluster_nr) } };
    }
    const ofEveryCpu = (pointer: Member, sizeBytes: number): MemoryRange[] => this.cpuBases.map((base) => ({ address: BigInt.asUintN(64, readWord(bytes, pointer) + base), sizeBytes }));
    const clusters = ofEveryCpu(this.pointer.cluster, this.sizeBytes);
    const read = await readMemory([...clusters, ...ofEveryCpu(this.pointer.scanStart, 4)]);
    // The start is drawn at random by swapon in 6.12 too, where nobody looks at it on a device with clusters.
    const cpuCursors = clusters.map((_, cpu) => ({ ...this.decode(read[cpu]!), scan_start: read[clusters.length + cpu]!.readUInt32LE() }));
    return { cpuCursors, sharedCursors: null };
  }
}

/** Kernel 6.1 to 6.9: the cluster that base pages go to. */
function freeListCursor(btf: Btf): (cluster: Buffer) => Cursors {
  const member = membersOf(btf, "percpu_cluster", { index: "index.data", flags: "index.flags", next: "next" });
  return (cluster) => {
    const hasCluster = (readNumber(cluster, member.flags) & clusterFlag61.nextNull) === 0;
    return { cluster: hasCluster ? readNumber(cluster, member.index) : "none", cluster_next: hasCluster ? readNumber(cluster, member.next) : null };
  };
}

/** A slot for each order, 0 for none. */
function orderCursors(btf: Btf, structure = "percpu_cluster"): (cluster: Buffer) => Cursors {
  const next = memberOf(btf, structure, "next");
  return (cluster) => Object.fromEntries(readNumbers(cluster, next).map((slot, order) => [orderCursorName(order), slot === 0 ? "none" : slot]));
}

/** Kernel 6.15 on: only a rotating device has places of its own, which all CPUs share. */
class GlobalCluster implements AreaCursorReader {
  private readonly pointer: Member;
  private readonly sizeBytes: number;
  private readonly decode: (cluster: Buffer) => Cursors;

  constructor(btf: Btf) {
    this.pointer = memberOf(btf, "swap_info_struct", "global_cluster");
    this.sizeBytes = sizeOf(btf, "swap_sequential_cluster");
    this.decode = orderCursors(btf, "swap_sequential_cluster");
  }

  async read({ bytes, rotating }: FoundArea, readMemory: ReadMemory): Promise<AreaCursors> {
    if (!rotating) return { cpuCursors: [], sharedCursors: null };
    const [cluster] = (await readMemory([{ address: readWord(bytes, this.pointer), sizeBytes: this.sizeBytes }])) as [Buffer];
    return { cpuCursors: [], sharedCursors: this.decode(cluster) };
  }
}
