/**
 * The byte that swap_map keeps for every slot.
 * Kernel 6.1 to 6.19: the low six bits count page-table references, 0x40 says that a folio in the swap cache
 * (or a per-CPU slots cache) holds the slot. Source: include/linux/swap.h of 6.1 and 6.12.
 *
 * Constants of a module and not members of an object, so that a bundler writes the number where one is used.
 */
export const free = 0x00;
/** Largest plain count; more needs continuation pages. */
export const countMax = 0x3e;
/** Never handed out: the header page and bad pages. */
export const bad = 0x3f;
export const hasCache = 0x40;
/** Owned by shared memory, which keeps the one reference itself and never counts. */
export const shared = 0xbf;

/** References from page tables, the cache bit left out. */
export const slotCount = (byte: number): number => byte & ~hasCache;
