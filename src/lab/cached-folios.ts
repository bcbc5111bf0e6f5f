/** The folio that the swap cache has for each slot, as two halves of whatever tells folios apart; both zero for none. */
export interface CachedFolios {
  readonly low: Uint32Array;
  readonly high: Uint32Array;
}

export const cachedFolios = (slotCount: number): CachedFolios => ({ low: new Uint32Array(slotCount), high: new Uint32Array(slotCount) });

/** Per slot how many slots its folio holds: all of them have the same one, so a run of one folio is that folio. */
export function folioLengths({ low, high }: CachedFolios): Uint16Array {
  const lengths = new Uint16Array(low.length);
  for (let slot = 0; slot < low.length; ) {
    const start = slot++;
    if (low[start] === 0 && high[start] === 0) continue;
    while (slot < low.length && low[slot] === low[start] && high[slot] === high[start]) slot++;
    lengths.fill(slot - start, start, slot);
  }
  return lengths;
}
