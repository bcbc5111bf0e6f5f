/**
 * A naturally aligned block of 2^order slots as one number that is one bit wider than a slot's offset. No kernel stores
 * entries so; it was proposed as a way to put a folio's order into its swap entry.
 *
 * Two limits. The bit is taken from the offset, so that a device can be half as long. And the number names the block only:
 * every page of a folio would have the same entry, and which of the block's slots is its own must be known from elsewhere.
 *
 * BigInt, because an offset has up to 58 bits.
 */

export interface AlignedBlock {
  readonly order: number;
  /** First slot; a multiple of 2^order. */
  readonly offset: bigint;
}

/** Twice the offset plus the block's length: the lowest bit set tells the order. 0 names no block. */
export function encodeAligned({ order, offset }: AlignedBlock): bigint {
  const length = 1n << BigInt(order);
  if (offset < 0n || offset % length !== 0n) throw new RangeError(`slot ${offset} does not start an aligned block of order ${order}`);
  return offset * 2n + length;
}

/** Null for 0, which names no block. */
export function decodeAligned(code: bigint): AlignedBlock | null {
  if (code <= 0n) return null;
  const lowest = code & -code;
  return { order: bitLength(lowest) - 1, offset: (code - lowest) / 2n };
}

/**
 * The same with a bit that enables it, above the offset's `offsetBits`: without it the number is one slot, with it a block of
 * two or more, where the bit below the block's length is set in its offset.
 */
export function encodeEnabled({ order, offset }: AlignedBlock, offsetBits: number): bigint {
  const length = 1n << BigInt(order);
  if (offset < 0n || offset % length !== 0n) throw new RangeError(`slot ${offset} does not start an aligned block of order ${order}`);
  if (bitLength(offset + length - 1n) > offsetBits) throw new RangeError(`a block of order ${order} at slot ${offset} does not fit into ${offsetBits} bits`);
  return order === 0 ? offset : (1n << BigInt(offsetBits)) | offset | (length >> 1n);
}

export function decodeEnabled(code: bigint, offsetBits: number): AlignedBlock {
  const enable = 1n << BigInt(offsetBits);
  if ((code & enable) === 0n) return { order: 0, offset: code };
  const value = code - enable;
  const lowest = value & -value;
  return { order: bitLength(lowest), offset: value - lowest };
}

/** Slots that a device can have when its offsets have so many bits, with and without the bit for the order. */
export function slotLimits(offsetBits: number): { readonly without: bigint; readonly withOrder: bigint } {
  return { without: 1n << BigInt(offsetBits), withOrder: 1n << BigInt(offsetBits - 1) };
}

const bitLength = (value: bigint): number => (value === 0n ? 0 : value.toString(2).length);
