import { clusterWords } from "../../compare/slot-words.ts";
import { slotReferences, slotWord } from "../../workload/slot-word.ts";
import type { OwnedRun, SideMap, SlotOwner } from "./side-map.ts";

/** Everything that is known of a slot on one side, for painting and for words. */
export interface SlotFacts {
  readonly slot: number;
  readonly cluster: number;
  /** The header page or a bad one. */
  readonly isBad: boolean;
  readonly isFree: boolean;
  /** The swap cache has a folio for it; until 6.13 also: it lies in a slots cache. */
  readonly isHeld: boolean;
  readonly isShared: boolean;
  /** References from page tables. */
  readonly count: number;
  /** Stands for zeroes that were never written. */
  readonly isZero: boolean;
  /** Pages of the folio that the swap cache has for it, 0 without one, and which of them this is, from 0. */
  readonly folioPages: number;
  readonly folioPage: number;
  /** The step in which it last changed. */
  readonly changedAt: number;
  /** Pages that have it in their page tables. */
  readonly pages: readonly { readonly process: string; readonly region: string; readonly page: number }[];
}

export function slotFacts(side: SideMap, slot: number, clusterSlots: number): SlotFacts | null {
  const word = side.slots[slot];
  if (word === undefined) return null;
  const folioPages = side.folioSlots[slot]!;
  return {
    slot,
    cluster: Math.floor(slot / clusterSlots),
    isBad: word === slotWord.bad,
    isFree: word === slotWord.free,
    isHeld: (word & slotWord.held) !== 0,
    isShared: (word & slotWord.shared) !== 0,
    count: slotReferences(word),
    isZero: isZero(side, slot),
    folioPages,
    // The slots of a folio are handed out together, from a place that is a multiple of its pages.
    folioPage: folioPages === 0 ? 0 : slot % folioPages,
    changedAt: side.changedAt[slot]!,
    pages: pagesOf(side.owners, slot),
  };
}

const isZero = ({ zeroes }: Pick<SideMap, "zeroes">, slot: number): boolean => zeroes !== null && (((zeroes[slot >> 3] ?? 0) >> (slot & 7)) & 1) === 1;

function pagesOf(owners: readonly SlotOwner[], slot: number): SlotFacts["pages"] {
  return owners.flatMap(({ process, region, runs }) => runs.flatMap((run) => (has(run, slot) ? [{ process, region, page: run.firstPage + slot - run.slot }] : [])));
}

const has = (run: OwnedRun, slot: number): boolean => slot >= run.slot && slot < run.slot + run.pageCount;

/**
 * A slot on one side in one line: `slot 16,391  cluster 32  64 kB folio, page 7 of 16, in cache, count 1  page 7 of main.a`.
 * A slot past the end of the area says so.
 */
export function describeSlot(side: SideMap, slot: number, { clusterSlots, pageKb }: { readonly clusterSlots: number; readonly pageKb: number }): string {
  const facts = slotFacts(side, slot, clusterSlots);
  if (facts === null) return `slot ${grouped(slot)}  past the end`;
  const pages = facts.pages.slice(0, 3).map(({ process, region, page }) => `page ${grouped(page)} of ${process}.${region}`);
  if (facts.pages.length > 3) pages.push(`and ${facts.pages.length - 3} more`);
  const changed = facts.changedAt === 0 ? "" : `since step ${facts.changedAt}`;
  return [`slot ${grouped(slot)}`, `cluster ${grouped(facts.cluster)}`, stateWords(facts, pageKb), pages.join(", "), changed].filter((part) => part !== "").join("  ");
}

function stateWords(facts: SlotFacts, pageKb: number): string {
  if (facts.isBad) return "not usable";
  if (facts.isFree) return "free";
  const { folioPages, folioPage } = facts;
  const folio = folioPages > 0 ? [`${grouped(folioPages * pageKb)} kB folio`] : [];
  const page = folioPages > 1 ? [`page ${folioPage + 1} of ${folioPages}`] : [];
  const held = folioPages > 0 ? "in cache" : facts.isHeld ? "held without a folio" : "not in cache";
  const count = facts.isShared && facts.count === 0 ? "shared memory's" : `count ${grouped(facts.count)}`;
  return [...folio, ...page, held, count, ...(facts.isZero ? ["zeroes, never written"] : [])].join(", ");
}

/** A cluster on one side in one line: `cluster 32  nonfull, 12 used, order 4  place 3 of 7 on nonfull.4`. */
export function describeCluster({ clusters, lists }: SideMap, cluster: number): string {
  const name = `cluster ${grouped(cluster)}`;
  if (clusters === null) return `${name}  the device has no clusters`;
  if (cluster >= clusters.used.length) return `${name}  past the end`;
  const places = Object.entries(lists).flatMap(([list, members]) => {
    const place = members.indexOf(cluster);
    return place === -1 ? [] : [`place ${place + 1} of ${members.length} on ${list}`];
  });
  return [name, clusterWords(clusters, cluster), ...places].join("  ");
}

/** 16391 as 16,391. */
const grouped = (number: number): string => String(number).replace(/\B(?=(?:\d{3})+$)/g, ",");
