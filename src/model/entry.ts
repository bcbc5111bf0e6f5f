/**
 * A swap entry as one number: swap type and offset. It is wide enough for every area a kernel can have and stays an
 * exact integer.
 */
const typeFactor = 2 ** 40;

export const makeEntry = (swapType: number, offset: number): number => swapType * typeFactor + offset;
export const entryType = (entry: number): number => Math.floor(entry / typeFactor);
export const entryOffset = (entry: number): number => entry % typeFactor;
