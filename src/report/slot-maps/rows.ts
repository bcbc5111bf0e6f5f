import { MapFormatError, type ByteReader, type ByteWriter } from "./bytes.ts";

/** Rows of numbers, one a slot or a cluster, written as what is different from another row. */

export type Row = Uint8Array | Uint16Array | Uint32Array;

/** Writes runs of cells that all get one value, from the first cell that differs on; a run of no cells ends them. */
export function writeRow(writer: ByteWriter, base: Row | null, row: Row): void {
  writer.number(row.length);
  let place = 0;
  for (let written = 0; ; written = place) {
    while (place < row.length && row[place] === (base?.[place] ?? 0)) place++;
    if (place === row.length) break;
    const start = place;
    const value = row[start]!;
    while (place < row.length && row[place] === value) place++;
    writer.number(place - start);
    writer.number(start - written);
    writer.number(value);
  }
  writer.number(0);
}

/** The base itself where nothing differs. */
export function readRow<Kind extends Row>(reader: ByteReader, base: Kind | null, make: (length: number) => Kind, lengthMax: number): Kind {
  const length = reader.number(lengthMax);
  let row = base !== null && base.length === length ? base : null;
  let place = 0;
  for (;;) {
    const run = reader.number(length);
    if (run === 0) return row ?? based(base, make(length));
    if (row === null || row === base) row = based(base, make(length));
    place += reader.number(length);
    const value = reader.number(2 ** (8 * row.BYTES_PER_ELEMENT) - 1);
    if (place + run > length) throw new MapFormatError("a run reaches past the end of its row");
    row.fill(value, place, place + run);
    place += run;
  }
}

function based<Kind extends Row>(base: Kind | null, row: Kind): Kind {
  if (base !== null) row.set(base.subarray(0, row.length));
  return row;
}

/** A list in order, written as what is between its common beginning and end with another one; runs that count up take two numbers. */
export function writeList(writer: ByteWriter, base: readonly number[], list: readonly number[]): void {
  const shorter = Math.min(base.length, list.length);
  let head = 0;
  while (head < shorter && base[head] === list[head]) head++;
  let tail = 0;
  while (tail < shorter - head && base[base.length - 1 - tail] === list[list.length - 1 - tail]) tail++;
  writer.number(head);
  writer.number(tail);
  let expected = 0;
  for (let place = head; place < list.length - tail; ) {
    const start = list[place]!;
    let length = 1;
    while (place + length < list.length - tail && list[place + length] === start + length) length++;
    writer.number(length);
    writer.signed(start - expected);
    expected = start + length;
    place += length;
  }
  writer.number(0);
}

/** A list of clusters, of which there are `clusterCount`. */
export function readList(reader: ByteReader, base: readonly number[], clusterCount: number): readonly number[] {
  const head = reader.number(base.length);
  const tail = reader.number(base.length - head);
  const list = base.slice(0, head);
  for (let expected = 0; ; ) {
    const length = reader.number(clusterCount - Math.min(clusterCount, list.length + tail));
    if (length === 0) break;
    const start = expected + reader.signed(clusterCount);
    if (start < 0 || start + length > clusterCount) throw new MapFormatError("a list has a cluster that there is not");
    for (let index = 0; index < length; index++) list.push(start + index);
    expected = start + length;
  }
  for (let place = base.length - tail; place < base.length; place++) list.push(base[place]!);
  return list;
}
