import { entryOffset, entryType } from "../model/entry.ts";
import { slotByte, slotCount } from "../model/slot-byte.ts";
import { clusterState } from "../model/swap-area.ts";
import type { ClusterStates } from "../workload/swap-state.ts";

const plural = (count: number, thing: string): string => `${count} ${thing}${count === 1 ? "" : "s"}`;

/** A byte of swap_map in words; different bytes never get the same ones. Kernel 6.1 to 6.18. */
export function slotWords(byte: number): string {
  if (byte === slotByte.free) return "free";
  if (byte === slotByte.bad) return "not usable";
  const cached = (byte & slotByte.hasCache) !== 0 ? "cached, " : "";
  const count = slotCount(byte);
  if (count === slotByte.shared) return `${cached}shared memory's`;
  if (count === 0) return `${cached}no reference`;
  return count <= slotByte.countMax ? `${cached}${plural(count, "reference")}` : `byte 0x${byte.toString(16)}`;
}

export const folioWords = (slots: number): string => (slots === 0 ? "no folio" : `${slots}-page folio`);

const stateWords: Readonly<Record<number, string>> = {
  [clusterState.none]: "on no list",
  [clusterState.free]: "free",
  [clusterState.nonfull]: "nonfull",
  [clusterState.frag]: "frag",
  [clusterState.full]: "full",
};

/** A cluster in words: `nonfull, 12 used, order 4`. */
export function clusterWords({ used, state, order, huge }: ClusterStates, index: number): string {
  const parts = [stateWords[state[index]!] ?? `state ${state[index]}`, `${used[index]} used`];
  if (order !== null) parts.push(`order ${order[index]}`);
  if (huge !== null && huge[index] !== 0) parts.push("huge");
  return parts.join(", ");
}

export const entryWords = (entry: number): string => (entryType(entry) === 0 ? `slot ${entryOffset(entry)}` : `slot ${entryOffset(entry)} of swap${entryType(entry)}`);
