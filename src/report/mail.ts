import { checkTable } from "./check-table.ts";
import { commandLines } from "./command.ts";
import { describeDivergence } from "./divergence.ts";
import { mailLook } from "./look.ts";
import { programLines } from "./program.ts";
import type { Result } from "./result.ts";
import { chooseRows } from "./rows.ts";
import { factLabelColumns, runFacts } from "./facts.ts";
import { countsText } from "./summary.ts";
import { fitEnd, flow, formatDuration, padRight, plural, sanitize, wrap } from "./text.ts";

const { columns } = mailLook;

/** One result as plain text for a mailing list: 72 columns, no colour, everything needed to repeat it. */
export function resultMail(result: Result, all: boolean): string[] {
  const choice = chooseRows(result, all);
  const hidden = choice.hiddenDiffering + choice.hiddenEqual;
  const table = checkTable(choice.rows, result.steps, mailLook);
  if (table.length > 0 && hidden > 0) {
    const differing = choice.hiddenDiffering === 0 ? "all of which hold" : `${choice.hiddenDiffering} of which differ`;
    table.push(...wrap(`and ${plural(hidden, "more check")}, ${differing}`, columns));
  }
  const blocks = [
    flow([sanitize(result.experiment.name), sanitize(result.experiment.title)], columns),
    [...flow([result.verdict, countsText(result)], columns), ...storyLines(result)],
    programLines(result, mailLook, all),
    table,
    factLines(result),
    commandLines(result.command, columns),
    result.assumptions.flatMap((assumption) => wrap(`assumed: ${sanitize(assumption)}`, columns, "  ")),
    result.remarks.flatMap((remark) => wrap(`note: ${sanitize(remark)}`, columns, "  ")),
  ];
  return blocks.filter((block) => block.length > 0).flatMap((block, index) => (index === 0 ? block : ["", ...block]));
}

function storyLines(result: Result): string[] {
  if (result.verdict === "pass") return [];
  if (result.firstDivergence !== null) return wrap(describeDivergence(result.firstDivergence, result.steps), columns);
  const words = result.lastWords.map((word) => fitEnd(`  ${sanitize(word)}`, columns, "..."));
  return [...wrap(sanitize(result.reason), columns), ...words];
}

function factLines(result: Result): string[] {
  const { host, timings } = result;
  return [
    ...runFacts(result).flatMap(({ label, text }) => fact(label, text)),
    ...fact("verdict", host.start === "none" ? "" : `${formatDuration(timings.toVerdictMs)} after the start`),
    ...fact("run", `${result.run === "" ? "not kept" : sanitize(result.run)}, ${sanitize(result.startedAt)}`),
  ];
}

function fact(label: string, text: string): string[] {
  return text === "" ? [] : wrap(text, columns - factLabelColumns).map((line, index) => padRight(index === 0 ? label : "", factLabelColumns) + line);
}
