import { checkCells, type Cells, readingCells } from "./cells.ts";
import { areaNames, metricLabel } from "./labels.ts";
import type { Look } from "./look.ts";
import type { Step } from "./result.ts";
import type { Row } from "./rows.ts";
import { displayWidth, fitEnd, fitMiddle, padLeft, padRight, sanitize } from "./text.ts";

/**
 * The columns step, metric, model, kernel, mark and note.
 *
 * Metric and model share one stretch: the name begins at its left edge and the number ends at its right, so
 * a long name costs nothing as long as its number is short.
 */
interface Columns {
  readonly indent: number;
  readonly step: number;
  readonly metricAndModel: number;
  /** What names and model values need when long names are cut. */
  readonly leastMetricAndModel: number;
  readonly real: number;
  readonly mark: number;
  readonly note: number;
}

interface Line {
  readonly step: string;
  readonly metric: string;
  readonly cells: Cells;
  readonly ok: boolean;
  readonly bounded: boolean;
}

const maxStep = 14;
const maxNote = 16;
const widestValue = 20;
const narrowestValue = 8;
const readableName = 22;
const comfortableStretch = 35;
const narrowestStretch = 24;

/** What stands above the two values of a check. */
export interface Heads {
  readonly model: string;
  readonly real: string;
}

/** The rows as lines no wider than `look.columns`; an empty list for no rows. */
export function checkTable(rows: readonly Row[], steps: readonly Pick<Step, "op">[], look: Look, heads: Heads = { model: "model", real: "kernel" }): string[] {
  if (rows.length === 0) return [];
  const names = stepNames(rows, steps);
  for (let value = widestValue; ; value -= 1) {
    const lines = rows.map((row, index) => tableLine(row, names[index] ?? "", value, look));
    const natural = measure(lines, heads, look);
    // A name cut in its middle can still be read, a number cannot: names give way before values do.
    const readable = squeeze(natural, look.columns, natural.leastMetricAndModel);
    if (tableWidth(readable) <= look.columns || value === narrowestValue) {
      const columns = tableWidth(readable) <= look.columns ? readable : squeeze({ ...natural, note: 0 }, look.columns, narrowestStretch);
      return [headerLine(columns, heads, look), ...lines.map((line) => renderLine(line, columns, look))];
    }
  }
}

/** The op on the first row of each step; with its number where the run has the same op more than once. */
function stepNames(rows: readonly Row[], steps: readonly Pick<Step, "op">[]): string[] {
  const occurrences = new Map<string, number>();
  for (const { op } of steps) occurrences.set(op, (occurrences.get(op) ?? 0) + 1);
  const numbered = rows.some(({ step }) => (occurrences.get(step.op) ?? 0) > 1);
  return rows.map(({ step }, index) => {
    if (rows[index - 1]?.step === step) return "";
    return numbered ? `${step.index} ${sanitize(step.op)}` : sanitize(step.op);
  });
}

function tableLine(row: Row, step: string, value: number, look: Look): Line {
  const { checks } = row.step;
  if ("reading" in row) {
    return { step, metric: metricLabel(row.reading.name, areaNames(checks)), cells: readingCells(row.reading, value, look.symbols), ok: true, bounded: false };
  }
  const { check } = row;
  return {
    step,
    metric: metricLabel(check.name, areaNames(checks)),
    cells: checkCells(check, value, look.symbols),
    ok: check.ok,
    bounded: check.kind === "bounded",
  };
}

function measure(lines: readonly Line[], heads: Heads, look: Look): Columns {
  const widest = (least: number, widths: readonly number[]): number => widths.reduce((a, b) => Math.max(a, b), least);
  const stretch = (line: Line, maxName: number): number =>
    Math.min(maxName, displayWidth(line.metric)) + 2 + displayWidth(line.cells.model);
  const roomy = look.columns >= 80;
  return {
    indent: roomy ? 2 : 0,
    step: Math.min(maxStep, widest(roomy ? 9 : 4, lines.map((line) => displayWidth(line.step)))),
    metricAndModel: widest(comfortableStretch, lines.map((line) => stretch(line, Infinity))),
    leastMetricAndModel: widest(narrowestStretch, lines.map((line) => stretch(line, readableName))),
    real: widest(Math.max(roomy ? 10 : 6, displayWidth(heads.real)), lines.map((line) => displayWidth(line.cells.real))),
    mark: widest(1, lines.map((line) => displayWidth(line.cells.mark))),
    note: Math.min(maxNote, widest(0, lines.map((line) => displayWidth(line.cells.note)))),
  };
}

function tableWidth({ indent, step, metricAndModel, real, mark, note }: Columns): number {
  return indent + step + 2 + metricAndModel + 2 + real + 1 + mark + (note === 0 ? 0 : 2 + note);
}

/** Takes what is too much from the stretch of names, down to `least`. */
function squeeze(columns: Columns, width: number, least: number): Columns {
  const over = Math.max(0, tableWidth(columns) - width);
  return { ...columns, metricAndModel: Math.max(Math.min(least, columns.metricAndModel), columns.metricAndModel - over) };
}

function headerLine(columns: Columns, { model, real }: Heads, look: Look): string {
  const names = padRight("metric", columns.metricAndModel - displayWidth(model)) + model;
  return look.paint.quiet(`${" ".repeat(columns.indent)}${padRight("step", columns.step)}  ${names}  ${padLeft(real, columns.real)}`);
}

function renderLine({ step, metric, cells, ok, bounded }: Line, columns: Columns, look: Look): string {
  const { ellipsis } = look.symbols;
  const room = columns.metricAndModel - displayWidth(cells.model) - 2;
  const name = padRight(fitMiddle(metric, room, ellipsis), room);
  const paint = !ok ? look.paint.bad : bounded ? look.paint.bounded : look.paint.good;
  const place = `${" ".repeat(columns.indent)}${padRight(fitEnd(step, columns.step, ellipsis), columns.step)}`;
  const valueText = `${cells.model}  ${padLeft(cells.real, columns.real)}`;
  const noted = cells.note !== "" && columns.note > 0;
  const mark = noted ? padRight(cells.mark, columns.mark) : cells.mark;
  const note = noted ? `  ${look.paint.quiet(fitEnd(cells.note, columns.note, ellipsis))}` : "";
  return `${place}  ${name}  ${ok ? valueText : look.paint.strong(valueText)}${mark === "" ? "" : ` ${paint(mark)}`}${note}`;
}
