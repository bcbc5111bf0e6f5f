import { checkCells } from "./cells.ts";
import { describeDivergence } from "./divergence.ts";
import { asciiSymbols } from "./look.ts";
import type { Check, Result, Step } from "./result.ts";
import { acceleratorText, areasText, deviceText, modelText, kernelText } from "./summary.ts";
import { fitEnd, sanitize } from "./text.ts";

/** Values longer than this are shortened to the part that tells; result.json has them whole. */
const maxValueColumns = 40;
const maxDescriptionColumns = 100;
const maxReasonColumns = 400;
const indent = "  ";

/**
 * One result in the Kernel Test Anything Protocol, version 1: the experiment is the one test, its steps are
 * subtests, their checks subtests of those. A run that could not be judged is skipped, a lost one is an error.
 */
export function resultKtap(result: Result): string[] {
  return ["KTAP version 1", "1..1", ...experimentLines(result)];
}

function experimentLines(result: Result): string[] {
  const about = aboutLines(result);
  const name = description(result.experiment.name);
  if (result.verdict === "invalid") return [...about, `ok 1 ${name} # SKIP ${reason(result.reason)}`];
  const steps = stepLines(result.steps, unshownFailure(result)).map((line) => indent + line);
  const words = result.lastWords.map((word) => `# console: ${fitEnd(sanitize(word), maxDescriptionColumns, "...")}`);
  return [...steps, ...about, ...words, `${result.verdict === "pass" ? "ok" : "not ok"} 1 ${name}`];
}

/**
 * The failure that no check shows: the run was lost. Parsers derive the outcome of a test from its subtests, so
 * it needs a subtest of its own.
 */
function unshownFailure(result: Result): string[] {
  if (result.verdict === "pass") return [];
  if (result.verdict === "fail" && result.steps.some((step) => step.checks.some((check) => !check.ok))) return [];
  return [`${result.verdict} # ERROR ${reason(result.reason)}`];
}

function aboutLines(result: Result): string[] {
  const machine = `${deviceText(result)}, ${result.host.cpuCount} vCPU, ${acceleratorText(result)}`;
  const areas = areasText(result);
  const lines = [`kernel ${kernelText(result)}`, machine, ...(areas === "" ? [] : [areas]), ...(result.program === undefined ? [`model ${modelText(result)}`] : programTexts(result)), `run ${result.run === "" ? "not kept" : result.run}`];
  if (result.firstDivergence !== null) lines.push(describeDivergence(result.firstDivergence, result.steps));
  return lines.map((line) => `# ${sanitize(line)}`);
}

/** What was printed and what was counted, which is neither right nor wrong. */
function programTexts({ program, steps }: Result): string[] {
  const streams = (["stdout", "stderr"] as const).flatMap((name) => (program?.[name].lines ?? []).map((line) => `${name}: ${fitEnd(sanitize(line), maxDescriptionColumns, "...")}`));
  const readings = steps.flatMap((step) => (step.op === "program" ? (step.readings ?? []) : []));
  return [...streams, ...readings.map(({ name, value }) => `${name} ${value}`)];
}

function stepLines(steps: readonly Step[], failures: readonly string[]): string[] {
  const count = steps.length + failures.length;
  if (count === 0) return [];
  const lines = ["KTAP version 1", `1..${count}`];
  for (const [index, step] of steps.entries()) {
    const passed = step.checks.every((check) => check.ok);
    lines.push(...checkLines(step.checks).map((line) => indent + line));
    lines.push(`${passed ? "ok" : "not ok"} ${index + 1} ${description(step.text)}`);
  }
  return [...lines, ...failures.map((failure, index) => `not ok ${steps.length + index + 1} ${failure}`)];
}

function checkLines(checks: readonly Check[]): string[] {
  if (checks.length === 0) return [];
  return ["KTAP version 1", `1..${checks.length}`, ...checks.map(checkLine)];
}

function checkLine(check: Check, index: number): string {
  const { model, real, note } = checkCells(check, maxValueColumns, asciiSymbols);
  const values = [`model=${quoted(model)}`, `kernel=${quoted(real)}`];
  if (note !== "") values.push(`(${note})`);
  if (check.kind === "bounded" && check.reason !== undefined) values.push(`bounded: ${reason(check.reason)}`);
  return `${check.ok ? "ok" : "not ok"} ${index + 1} ${description(check.name)} # ${values.join(" ")}`;
}

const quoted = (value: string): string => (/^-?[\w.]+$/.test(value) ? value : `"${value}"`);

/** Fit to be a test's description, which ends at the first hash sign. */
const description = (text: string): string => fitEnd(sanitize(text), maxDescriptionColumns, "...").replaceAll("#", "_");

const reason = (text: string): string => fitEnd(sanitize(text), maxReasonColumns, "...");
