import type { SlotGrid } from "./area-side.ts";

/** A grid of codes, row by row. */
export interface CodeGrid {
  readonly cells: Uint8Array;
  readonly columns: number;
  readonly rows: number;
}

/** How many slots and rows go into one pixel: powers of two, so that few different ones are needed. */
export const reductionFor = (pixels: number): number => (pixels >= 1 ? 1 : 2 ** Math.ceil(Math.log2(1 / pixels)));

/**
 * Several slots in one cell, each way. The loudest of them is shown: one slot that differs among a thousand must not get
 * lost. `loudness` gives a rank for each code.
 */
export function reduceCells({ cells, columns, rows }: CodeGrid, byColumns: number, byRows: number, loudness: Uint8Array): CodeGrid {
  if (byColumns === 1 && byRows === 1) return { cells, columns, rows };
  const reducedColumns = Math.ceil(columns / byColumns);
  const reducedRows = Math.ceil(rows / byRows);
  const reduced = new Uint8Array(reducedColumns * reducedRows);
  for (let row = 0; row < rows; row++) {
    const target = Math.floor(row / byRows) * reducedColumns;
    const source = row * columns;
    for (let column = 0; column < columns; column++) {
      const code = cells[source + column];
      // The last row of an area can be short.
      if (code === undefined) break;
      const place = target + Math.floor(column / byColumns);
      if (loudness[code]! > loudness[reduced[place]!]!) reduced[place] = code;
    }
  }
  return { cells: reduced, columns: reducedColumns, rows: reducedRows };
}

/** The rows in which two rows of cells differ, as ranges. */
export function dirtyRows(before: Uint8Array, after: Uint8Array, { columns, rows }: SlotGrid): { first: number; end: number }[] {
  const ranges: { first: number; end: number }[] = [];
  for (let row = 0; row < rows; row++) {
    if (!rowDiffers(before, after, row * columns, columns)) continue;
    const last = ranges.at(-1);
    if (last?.end === row) last.end = row + 1;
    else ranges.push({ first: row, end: row + 1 });
  }
  return ranges;
}

function rowDiffers(before: Uint8Array, after: Uint8Array, start: number, columns: number): boolean {
  for (let place = start; place < start + columns; place++) if (before[place] !== after[place]) return true;
  return false;
}
