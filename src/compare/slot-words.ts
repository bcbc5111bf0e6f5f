import { entryOffset, entryType } from "../model/entry.ts";
import { clusterState } from "../model/cluster.ts";
import { slotReferences, slotWord } from "../workload/slot-word.ts";
import { type ClusterStates, tableState } from "../workload/swap-state.ts";

const plural = (count: number, thing: string): string => `${count} ${thing}${count === 1 ? "" : "s"}`;

/** What keeps a slot, in words; different ones never get the same. `cached, 2 references`. */
export function slotWords(word: number): string {
  if (word === slotWord.free) return "free";
  if (word === slotWord.bad) return "not usable";
  const held = (word & slotWord.held) !== 0 ? "cached, " : "";
  const references = slotReferences(word);
  const flags = word - references - (held === "" ? 0 : slotWord.held);
  if (flags === slotWord.shared && references === 0) return `${held}shared memory's`;
  if (flags !== 0) return `slot word 0x${word.toString(16)}`;
  return references === 0 ? `${held}no reference` : `${held}${plural(references, "reference")}`;
}

export const folioWords = (slots: number): string => (slots === 0 ? "no folio" : `${slots}-page folio`);

const stateWords: Readonly<Record<number, string>> = {
  [clusterState.none]: "on no list",
  [clusterState.free]: "free",
  [clusterState.nonfull]: "nonfull",
  [clusterState.frag]: "frag",
  [clusterState.full]: "full",
  [clusterState.discard]: "to be discarded",
};

const tableWords: Readonly<Record<number, string>> = {
  [tableState.none]: "no table",
  [tableState.table]: "a table",
  [tableState.extended]: "a table and one for counts",
};

/** A cluster in words: `nonfull, 12 used, order 4, a table`. */
export function clusterWords({ used, state, order, huge, table }: ClusterStates, index: number): string {
  const parts = [stateWords[state[index]!] ?? `state ${state[index]}`, `${used[index]} used`];
  if (order !== null) parts.push(`order ${order[index]}`);
  if (huge !== null && huge[index] !== 0) parts.push("huge");
  if (table !== null) parts.push(tableWords[table[index]!] ?? `table ${table[index]}`);
  return parts.join(", ");
}

export const entryWords = (entry: number): string => (entryType(entry) === 0 ? `slot ${entryOffset(entry)}` : `slot ${entryOffset(entry)} of swap${entryType(entry)}`);
