import type { Switches } from "../races/switches.ts";
import type { Trace, TraceStep } from "../races/trace.ts";
import type { Look } from "./look.ts";
import { areAsExpected, type RaceMutant, type RaceMutants, type RaceProperty, type RaceReport } from "./race.ts";
import { displayWidth, flow, padLeft, padRight, plural, wrap } from "./text.ts";

/** How a switch is called on the command line. */
export const switchWord = (name: keyof Switches): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

const widest = 72;
const numberColumns = 3;
const gap = "  ";

/** A race as text of at most 72 columns. `all`: also what every step does, and what was taken for granted. */
export function raceText(report: RaceReport, look: Look, all: boolean): string[] {
  const columns = Math.min(widest, look.columns);
  const paragraph = (text: string, hangingIndent = ""): string[] => wrap(text, columns, hangingIndent);
  const { counterexample, walks } = report;
  const blocks = [
    [...paragraph(`${report.scenario}: ${report.title}`).map((line) => look.paint.strong(line)), ...paragraph(switchesText(report)).map((line) => look.paint.quiet(line))],
    [...verdictLines(report, look, columns), ...report.properties.filter((property) => isTold(property, report)).flatMap((property) => propertyLines(property, columns, look))],
    counterexample === null ? [] : laneLines(counterexample.trace, look, columns, all),
    counterexample?.isShortest === false ? paragraph(`Found by a random walk (seed ${walks?.seed}): a true order of steps, not the shortest.`) : [],
    ...report.explanation.map((text) => paragraph(text)),
    all ? report.assumptions.flatMap((text) => paragraph(`assumed: ${text}`, "  ")) : [],
  ];
  return blocks.filter((block) => block.length > 0).flatMap((block, index) => (index === 0 ? block : ["", ...block]));
}

/** `fix on`, `processes 2`: what is set, in their order. */
export const switchSettings = (switches: Readonly<Record<string, boolean | string | number>>): string[] =>
  Object.entries(switches).map(([name, value]) => `${switchWord(name as keyof Switches)} ${value === true ? "on" : value === false ? "off" : value}`);

function switchesText({ switches, without }: RaceReport): string {
  return [...switchSettings(switches), ...(without === null ? [] : [`without ${without}`])].join(", ");
}

function verdictLines(report: RaceReport, { paint }: Look, columns: number): string[] {
  const { verdict, counterexample, stateCount, stepCount, depth, walks, stoppedBy } = report;
  const size = `${plural(stateCount, "state")}, ${plural(stepCount, "step")} tried`;
  switch (verdict) {
    case "broken": {
      const steps = counterexample === null ? "" : `, after ${plural(counterexample.trace.steps.length, "step")}`;
      const failed = counterexample?.property ?? report.properties.find(({ holds }) => holds === "no")?.name ?? "";
      return [...wrap(`broken: ${failed}${steps}`, columns).map((line) => paint.bad(line)), `${gap}${size}`];
    }
    case "holds":
      return [paint.good("holds: every order of steps was tried"), `${gap}${size}, ${depth} deep`];
    case "not-exhausted": {
      const walked = walks === null ? "" : `, and nothing on ${plural(walks.count, "random walk")} from seed ${walks.seed}`;
      const reasons: Readonly<Record<string, string>> = {
        "state limit": "the limit of states was reached (--states)",
        memory: "there was no memory for more states",
        deadline: "the time was up (--seconds)",
        interrupt: "it was interrupted",
      };
      return [...wrap(`not exhausted: ${reasons[stoppedBy] ?? stoppedBy}; nothing was found until then${walked}`, columns).map((line) => paint.bounded(line)), `${gap}${size}, ${depth} deep`];
    }
  }
}

/** A failure leaves most of the others open, which need no line each. */
export const isTold = ({ holds, name }: RaceProperty, { verdict, counterexample }: RaceReport): boolean => name !== counterexample?.property && (verdict !== "broken" || holds !== "open");

function propertyLines({ kind, name, holds, depth }: RaceProperty, columns: number, { paint }: Look): string[] {
  const said = { never: `never: ${name}`, always: `always: ${name}`, can: `possible: ${name}` }[kind];
  const outcome = holds === "open" ? "open" : holds === "no" ? "NO" : kind === "can" ? `yes, after ${depth}` : "yes";
  return beside(padRight(`${gap}${outcome}`, 16), said, columns).map((text) => (holds === "no" ? paint.bad(text) : paint.quiet(text)));
}

