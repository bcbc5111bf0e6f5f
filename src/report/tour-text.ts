import type { TourRace, TourStop } from "../workload/tour-stop.ts";
import { checkTable } from "./check-table.ts";
import { commandLines } from "./command.ts";
import { comparisonLines } from "./comparison-text.ts";
import { designsTable } from "./designs.ts";
import type { Look, Paint } from "./look.ts";
import { raceText } from "./race-text.ts";
import type { Row } from "./rows.ts";
import type { RaceVisit, RunVisit, StopVisit } from "./tour.ts";
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
    ...visit.races.flatMap((race, index) => raceBlocks(race, stop.races[index]!, look)),
    ...stop.runs.flatMap((_, index) => runBlocks(visit, index, look)),
    ...visit.comparisons.flatMap(({ comparison }, index) => [strong(stop.comparisons[index]!.title, look), comparisonLines(comparison, look, false)]),
    ...(designs === null ? [] : [designsTable(designs, look, false)]),
    paragraphs(stop.explained, look),
    ...cardBlocks(stop, look),
    verdictBlock(visit, look),
  ];
  return joined(blocks);
}

/** A stop without a visit: what it would run, and everything that there is to read. */
export function stopText(stop: TourStop, look: Look): string[] {
  const runs = [...stop.races, ...stop.runs, ...stop.comparisons].map(({ title }) => wrap(`- ${title}`, look.columns, "  "));
  return joined([runs.flat(), paragraphs(stop.explained, look), ...cardBlocks(stop, look)]);
}

const joined = (blocks: readonly (readonly string[])[]): string[] =>
  blocks.filter((block) => block.length > 0).flatMap((block, index) => (index === 0 ? block : ["", ...block]));

const paragraphs = (texts: readonly string[], { columns }: Look): string[] => joined(texts.map((text) => wrap(text, columns)));

const strong = (title: string, look: Look): string[] => wrap(title, look.columns).map(look.paint.strong);

/** What came of a race, whether it should have, and how much was looked at. */
export function raceFinding({ verdict, report }: RaceVisit, { expected }: TourRace): string[] {
  const steps = report.counterexample === null ? "" : ` after ${plural(report.counterexample.trace.steps.length, "step")}`;
  const found = { broken: `broken${steps}`, holds: "holds in every order of steps", "not-exhausted": "not everything was tried" }[report.verdict];
  return [found, verdict === "pass" ? "as it should" : `it should be: ${expected}`, plural(report.stateCount, "state")];
}

function raceBlocks(visit: RaceVisit, race: TourRace, look: Look): string[][] {
  const { command, verdict, report } = visit;
  const { columns, paint } = look;
  const [first = "", ...others] = flow([verdict, ...raceFinding(visit, race)], columns - 2);
  const lines = [paint[paintOf[verdict]](verdict) + first.slice(verdict.length), ...others, ...commandLines(command, columns - 2).map(paint.quiet)].map((text) => `  ${text}`);
  return [[...strong(race.title, look), ...lines], ...(race.whole ? [raceText(report, look, false)] : [])];
}

/** One run of the stop on every kernel it was tried on. */
function runBlocks({ stop, runs }: StopVisit, index: number, look: Look): string[][] {
  const visits = runs.filter((visit) => visit.index === index);
  const title = strong(stop.runs[index]!.title, look);
  return visits.map((visit, place) => [...(place === 0 ? title : []), ...runBlock(visit, look)]);
}

const paintOf: Readonly<Record<RunVisit["verdict"], keyof Paint>> = { pass: "good", fail: "bad", lost: "bad", invalid: "bad", skip: "quiet" };

function runBlock({ kernel, release, command, verdict, reason, run, checkCount, steps }: RunVisit, look: Look): string[] {
  const { columns, paint } = look;
  const segments = [verdict, `kernel ${sanitize(release === "" ? kernel : release)}`, checkCount === 0 ? "" : plural(checkCount, "check"), run === "" ? "" : `run ${sanitize(run)}`];
  const [first = "", ...others] = flow(segments, columns - 2);
  const rows = steps.flatMap((step): Row[] => [...step.checks.map((check) => ({ step, check })), ...(step.readings ?? []).map((reading) => ({ step, reading }))]);
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

function verdictBlock({ stop, verdict, runs, races, comparisons, isComplete }: StopVisit, { columns, paint }: Look): string[] {
  const all: readonly { readonly verdict: RunVisit["verdict"] }[] = [...races, ...runs, ...comparisons];
  const count = (wanted: RunVisit["verdict"]): number => all.filter((visit) => visit.verdict === wanted).length;
  const parts = [
    `${count("pass")} of ${all.length} pass`,
    ...(["fail", "lost", "invalid", "skip"] as const).filter((wanted) => count(wanted) > 0).map((wanted) => `${count(wanted)} ${wanted}`),
    ...(isComplete ? [] : ["stopped before the last run"]),
  ];
  const word = all.length === 0 ? "nothing was run" : parts.join(", ");
  const [first = "", ...others] = flow([verdict, `stop ${stop.number}`, word], columns);
  return [paint[paintOf[verdict]](verdict) + first.slice(verdict.length), ...others];
}
