import { checkTable } from "./check-table.ts";
import { commandLines } from "./command.ts";
import type { ComparedSide, Comparison } from "./comparison.ts";
import { chooseComparedRows, type ComparedRows } from "./comparison-rows.ts";
import { timingLines } from "./comparison-timings.ts";
import { type Fact, factLabelColumns, runFacts } from "./facts.ts";
import { metricLabel } from "./labels.ts";
import type { Look } from "./look.ts";
import { parsePlacement, showRun } from "./placement.ts";
import { displayWidth, fitEnd, fitMiddle, flow, padRight, plural, sanitize, wrap } from "./text.ts";

/** As mailing lists want them; a comparison is there to be pasted into a reply. */
export const comparisonColumns = 72;

const labelColumns = 14;
const shownPlacementRuns = 6;

/** Two sides as plain text, none of it wider than `look.columns`: verdicts, times, what differs, and all it takes to repeat it. */
export function comparisonLines(comparison: Comparison, look: Look, all: boolean): string[] {
  const { a, b, parting, remarks } = comparison;
  const labels = sideLabels(comparison);
  const rows = chooseComparedRows(comparison, all);
  const blocks = [
    flow([look.paint.strong(sanitize(a.run.experiment.name)), ...titles(a, b)], look.columns, "  "),
    [...sideLines(labels, 0, a, look), ...sideLines(labels, 1, b, look)],
    timingLines(comparison, labels, look, all),
    [...differenceLines(comparison, rows, labels, look), ...wrap(sanitize(parting), look.columns)],
    placementLines(rows, labels, look, all),
    equalTable(comparison, rows, labels, look),
    factLines(comparison, labels, look),
    commandLines(comparison.command, look.columns),
    remarks.flatMap((remark) => wrap(`note: ${sanitize(remark)}`, look.columns, "  ")),
  ];
  return blocks.filter((block) => block.length > 0).flatMap((block, index) => (index === 0 ? block : ["", ...block]));
}

/** What each side is called above its column: of a long path its end. */
function sideLabels({ a, b }: Comparison): [string, string] {
  const [first, second] = [a, b].map(({ label }) => {
    const clean = sanitize(label);
    return fitMiddle(displayWidth(clean) <= labelColumns ? clean : clean.split("/").slice(-2).join("/"), labelColumns, "..");
  }) as [string, string];
  return first === second ? [`A ${first}`, `B ${second}`] : [first, second];
}

/** The title holds sizes, which may be what differs. */
const titles = (a: ComparedSide, b: ComparedSide): string[] => [...new Set([a, b].map(({ run }) => sanitize(run.experiment.title)))];

function sideLines(labels: readonly [string, string], side: 0 | 1, { run, timedRuns }: ComparedSide, { columns, paint }: Look): string[] {
  const label = padRight(labels[side], Math.max(...labels.map(displayWidth)) + 2);
  const counts = run.checkCount === 0 ? "nothing was compared" : `${plural(run.checkCount, "check")}${run.differingCount === 0 ? "" : `, ${run.differingCount} differ from the model`}`;
  const paintVerdict = run.verdict === "pass" ? (line: string): string => line : paint.bad;
  const name = run.run === "" ? ", not kept" : run.run === labels[side] ? "" : `, run ${sanitize(run.run)}`;
  const others = timedRuns.filter(({ verdict }) => verdict !== "pass");
  const reasons = [...new Set([...(run.verdict === "pass" ? [] : [run.reason]), ...others.map(({ verdict, reason }) => `a timed run is ${verdict}: ${reason}`)])];
  const timed = timedRuns.length === 0 ? "" : `, ${timedRuns.length} timed`;
  return [
    ...labelled(label, `${run.verdict}, ${counts}${name}${timed}`, columns).map(paintVerdict),
    ...reasons.flatMap((reason) => labelled("  ", sanitize(reason), columns)),
  ];
}

