import { type ByteReader, type ByteWriter, MapFormatError } from "./bytes.ts";
import { mapLimits } from "./limits.ts";
import { readList, readRow, type Row, writeList, writeRow } from "./rows.ts";
import type { OwnedRun, SideMap, SlotOwner } from "./side-map.ts";

/** One side of one area, written as what is different from another one. */

export type RecordedSide = Omit<SideMap, "changedAt">;

/** Rows that a side may lack, in the order in which they are written; each has a bit. */
const clusterRows = ["used", "state", "order", "huge", "table"] as const;

export function writeSide(writer: ByteWriter, base: RecordedSide | null, side: RecordedSide): void {
  writeRow(writer, base?.slots ?? null, side.slots);
  writeRow(writer, base?.folioSlots ?? null, side.folioSlots);
  const rows: (Row | null)[] = [side.zeroes, ...clusterRows.map((name) => side.clusters?.[name] ?? null)];
  const baseRows: (Row | null)[] = [base?.zeroes ?? null, ...clusterRows.map((name) => base?.clusters?.[name] ?? null)];
  writer.number(rows.reduce((bits, row, index) => bits + (row === null ? 0 : 2 ** index), 0));
  for (const [index, row] of rows.entries()) if (row !== null) writeRow(writer, baseRows[index]!, row);
  writeLists(writer, base?.lists ?? {}, side.lists);
  writeOwners(writer, base?.owners ?? [], side.owners);
}

export function readSide(reader: ByteReader, base: RecordedSide | null): RecordedSide {
  const slots = readRow(reader, base?.slots ?? null, (length) => new Uint32Array(length), mapLimits.slotCount);
  const folioSlots = readRow(reader, base?.folioSlots ?? null, (length) => new Uint16Array(length), mapLimits.slotCount);
  const bits = reader.number(63);
  const row = <Kind extends Row>(index: number, before: Kind | null | undefined, make: (length: number) => Kind): Kind | null =>
    Math.floor(bits / 2 ** index) % 2 === 0 ? null : readRow(reader, before ?? null, make, mapLimits.slotCount);
  const octets = (length: number): Uint8Array => new Uint8Array(length);
  const zeroes = row(0, base?.zeroes, octets);
  const used = row(1, base?.clusters?.used, (length) => new Uint16Array(length));
  const [state, order, huge, table] = [row(2, base?.clusters?.state, octets), row(3, base?.clusters?.order, octets), row(4, base?.clusters?.huge, octets), row(5, base?.clusters?.table, octets)];
  const clusters = used === null || state === null ? null : { used, state, order, huge, table };
  const parts: (Row | null)[] = [state, order, huge, table];
  if (folioSlots.length !== slots.length || parts.some((part) => part !== null && part.length !== used?.length)) throw new MapFormatError("its rows are not of one length");
  const lists = readLists(reader, base?.lists ?? {}, used?.length ?? 0);
  return { slots, folioSlots, zeroes, clusters, lists, owners: readOwners(reader, base?.owners ?? [], slots.length) };
}

const sameNames = (one: readonly string[], other: readonly string[]): boolean => one.length === other.length && one.every((name, index) => name === other[index]);

function writeLists(writer: ByteWriter, base: SideMap["lists"], lists: SideMap["lists"]): void {
  const names = Object.keys(lists);
  const isKnown = sameNames(names, Object.keys(base));
  writer.number(isKnown ? 0 : names.length + 1);
  if (!isKnown) for (const name of names) writer.name(name);
  for (const name of names) writeList(writer, base[name] ?? [], lists[name]!);
}

function readLists(reader: ByteReader, base: SideMap["lists"], clusterCount: number): SideMap["lists"] {
  const head = reader.number(mapLimits.listCount + 1);
  const names = head === 0 ? Object.keys(base) : Array.from({ length: head - 1 }, () => reader.name(mapLimits.nameLength));
  if (names.includes("__proto__")) throw new MapFormatError("a list has no name");
  let total = 0;
  const entries = names.map((name) => {
    const list = readList(reader, base[name] ?? [], clusterCount);
    // A cluster is on one list; a picture of a kernel gone wrong may have one twice.
    total += list.length;
    if (total > 2 * clusterCount) throw new MapFormatError("its lists have more clusters than there are");
    return [name, list] as const;
  });
  return Object.fromEntries(entries);
}

/** The same owners with other slots are common, and so are the same slots. */
function writeOwners(writer: ByteWriter, base: readonly SlotOwner[], owners: readonly SlotOwner[]): void {
  const kept = withinLimits(owners);
  writer.number(kept.length);
  for (const [index, owner] of kept.entries()) {
    const before = base[index];
    const sameName = before !== undefined && before.process === owner.process && before.region === owner.region;
    const same = sameName && sameRuns(before.runs, owner.runs);
    writer.number(same ? 0 : sameName ? 1 : 2);
    if (same) continue;
    if (!sameName) for (const name of [owner.process, owner.region]) writer.name(name.slice(0, mapLimits.nameLength));
    writer.number(owner.runs.length);
    let last: OwnedRun = { slot: 0, pageCount: 0, firstPage: 0 };
    for (const run of owner.runs) {
      writer.number(run.pageCount);
      writer.signed(run.slot - last.slot - last.pageCount);
      writer.number(run.firstPage - last.firstPage - last.pageCount);
      last = run;
    }
  }
}

/** Those of the first owners that a file may have. */
function withinLimits(owners: readonly SlotOwner[]): readonly SlotOwner[] {
  let runCount = 0;
  const end = owners.findIndex(({ runs }) => (runCount += runs.length) > mapLimits.runCount);
  return owners.slice(0, Math.min(mapLimits.ownerCount, end === -1 ? owners.length : end));
}

function sameRuns(one: readonly OwnedRun[], other: readonly OwnedRun[]): boolean {
  return one.length === other.length && one.every(({ slot, pageCount, firstPage }, index) => slot === other[index]!.slot && pageCount === other[index]!.pageCount && firstPage === other[index]!.firstPage);
}

function readOwners(reader: ByteReader, base: readonly SlotOwner[], slotCount: number): SlotOwner[] {
  const count = reader.number(mapLimits.ownerCount);
  let runCount = 0;
  return Array.from({ length: count }, (_, index) => {
    const kind = reader.number(2);
    const before = base[index];
    if (kind < 2 && before === undefined) throw new MapFormatError("an owner is like one that there is not");
    if (kind === 0) return before!;
    const { process, region } = kind === 1 ? before! : { process: reader.name(mapLimits.nameLength), region: reader.name(mapLimits.nameLength) };
    const runs = readRuns(reader, slotCount);
    runCount += runs.length;
    if (runCount > mapLimits.runCount) throw new MapFormatError("its owners have more runs than there may be");
    return { process, region, runs };
  });
}

function readRuns(reader: ByteReader, slotCount: number): OwnedRun[] {
  const runs: OwnedRun[] = [];
  let last: OwnedRun = { slot: 0, pageCount: 0, firstPage: 0 };
  for (let left = reader.number(mapLimits.runCount); left > 0; left--) {
    const pageCount = reader.number(slotCount);
    const slot = last.slot + last.pageCount + reader.signed(slotCount);
    const firstPage = last.firstPage + last.pageCount + reader.number(2 ** 40);
    if (slot < 0 || slot + pageCount > slotCount) throw new MapFormatError("an owner has a slot that there is not");
    last = { slot, pageCount, firstPage };
    runs.push(last);
  }
  return runs;
}
