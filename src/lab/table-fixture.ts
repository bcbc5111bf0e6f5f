import { slotReferences, slotWord } from "../workload/slot-word.ts";
import { type AreaState, tableState } from "../workload/swap-state.ts";

const clusterSlots = 512;

export interface WrittenTables {
  readonly table: Buffer | null;
  readonly extendTable: Buffer | null;
}

/** The swap tables of an area for tests: of pointers to folios, or of words that say everything about a slot. */
export function tablesOf(area: AreaState, kind: "pointers" | "words", hasZeroFlag: boolean): WrittenTables[] {
  return Array.from(area.clusters!.table!, (state, cluster) => {
    const table = Buffer.alloc(8 * clusterSlots);
    const extendTable = Buffer.alloc(4 * clusterSlots);
    for (let i = 0; i < clusterSlots; i++) {
      const slot = cluster * clusterSlots + i;
      const word = kind === "pointers" ? pointerOf(area, slot) : wordOf(area, slot, hasZeroFlag);
      table.writeBigUInt64LE(word, 8 * i);
      const references = slotReferences(area.slots[slot] ?? 0);
      if (references > 14) extendTable.writeUInt32LE(references, 4 * i);
    }
    return { table: state === tableState.none ? null : table, extendTable: state === tableState.extended ? extendTable : null };
  });
}

/** Of the folio that a slot belongs to, its first slot; folios lie naturally aligned. */
const firstOf = ({ folioSlots }: AreaState, slot: number): bigint => BigInt(slot - (slot % folioSlots[slot]!));

function pointerOf(area: AreaState, slot: number): bigint {
  if ((area.folioSlots[slot] ?? 0) > 0) return 0xffff_ea00_0000_0000n + 64n * firstOf(area, slot);
  return slot % 2 === 0 ? 0n : 0x51n;
}

function wordOf(area: AreaState, slot: number, hasZeroFlag: boolean): bigint {
  const state = area.slots[slot];
  if (state === undefined || state === slotWord.bad) return 0xffff_ffff_ffff_fff8n;
  if (state === slotWord.free) return 0n;
  const isCached = (area.folioSlots[slot] ?? 0) > 0;
  const isZero = ((area.zeroes![slot >> 3]! >> (slot & 7)) & 1) === 1;
  // Where it is no flag the bit belongs to what is remembered of a folio, and may be anything.
  const flag = (hasZeroFlag ? isZero : !isCached && slot % 3 === 0) ? 1n << 59n : 0n;
  const count = BigInt(Math.min(15, slotReferences(state))) << 60n;
  const rest = isCached ? ((0x1_0000_0000n + firstOf(area, slot)) << 2n) | 2n : slot % 2 === 0 ? 1n : 0x1234_5671n;
  return count | flag | rest;
}