/** The text wrapped to the right of its label. */
function beside(label: string, text: string, columns: number): string[] {
  const width = displayWidth(label);
  return wrap(text, columns - width).map((line, index) => (index === 0 ? label : " ".repeat(width)) + line);
}

/** A column a lane, a row a step; beside it the function and what it changes of the shared variables. */
function laneLines(trace: Trace, look: Look, columns: number, all: boolean): string[] {
  const widths = trace.lanes.map((lane) => displayWidth(lane));
  const cells = (show: (lane: number) => string): string => trace.lanes.map((_, lane) => padRight(show(lane), widths[lane]!)).join(" ");
  const margin = " ".repeat(numberColumns + gap.length);
  const head = margin + cells((lane) => trace.lanes[lane]!);
  const rows = trace.steps.flatMap((step, index) => {
    const isBad = step.broken.length > 0;
    const room = columns - displayWidth(head) - gap.length;
    const texts = stepTexts(trace, index, room, all);
    return texts.map((text, line) => {
      const lanes = cells((lane) => (lane === step.lane && line === 0 ? (isBad ? "X" : "*") : "|"));
      const row = `${line === 0 ? padLeft(String(index + 1), numberColumns) : " ".repeat(numberColumns)}${gap}${lanes}${gap}${text}`.trimEnd();
      return isBad ? look.paint.bad(row) : row;
    });
  });
  return [look.paint.quiet(head), ...rows];
}

function stepTexts(trace: Trace, index: number, room: number, all: boolean): string[] {
  const step = trace.steps[index]!;
  const changes = changesOf(trace, index);
  const joined = [step.name, ...changes].join(gap);
  const indented = (text: string): string[] => beside(gap, text, room);
  const named = displayWidth(joined) <= room ? [joined] : [...wrap(step.name, room, gap), ...flow(changes, room - gap.length).map((line) => gap + line)];
  return [...named, ...(all ? indented(step.does) : []), ...(step.broken.length === 0 ? [] : indented(brokenText(trace, step)))];
}

/** What a step changes of the shared variables: `swap_map[0] 0x41 -> 0x40`. */
export function changesOf(trace: Trace, index: number): string[] {
  const step = trace.steps[index]!;
  const before = index === 0 ? trace.start : trace.steps[index - 1]!.values;
  return step.changed.map((variable) => `${trace.variables[variable]} ${before[variable]} -> ${step.values[variable]}`);
}

/** What is wrong with a step that breaks a property. */
export function brokenText(trace: Trace, step: TraceStep): string {
  const structures = trace.variables.indexOf("structures");
  const isFreed = ({ values }: TraceStep): boolean => values[structures] === "freed";
  const freeing = trace.steps.findIndex(isFreed);
  const uses = step.touches !== "" && isFreed(step) && trace.steps[freeing] !== step;
  return uses ? `uses ${step.touches}, freed in step ${freeing + 1}` : step.broken.join("; ");
}

/** What each ordering is needed for. */
export function raceMutantsText(report: RaceMutants, look: Look): string[] {
  const columns = Math.min(widest, look.columns);
  const blocks = report.mutants.map((mutant) => mutantLines(mutant, columns, look));
  const broken = report.mutants.filter(({ breaks }) => breaks).length;
  const summary = `${plural(report.mutants.length, "mutant")}, ${broken} broken, ${report.mutants.length - broken} not; ${areAsExpected(report) ? "all as they must be" : "NOT all as they must be"}`;
  return [...blocks.flat(), "", areAsExpected(report) ? look.paint.good(summary) : look.paint.bad(summary)];
}

function mutantLines({ scenario, switches, without, mustBreak, breaks, property, why }: RaceMutant, columns: number, { paint }: Look): string[] {
  const words = Object.entries(switches).map(([name, value]) => (value === true ? switchWord(name as keyof Switches) : value === false ? `no-${switchWord(name as keyof Switches)}` : String(value)));
  const title = `${[scenario, ...words].join(" ")}, without ${without}`;
  const wrong = mustBreak === breaks ? "" : mustBreak ? "it must break, and does not: " : "it must hold, and does not: ";
  const label = padRight(breaks ? "broken" : "holds", 8);
  const heading = beside(label, title, columns).map((line) => (wrong === "" ? line : paint.bad(line)));
  const text = `${wrong}${property === "" ? "" : `${property}; `}${why}`;
  return [...heading, ...beside(padRight("", 8), text, columns).map((line) => paint.quiet(line))];
}
