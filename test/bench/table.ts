import { fitEnd, padLeft, padRight } from "../../src/report/text.ts";
import { type Figure, spreadOf } from "./figure.ts";

/** Together with the gaps between them no more than 80 columns. */
const nameColumns = 40;
const numberColumns = 8;
const countColumns = 4;

/** Three significant digits, or whole numbers. */
function formatNumber(value: number): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : value >= 0.1 ? 2 : 3;
  return value.toFixed(digits);
}

function row(name: string, cells: readonly string[], count: string, unit: string): string {
  return [padRight(fitEnd(name, nameColumns, "..."), nameColumns), ...cells.map((cell) => padLeft(cell, numberColumns)), padLeft(count, countColumns), `  ${unit}`].join("").trimEnd();
}

/** The figures of one section: a block for each kernel or generation, with a line of headings above it. */
export function tableLines(figures: readonly Figure[]): string[] {
  const subjects = [...new Set(figures.map((figure) => figure.subject))];
  return subjects.flatMap((subject) => {
    const own = figures.filter((figure) => figure.subject === subject);
    const title = `${own[0]?.section}, ${subject}`;
    return ["", row(title, ["median", "min", "max"], "n", "unit"), ...own.map(figureLine)];
  });
}

function figureLine({ name, unit, aim, samples }: Figure): string {
  const { median, min, max } = spreadOf(samples);
  const said = aim === undefined ? unit : `${unit}, aim ${aim}`;
  return row(name, [median, min, max].map(formatNumber), String(samples.length), said);
}
