import { showScalar } from "../report/cells.ts";
import { areaNames, metricLabel } from "../report/labels.ts";
import type { Check, Result, Step } from "../report/result.ts";
import { fitEnd, fitMiddle, sanitize } from "../report/text.ts";
import { nearNames } from "./near.ts";

/** What a kernel is expected to do, and whether it did: for a bisection, which knows good, bad and cannot tell. */

/** A metric of one step against a value: `pageout/swpout 64kB=256`. */
export interface Expectation {
  /** An op, or the number of a step. */
  readonly step: string;
  /** A check's name, or what a table calls it. */
  readonly metric: string;
  readonly operator: Operator;
  readonly value: string;
}

const operators = {
  "!=": (real: string, value: string) => real !== value,
  "<=": (real: string, value: string) => Number(real) <= Number(value),
  ">=": (real: string, value: string) => Number(real) >= Number(value),
  "=": (real: string, value: string) => real === value,
  "<": (real: string, value: string) => Number(real) < Number(value),
  ">": (real: string, value: string) => Number(real) > Number(value),
} as const;
type Operator = keyof typeof operators;

/** Null for a text that is none. */
export function parseExpectation(text: string): Expectation | null {
  const [, step, metric, operator, value] = /^([^/]+)\/(.+?)(!=|<=|>=|=|<|>)(.*)$/s.exec(text) ?? [];
  if (step === undefined || metric === undefined || operator === undefined || value === undefined) return null;
  const orders = operator.startsWith("<") || operator.startsWith(">");
  if (orders && !/^-?\d+(\.\d+)?$/.test(value.trim())) return null;
  return { step: step.trim(), metric: metric.trim(), operator: operator as Operator, value: value.trim() };
}

export interface BisectJudgement {
  readonly says: "good" | "bad" | "skip";
  /** Why, in one line. */
  readonly reason: string;
}

export interface BisectRules {
  /** None: the verdict decides, and pass is good. */
  readonly expectations: readonly Expectation[];
  /** The verdict must be pass whatever else is expected. */
  readonly pass: boolean;
  /** What a kernel is in whose guest the experiment could not be ended. */
  readonly lost: "bad" | "skip";
}

/** What a run means to a bisection. Where something expected is not to be found nothing is judged. */
export function judgeForBisect(result: Result, { expectations, pass, lost }: BisectRules): BisectJudgement {
  if (result.verdict === "invalid") return { says: "skip", reason: result.reason };
  if (result.verdict === "lost") return { says: lost, reason: `lost: ${result.reason}` };
  const found = expectations.map((expectation) => look(result, expectation));
  const unclear = found.find(({ says }) => says === "skip") ?? found.find(({ says }) => says === "bad");
  if (unclear !== undefined) return unclear;
  if ((pass || expectations.length === 0) && result.verdict !== "pass") return { says: "bad", reason: result.reason };
  return { says: "good", reason: expectations.length === 0 ? result.reason : found.map(({ reason }) => reason).join(", ") };
}

function look(result: Result, { step: place, metric, operator, value }: Expectation): BisectJudgement {
  const step = findStep(result.steps, place);
  if (typeof step === "string") return { says: "skip", reason: step };
  const check = findCheck(step, metric);
  if (typeof check === "string") return { says: "skip", reason: check };
  const real = showScalar(check.real);
  const expected = value === "" ? "none" : value;
  if (operators[operator](real, expected)) return { says: "good", reason: `${place}/${metric} is ${fitMiddle(real, 60, "...")}` };
  return { says: "bad", reason: `${place}/${metric} is ${fitMiddle(real, 60, "...")}, expected ${operator === "=" ? "" : `${operator} `}${fitMiddle(expected, 60, "...")}` };
}

function findStep(steps: readonly Step[], place: string): Step | string {
  const found = steps.filter(({ op, index }) => op === place || String(index) === place);
  if (found.length === 1) return found[0]!;
  if (found.length > 1) return `there are ${found.length} steps ${place}; say which by its number: ${found.map(({ index }) => index).join(", ")}`;
  return `there is no step ${place}; there are ${steps.map(({ index, op }) => `${index} ${op}`).join(", ")}`;
}

function findCheck({ op, checks }: Step, metric: string): Check | string {
  const areas = areaNames(checks);
  const found = checks.find(({ name }) => name === metric || metricLabel(name, areas) === metric);
  if (found !== undefined) return found;
  const near = nearNames(metric, checks.flatMap(({ name }) => [name, metricLabel(name, areas)]));
  return `this kernel shows no ${metric} in ${op}${near.length === 0 ? "" : `; near are ${near.join(", ")}`}`;
}

const longestLine = 240;

/** `bad 6.12.117: pageout/swpout 64kB is 0, expected 256`. */
export function bisectLine({ says, reason }: BisectJudgement, { kernel }: Result): string {
  return fitEnd(sanitize(`${says} ${kernel.release === "" ? kernel.name : kernel.release}: ${reason}`), longestLine, "...");
}
