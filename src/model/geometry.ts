/**
 * Sizes that depend on the architecture and the kernel's configuration. Nothing in the model writes them
 * as literals.
 */
export interface Geometry {
  readonly pageSizeBytes: number;
  /** Order of a folio that one page-middle-directory entry maps; log2 of the pages in it. */
  readonly pmdOrder: number;
}

/** x86-64 with 4 KiB pages. */
export const x86_64: Geometry = { pageSizeBytes: 4096, pmdOrder: 9 };

/**
 * Slots in one swap cluster.
 * Kernel (all releases modelled, with THP_SWAP): a cluster holds exactly one PMD-sized folio.
 */
export const clusterSlotCount = (geometry: Geometry): number => 1 << geometry.pmdOrder;

/** Bits in a machine word of the kernel. x86-64. */
export const wordBits = 64;

/** Folio size in kB, as the kernel names it in hugepages-<size>kB. */
export const folioKb = (geometry: Geometry, order: number): number => (geometry.pageSizeBytes << order) / 1024;

/**
 * Bits that a swap entry has for the offset. x86-64: the 64 bits of a page-table entry less those that are taken; MIPS: the
 * tightest configuration that came up when a bit of it was asked for.
 */
export const swapOffsetBits = { "x86-64": 50, MIPS: 17 } as const;
