// An area's bytes as 32-bit words: runs of large folios are aligned, and most work is on runs. In a module of their own, so
// that a bundler writes the numbers where they are used.

/** Slots in one word. */
export const wordSlots = 4;
/** log2 of `wordSlots`. */
export const wordShift = 2;
/** Longer runs are left to the engine: a call into it costs as much as storing a few dozen words. */
export const longRun = 256;
