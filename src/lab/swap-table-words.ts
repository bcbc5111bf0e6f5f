import { clusterSlotCount, x86_64 } from "../model/geometry.ts";
import { slotWord } from "../workload/slot-word.ts";
import { cachedFolios, folioLengths } from "./cached-folios.ts";
import { unreadable } from "./kernel-layout.ts";
import type { SwapTables } from "./swap-table-reader.ts";

const clusterSlots = clusterSlotCount(x86_64);
const wordBytes = 8;

/** What the words of a table say, slot by slot. */
export interface TableRows {
  readonly slots: Uint32Array;
  readonly folioSlots: Uint16Array;
  readonly zeroes: Uint8Array;
}

/** Calls `see` with the two halves of every word that is not zero, of slots from 0 to the end of the area. */
function eachWord({ tables }: SwapTables, slotCount: number, see: (slot: number, low: number, high: number) => void): void {
  for (const [cluster, table] of tables.entries()) {
    if (table === null) continue;
    // A device of 1 GiB has a quarter of a million words: this runs while the guest stands still.
    const words = new DataView(table.buffer, table.byteOffset, table.byteLength);
    const first = cluster * clusterSlots;
    const count = Math.min(clusterSlots, slotCount - first);
    for (let i = 0; i < count; i++) {
      const low = words.getUint32(wordBytes * i, true);
      const high = words.getUint32(wordBytes * i + 4, true);
      if (low !== 0 || high !== 0) see(first + i, low, high);
    }
  }
}

const hex = (low: number, high: number): string => `0x${(BigInt(high) * 2n ** 32n + BigInt(low)).toString(16)}`;

/**
 * The swap cache in a table whose words are pointers to folios, or odd: what is remembered of a folio that left.
 * Kernel 6.18 to 7.0, where counts are elsewhere.
 */
export function foliosInPointers(tables: SwapTables, slotCount: number): Uint16Array {
  const folios = cachedFolios(slotCount);
  eachWord(tables, slotCount, (slot, low, high) => {
    if ((low & 1) === 1) return;
    if ((low & 7) !== 0) throw unreadable(`the swap table has ${hex(low, high)} for slot ${slot}`);
    folios.low[slot] = low;
    folios.high[slot] = high;
  });
  return folioLengths(folios);
}

/**
 * Bits of a word's upper half. Kernel 7.1 on, x86-64: 40 bits of page frame number after the two that say of what kind the
 * word is; the topmost four are the count and the one below says that the slot holds zeroes (7.2 on).
 */
const countShift = 28;
const zeroBit = 1 << 27;
const frameMask = zeroBit - 1;
/** A count of so much is not the count: it is in the cluster's other table. Kernel: SWP_TB_COUNT_MAX. */
const countElsewhere = 15;
/** Word of a slot that is never handed out. Kernel: SWP_TB_BAD. */
const bad = { low: 0xffff_fff8, high: 0xffff_ffff };

/** Everything about a slot in one word. Kernel 7.1 on; the zero flag, where it is in the word, 7.2 on. */
export function rowsOfWords(tables: SwapTables, slotCount: number, hasZeroFlag: boolean): TableRows {
  const slots = new Uint32Array(slotCount);
  const zeroes = new Uint8Array(Math.ceil(slotCount / 8));
  const folios = cachedFolios(slotCount);
  eachWord(tables, slotCount, (slot, low, high) => {
    if (low === bad.low && high === bad.high) {
      slots[slot] = slotWord.bad;
      return;
    }
    const count = high >>> countShift;
    const isFolio = (low & 3) === 2;
    // A slot that nobody refers to is its folio's, or free and all zero.
    if (!isFolio && ((low & 1) === 0 || count === 0)) throw unreadable(`the swap table has ${hex(low, high)} for slot ${slot}`);
    if (isFolio) {
      folios.low[slot] = low;
      folios.high[slot] = high & frameMask;
    }
    if (hasZeroFlag && (high & zeroBit) !== 0) zeroes[slot >> 3]! |= 1 << (slot & 7);
    const references = count === countElsewhere ? extendedCount(tables, slot) : count;
    slots[slot] = references | (isFolio ? slotWord.held : 0);
  });
  return { slots, folioSlots: folioLengths(folios), zeroes };
}

function extendedCount({ extendTables }: SwapTables, slot: number): number {
  const table = extendTables[Math.floor(slot / clusterSlots)];
  const count = table?.readUInt32LE(4 * (slot % clusterSlots)) ?? 0;
  if (count < countElsewhere || count >= slotWord.held) throw unreadable(`the count of slot ${slot} goes on in a table where it is ${count}`);
  return count;
}
