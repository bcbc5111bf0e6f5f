import * as slotByte from "../model/slot-byte.ts";

/**
 * What keeps a slot, in one number for every generation: how many references there are to it, and flags. 0 is a free
 * slot. Kernels say it in a byte of swap_map, in a word of a swap table, or in both.
 */
export const slotWord = {
  free: 0,
  /** The swap cache has a folio for it; until 6.13 also: it lies in a slots cache. */
  held: 2 ** 28,
  /** Shared memory's, which keeps the one reference itself and never counts (until 7.0). */
  shared: 2 ** 29,
  /** Never handed out: the header page and bad pages. */
  bad: 2 ** 30,
} as const;

/** References that a word has room for. */
const referencesMax = slotWord.held - 1;

/** References from page tables; from 7.1 on shared memory's count like theirs. */
export const slotReferences = (word: number): number => word & referencesMax;

/** Of a byte whose count goes on in continuation pages: the bit that says so. Kernel until 7.0: COUNT_CONTINUED. */
const countContinued = 0x80;

/** Bytes of swap_map whose count goes on elsewhere. */
export const isContinued = (byte: number): boolean => (byte & countContinued) !== 0 && (byte & ~slotByte.hasCache) !== slotByte.shared;

/** By the byte that swap_map has for a slot, the slot's word; of a continued count its first digit. Kernel until 7.0. */
export const wordOfByte: Uint32Array = Uint32Array.from({ length: 256 }, (_, byte) => {
  const held = (byte & slotByte.hasCache) === 0 ? 0 : slotWord.held;
  const count = byte & ~slotByte.hasCache;
  if (count === slotByte.bad) return held | slotWord.bad;
  if (count === slotByte.shared) return held | slotWord.shared;
  return held | (count & ~countContinued);
});
