import { checkTable } from "./check-table.ts";
import { commandLines } from "./command.ts";
import { describeDivergence } from "./divergence.ts";
import { mailLook } from "./look.ts";
import type { Result } from "./result.ts";
import { chooseRows } from "./rows.ts";
import { acceleratorText, areasText, countsText, deviceText, modelText } from "./summary.ts";
import { fitEnd, flow, formatDuration, padRight, plural, sanitize, takeColumns, wrap } from "./text.ts";

const { columns } = mailLook;
const labelColumns = 10;
/** Enough to tell two images apart; result.json has all of them. */
const shownHashDigits = 16;

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
  const { kernel, host, experiment, timings } = result;
  const version = kernel.packageVersion === "" ? "" : ` (Debian ${sanitize(kernel.packageVersion)})`;
  const machine = [`QEMU ${sanitize(host.qemu)}`, acceleratorText(result), `${host.cpuCount} vCPU`, `${host.memoryMb} MiB`];
  const parameters = Object.entries(experiment.parameters).map(([name, value]) => `${sanitize(name)}=${sanitize(value)}`);
  return [
    ...fact("kernel", `${sanitize(kernel.release === "" ? kernel.name : kernel.release)}${version}`),
    ...fact("", sanitize(kernel.features)),
    ...fact("", kernel.sha256 === "" ? "" : `sha256 ${takeColumns(sanitize(kernel.sha256), shownHashDigits)}`),
    ...fact("model", modelText(result)),
    ...fact("machine", machine.join(", ")),
    ...fact("swap", `${deviceText(result)}, ${experiment.swapKb} kB`),
    ...fact("", areasText(result)),
    ...fact("with", parameters.join(" ")),
    ...fact("verdict", host.start === "none" ? "" : `${formatDuration(timings.toVerdictMs)} after the start`),
    ...fact("run", `${result.run === "" ? "not kept" : sanitize(result.run)}, ${sanitize(result.startedAt)}`),
  ];
}

function fact(label: string, text: string): string[] {
  return text === "" ? [] : wrap(text, columns - labelColumns).map((line, index) => padRight(index === 0 ? label : "", labelColumns) + line);
}
