import type { Look, Paint } from "../report/look.ts";
import { displayWidth, fitMiddle, padRight, sanitize, wrap } from "../report/text.ts";

export interface Cell {
  readonly text: string;
  readonly paint?: keyof Paint;
}

const gap = "  ";
const widestColumn = 28;

/** Rows of texts from anywhere as lines: every column as wide as it needs, the last one wrapped. */
export function columnLines(rows: readonly (readonly Cell[])[], look: Look): string[] {
  const clean = rows.map((row) => row.map((cell) => ({ ...cell, text: sanitize(cell.text) })));
  const widths: number[] = [];
  for (const row of clean) {
    row.slice(0, -1).forEach(({ text }, index) => {
      widths[index] = Math.min(widestColumn, Math.max(widths[index] ?? 0, displayWidth(text)));
    });
  }
  return clean.flatMap((row) => rowLines(row, widths, look));
}

function rowLines(row: readonly Cell[], widths: readonly number[], { columns, symbols, paint }: Look): string[] {
  const painted = (cell: Cell, text: string): string => (cell.paint === undefined ? text : paint[cell.paint](text));
  let start = "";
  let startColumns = 0;
  for (const [index, cell] of row.slice(0, -1).entries()) {
    const width = widths[index] ?? 0;
    start += painted(cell, padRight(fitMiddle(cell.text, width, symbols.ellipsis), width)) + gap;
    startColumns += width + gap.length;
  }
  const last = row.at(-1) ?? { text: "" };
  const [first = "", ...others] = wrap(last.text, columns - startColumns);
  const continued = others.map((line) => " ".repeat(startColumns) + painted(last, line));
  return [(start + painted(last, first)).trimEnd(), ...continued];
}
