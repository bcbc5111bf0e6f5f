/**
 * The workload language after parsing: what the guest's agent and the model both execute.
 *
 * Every size is a page count and every range is a page range inside a region, so neither side does
 * arithmetic of its own on what a person wrote.
 */

/** A process of the workload. The first one is `main`; `fork` names the others. */
export type ProcessName = string;
/** A mapping of the workload, named by the op that made it. */
export type RegionName = string;

/** A swap area of the workload. */
export type AreaName = string;

/** A range of pages inside a region. `firstPage` counts from the region's start. */
export interface PageRange {
  readonly firstPage: number;
  readonly pageCount: number;
}

/** Pieces of a range in place of all of it, aligned to their size from its start. One may be drawn more than once. */
export interface Pieces {
  readonly count: number;
  /** Of each piece. */
  readonly pageCount: number;
  /** What is drawn follows from it: guest and model draw the same. */
  readonly seed: number;
}

/**
 * What a page holds after `fill` or `write`.
 * - `words`: a different non-zero word in every 8 bytes (never a zero page, does not collapse in zram)
 * - `same-byte`: every byte is `byte`
 * - `zero`: every byte is 0
 * - `random`: bytes of a generator started from `seed`
 */
export type FillPattern =
  | { readonly kind: "words" }
  | { readonly kind: "same-byte"; readonly byte: number }
  | { readonly kind: "zero" }
  | { readonly kind: "random"; readonly seed: number };

/** What all ops have. */
interface AnyOp {
  readonly in: ProcessName;
  /** The CPU that the process is pinned to for the op; CPU 0 when absent. */
  readonly cpu?: number;
}

export interface MapOp extends AnyOp {
  readonly op: "map";
  readonly region: RegionName;
  readonly pageCount: number;
  /** Order of the folios asked for: 0 for base pages, else log2 of the pages in one folio. */
  readonly folioOrder: number;
  readonly share: "private" | "shared";
}

export interface FillOp extends AnyOp {
  readonly op: "fill";
  readonly region: RegionName;
  readonly range: PageRange;
  readonly pieces?: Pieces;
  readonly pattern: FillPattern;
}

/** Ops that act on a page range and carry nothing else. */
export interface RangeOp extends AnyOp {
  readonly op: RangeOpName;
  readonly region: RegionName;
  readonly range: PageRange;
  /** Of `piecesOpNames` only. */
  readonly pieces?: Pieces;
}

export const rangeOpNames = ["pageout", "cold", "read", "write", "dontneed", "free", "unmap", "remove", "pin", "split"] as const;
/**
 * - `pageout`: MADV_PAGEOUT, then wait until no page is under writeback
 * - `cold`: MADV_COLD
 * - `read`: read one word of every page, in ascending order, and check it against what was last put there
 * - `write`: store one word into every page, in ascending order
 * - `dontneed`: MADV_DONTNEED
 * - `free`: MADV_FREE
 * - `unmap`: munmap
 * - `remove`: MADV_REMOVE, which punches a hole into the file behind shared memory, for all who map it
 * - `pin`: vmsplice into a pipe, which reads the pages and gives each one more reference
 * - `split`: split_huge_pages in debugfs, which splits every large folio that the process maps there
 */
export type RangeOpName = (typeof rangeOpNames)[number];
/** Ops that can be done to pieces of their range, beside `fill`: those that can be done to a page twice. */
export const piecesOpNames = ["pageout", "cold", "read", "write", "dontneed", "free"] as const satisfies readonly RangeOpName[];

export const stormRoles = ["pageout", "dontneed", "write", "read"] as const;
/** What a thread of a storm does to each piece that it draws: MADV_PAGEOUT, MADV_DONTNEED, store into every page, or check every page. */
export type StormRole = (typeof stormRoles)[number];
/** Limit of the agent. */
export const stormThreadsMax = 8;

/**
 * Threads of one process that work on one range at the same time, on the CPUs by turns. Each draws pieces of its own and takes
 * at least `pieces.count` of them; it goes on until all have. The range is written first and checked at the end. What becomes
 * of the swap core no model can say, so from here on only what must always hold is checked.
 */
export interface StormOp extends AnyOp {
  readonly op: "storm";
  readonly region: RegionName;
  readonly range: PageRange;
  readonly threads: readonly StormRole[];
  readonly pieces: Pieces;
}

/** The child begins on the CPU of the op. */
export interface ForkOp extends AnyOp {
  readonly op: "fork";
  readonly child: ProcessName;
}

export interface ExitOp extends AnyOp {
  readonly op: "exit";
}

/** Closes every pipe through which this process holds pages of the region. */
export interface UnpinOp extends AnyOp {
  readonly op: "unpin";
  readonly region: RegionName;
}

export interface SwapSwitchOp extends AnyOp {
  readonly op: "swapoff" | "swapon";
  readonly area: AreaName;
}

/**
 * Reclaim takes everything that no process of the workload maps, so that the swap cache is left with what is mapped. What
 * is mapped stays.
 */
export interface EvictOp extends AnyOp {
  readonly op: "evict";
}

/** Switches zswap on or off; every run starts with it off. */
export interface ZswapOp extends AnyOp {
  readonly op: "zswap";
  readonly enabled: boolean;
}

export interface NoteOp extends AnyOp {
  readonly op: "note";
  readonly text: string;
}

/**
 * After every op all CPUs let their batches of LRU moves go: a page that waits in the batch of another CPU cannot be
 * reclaimed, and has a passing reference that keeps its slot from being freed.
 */
export type Op = MapOp | FillOp | RangeOp | StormOp | ForkOp | ExitOp | UnpinOp | SwapSwitchOp | EvictOp | ZswapOp | NoteOp;

/** The devices a workload can swap to, as one choice: a name that ends in hdd or ssd says what the guest is to take it for. */
export const deviceNames = ["nvme", "nvme-hdd", "scsi-ssd", "scsi-hdd", "virtio", "virtio-ssd", "brd", "zram"] as const;
export type DeviceName = (typeof deviceNames)[number];

/** More CPUs tell nothing more, and each has to be emulated. */
export const cpuCountMax = 8;

/** Areas that a workload may declare: the guest's machine has a slot for so many disks. */
export const areasMax = 4;
/** Kernel: SWAP_FLAG_PRIO_MASK. */
export const priorityMax = 0x7fff;
/** The area of a workload that declares none. */
export const onlyArea: AreaName = "swap";

/** A swap area and what it lies on. Each has a device of its own. */
export interface AreaDeclaration {
  readonly name: AreaName;
  readonly device: DeviceName;
  /** Length in pages, header page included. */
  readonly pageCount: number;
  /** 0 to `priorityMax`; areas of a higher one are used first. Null leaves it to the kernel, which ranks those below all others. */
  readonly priority: number | null;
}

/** A workload with every parameter filled in. */
export interface Workload {
  readonly name: string;
  /** One line for lists. */
  readonly title: string;
  /** At least one. The first is switched on before the first op, the others by ops. */
  readonly areas: readonly AreaDeclaration[];
  /** CPUs of the guest. */
  readonly cpuCount: number;
  readonly ops: readonly Op[];
}