function differenceLines({ steps }: Comparison, rows: ComparedRows, [model, real]: readonly [string, string], look: Look): string[] {
  if (steps.length === 0) return ["No step was carried out on both sides."];
  const { differing, equal, hiddenDiffering, hiddenEqual } = rows;
  if (differing.length === 0 && hiddenDiffering === 0) {
    const count = equal.length + hiddenEqual;
    return wrap(`Nothing differs: ${count} counters, calls and placements are equal${hiddenEqual > 0 ? "; --all shows them" : ""}.`, look.columns);
  }
  const parts = [...(hiddenDiffering > 0 ? [`${hiddenDiffering} more that differ`] : []), ...(hiddenEqual > 0 ? [`${hiddenEqual} that are equal`] : [])];
  return [...checkTable(differing, steps, look, { model, real }), ...(parts.length === 0 ? [] : wrap(`and ${parts.join(", ")}: --all shows them`, look.columns))];
}

function equalTable({ steps }: Comparison, { equal, differing }: ComparedRows, [model, real]: readonly [string, string], look: Look): string[] {
  if (equal.length === 0) return [];
  return [...(differing.length === 0 ? [] : ["equal on both sides:"]), ...checkTable(equal, steps, look, { model, real })];
}

/** The slots of every placement that differs, run by run. */
function placementLines({ differing }: ComparedRows, labels: readonly [string, string], { columns, symbols }: Look, all: boolean): string[] {
  return differing
    .filter(({ check }) => check.name.startsWith("placement."))
    .flatMap(({ step, check }) => {
      const widest = Math.max(...labels.map(displayWidth));
      const line = (label: string, value: number | string): string[] =>
        labelled(`  ${padRight(label, widest)}  `, slotsText(String(value), all ? Infinity : shownPlacementRuns, symbols.ellipsis), columns);
      return [`${metricLabel(check.name)} after step ${step.index}, ${fitEnd(sanitize(step.op), 20, symbols.ellipsis)}:`, ...line(labels[0], check.model), ...line(labels[1], check.real)];
    });
}

function slotsText(text: string, most: number, ellipsis: string): string {
  const runs = parsePlacement(text);
  if (runs === null) return sanitize(fitEnd(text, 60, ellipsis));
  const more = runs.length > most ? `, ${ellipsis}` : "";
  return `${plural(runs.length, "run")}: ${runs.slice(0, most).map((run) => showRun(run).replace(" @ ", "@")).join(", ")}${more}`;
}

/** What both sides have in common once, what they differ in for each. */
function factLines({ a, b }: Comparison, labels: readonly [string, string], { columns }: Look): string[] {
  const [ours, theirs] = [factGroups(runFacts(a.run)), factGroups(runFacts(b.run))];
  return ours.flatMap((group, index) => {
    const other = theirs[index]!;
    const isSame = group.texts.join() === other.texts.join();
    const texts = isSame ? group.texts : [...withSide(labels[0], group.texts), ...withSide(labels[1], other.texts)];
    return texts.flatMap((text, place) => labelled(padRight(place === 0 ? group.label : "", factLabelColumns), text, columns));
  });
}

const withSide = (label: string, [first = "", ...others]: readonly string[]): string[] => [`${label}: ${first}`, ...others];

/** A fact with those that go without a label of their own. */
function factGroups(facts: readonly Fact[]): { label: string; texts: string[] }[] {
  const groups: { label: string; texts: string[] }[] = [];
  for (const { label, text } of facts) {
    if (label !== "") groups.push({ label, texts: [text] });
    else groups.at(-1)?.texts.push(text);
  }
  return groups;
}

/** Text beside a label, continued below itself. */
function labelled(label: string, text: string, columns: number): string[] {
  const room = columns - displayWidth(label);
  return text === "" ? [] : wrap(text, room).map((line, index) => (index === 0 ? label : " ".repeat(displayWidth(label))) + line);
}
