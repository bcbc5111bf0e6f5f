import { checkTable } from "./check-table.ts";
import { commandLine } from "./command.ts";
import { describeDivergence } from "./divergence.ts";
import type { Look } from "./look.ts";
import type { Result } from "./result.ts";
import { chooseRows, type RowChoice } from "./rows.ts";
import { programLines } from "./program.ts";
import { acceleratorText, areasText, countsText, deviceText, modelText, kernelText, timingTexts } from "./summary.ts";
import { fitEnd, flow, plural, sanitize, wrap } from "./text.ts";

export interface TableOptions {
  readonly look: Look;
  /** Show every check, assumption and last word. */
  readonly all: boolean;
  /** Say how to open the run again; not needed by who has just opened it. */
  readonly sayHowToOpen: boolean;
}

/** No line of a report is made narrower than this: names and numbers would be cut beyond use. */
export const narrowestColumns = 60;
const shownLastWords = 10;
const shownRemarks = 3;

/**
 * One result as a person reads it in a terminal: lines without line ends, none wider than `look.columns`,
 * which is at least `narrowestColumns`.
 */
export function resultTable(result: Result, options: TableOptions): string[] {
  const { look, all } = options;
  const choice = chooseRows(result, all);
  const blocks = [
    headerBlock(result, look),
    storyBlock(result, look, all),
    programLines(result, look, all),
    [...checkTable(choice.rows, result.steps, look), ...restLines(choice, look)],
    boundBlock(choice, look),
    assumptionBlock(result, look, all),
    remarkBlock(result, look, all),
    verdictBlock(result, options),
  ];
  const lines: string[] = [];
  for (const block of blocks) {
    if (block.length === 0) continue;
    if (lines.length > 0) lines.push("");
    lines.push(...block);
  }
  return lines;
}

function headerBlock(result: Result, { columns, paint }: Look): string[] {
  const name = sanitize(result.experiment.name);
  const [first = "", ...others] = flow([name, sanitize(result.experiment.title)], columns);
  const start = first.startsWith(name) ? paint.strong(name) + first.slice(name.length) : first;
  const machine = [
    `kernel ${kernelText(result)}`,
    deviceText(result),
    areasText(result),
    `${result.host.cpuCount} vCPU`,
    acceleratorText(result),
    result.model.forced ? `model ${modelText(result)}` : "",
  ];
  const timings = flow(timingTexts(result), columns).map((line) => paint.quiet(line));
  return [start, ...others, ...flow(machine, columns), ...timings];
}

/** What a person must read before the numbers: where model and kernel part, or why there is nothing to compare. */
function storyBlock(result: Result, { columns, paint, symbols }: Look, all: boolean): string[] {
  if (result.verdict === "pass") return [];
  if (result.firstDivergence !== null) {
    const text = describeDivergence(result.firstDivergence, result.steps);
    return wrap(text, columns).map((line) => paint.strong(line));
  }
  const reason = wrap(sanitize(result.reason), columns).map((line) => paint.strong(line));
  if (result.lastWords.length === 0) return reason;
  const words = all ? result.lastWords : result.lastWords.slice(-shownLastWords);
  const cut = words.map((word) => `  ${fitEnd(sanitize(word), columns - 2, symbols.ellipsis)}`);
  return [...reason, "", "The guest's last words:", ...cut];
}

function restLines({ rows, hiddenDiffering, hiddenEqual, hiddenReadings }: RowChoice, { columns, paint }: Look): string[] {
  if (rows.length === 0 || hiddenDiffering + hiddenEqual + hiddenReadings === 0) return [];
  const parts: string[] = [];
  if (hiddenDiffering > 0) parts.push(`${hiddenDiffering} more that ${hiddenDiffering === 1 ? "differs" : "differ"}`);
  if (hiddenEqual > 0) parts.push(`${plural(hiddenEqual, "more check")} that ${hiddenEqual === 1 ? "holds" : "hold"}`);
  if (hiddenReadings > 0) parts.push(plural(hiddenReadings, "more reading"));
  return wrap(`and ${parts.join(", ")}: --all shows them`, columns - 2).map((line) => paint.quiet(`  ${line}`));
}

function boundBlock({ rows }: RowChoice, { columns, symbols }: Look): string[] {
  const reasons = new Set<string>();
  for (const { check } of rows.filter((row) => "check" in row)) if (check.kind === "bounded" && check.reason !== undefined) reasons.add(check.reason);
  return [...reasons].flatMap((reason) => wrap(`${symbols.bounded} bounded: ${sanitize(reason)}`, columns, "  "));
}

function assumptionBlock(result: Result, { columns }: Look, all: boolean): string[] {
  if (!all) return [];
  return result.assumptions.flatMap((assumption) => wrap(`assumed: ${sanitize(assumption)}`, columns, "  "));
}

function remarkBlock(result: Result, { columns, paint }: Look, all: boolean): string[] {
  const shown = all ? result.remarks : result.remarks.slice(0, shownRemarks);
  const lines = shown.flatMap((remark) => wrap(`note: ${sanitize(remark)}`, columns, "  "));
  const hidden = result.remarks.length - shown.length;
  return hidden === 0 ? lines : [...lines, paint.quiet(`and ${plural(hidden, "more note")}: --all shows them`)];
}

function verdictBlock(result: Result, { look, sayHowToOpen }: TableOptions): string[] {
  const { verdict } = result;
  // A run whose folder could not be written has no name.
  const isKept = result.run !== "";
  const segments = [verdict, countsText(result), isKept ? `run ${sanitize(result.run)}` : "run not kept"];
  if (sayHowToOpen && isKept) segments.push(`open: ${commandLine(["show", result.run])}`);
  const [first = "", ...others] = flow(segments, look.columns, " ".repeat(verdict.length + 3));
  const paint = verdict === "pass" ? look.paint.good : look.paint.bad;
  return [paint(verdict) + first.slice(verdict.length), ...others];
}
