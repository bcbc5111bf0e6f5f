import type { TourStop } from "../workload/tour-stop.ts";
import { checkTable } from "./check-table.ts";
import { commandLines } from "./command.ts";
import { designsTable } from "./designs.ts";
import type { Look, Paint } from "./look.ts";
import type { Row } from "./rows.ts";
import type { RunVisit, StopVisit } from "./tour.ts";
import { flow, padLeft, padRight, plural, sanitize, wrap } from "./text.ts";

/** Lines of the tour, none wider than `look.columns`. */

const nameColumns = 22;

/** Every stop in a line. */
export function stopList(stops: readonly TourStop[], { columns, paint }: Look): string[] {
  return stops.flatMap(({ number, name, title }) => {
    const [first = "", ...others] = wrap(title, columns - nameColumns - 4);
    const rest = others.map((line) => " ".repeat(nameColumns + 4) + line);
    return [`${padLeft(String(number), 2)}  ${paint.strong(padRight(name, nameColumns))}${first}`, ...rest];
  });
}

/** What was asked: shown before anything is run. */
export function stopIntroduction(stop: TourStop, stopCount: number, look: Look): string[] {
  const { number, name, title, asked } = stop;
  const heading = wrap(`${number} of ${stopCount}  ${name}: ${title}`, look.columns).map(look.paint.strong);
  return [...heading, "", ...paragraphs(asked, look)];
}

/** What was found, why it is so, and what cannot be run. */
export function visitText(visit: StopVisit, look: Look): string[] {
  const { stop, designs } = visit;
  const blocks = [
    ...stop.runs.flatMap((_, index) => runBlocks(visit, index, look)),
    ...(designs === null ? [] : [designsTable(designs, look, false)]),
    paragraphs(stop.explained, look),
    ...cardBlocks(stop, look),
    verdictBlock(visit, look),
  ];
  return joined(blocks);
}

/** A stop without a visit: what it would run, and everything that there is to read. */
export function stopText(stop: TourStop, look: Look): string[] {
  const runs = stop.runs.map(({ title }) => wrap(`- ${title}`, look.columns, "  "));
  return joined([runs.flat(), paragraphs(stop.explained, look), ...cardBlocks(stop, look)]);
}

const joined = (blocks: readonly (readonly string[])[]): string[] =>
  blocks.filter((block) => block.length > 0).flatMap((block, index) => (index === 0 ? block : ["", ...block]));

const paragraphs = (texts: readonly string[], { columns }: Look): string[] => joined(texts.map((text) => wrap(text, columns)));

/** One run of the stop on every kernel it was tried on. */
function runBlocks({ stop, runs }: StopVisit, index: number, look: Look): string[][] {
  const visits = runs.filter((visit) => visit.index === index);
  const title = wrap(stop.runs[index]!.title, look.columns).map(look.paint.strong);
  return visits.map((visit, place) => [...(place === 0 ? title : []), ...runBlock(visit, look)]);
}

const paintOf: Readonly<Record<RunVisit["verdict"], keyof Paint>> = { pass: "good", fail: "bad", lost: "bad", invalid: "bad", skip: "quiet" };

function runBlock({ kernel, release, command, verdict, reason, run, checkCount, steps }: RunVisit, look: Look): string[] {
  const { columns, paint } = look;
  const segments = [verdict, `kernel ${sanitize(release === "" ? kernel : release)}`, checkCount === 0 ? "" : plural(checkCount, "check"), run === "" ? "" : `run ${sanitize(run)}`];
  const [first = "", ...others] = flow(segments, columns - 2);
  const rows = steps.flatMap((step) => step.checks.map((check): Row => ({ step, check })));
  const lines = [
    paint[paintOf[verdict]](verdict) + first.slice(verdict.length),
    ...others,
    ...(reason === "" ? [] : wrap(sanitize(reason), columns - 2)),
    ...commandLines(command, columns - 2).map(paint.quiet),
  ].map((text) => `  ${text}`);
  return [...lines, ...checkTable(rows, steps, look)];
}

function cardBlocks({ cards }: TourStop, look: Look): string[][] {
  return cards.map(({ title, text }) => [look.paint.strong(title), ...paragraphs(text, look)]);
}

function verdictBlock({ stop, verdict, runs, isComplete }: StopVisit, { columns, paint }: Look): string[] {
  const count = (wanted: RunVisit["verdict"]): number => runs.filter((visit) => visit.verdict === wanted).length;
  const parts = [
    `${count("pass")} of ${plural(runs.length, "run")} ${count("pass") === 1 ? "passes" : "pass"}`,
    ...(["fail", "lost", "invalid", "skip"] as const).filter((wanted) => count(wanted) > 0).map((wanted) => `${count(wanted)} ${wanted}`),
    ...(isComplete ? [] : ["stopped before the last run"]),
  ];
  const word = runs.length === 0 ? "nothing to run" : parts.join(", ");
  const [first = "", ...others] = flow([verdict, `stop ${stop.number}`, word], columns);
  return [paint[paintOf[verdict]](verdict) + first.slice(verdict.length), ...others];
}
