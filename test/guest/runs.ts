import type { RunOutcome, RunRequest, RunTask } from "../../src/api/lab.ts";
import { defaultMemoryMb } from "../../src/api/request.ts";
import { createLab } from "../../src/lab/lab.ts";
import { commandLine } from "../../src/report/command.ts";
import { describeDivergence } from "../../src/report/divergence.ts";
import { noPaint, unicodeSymbols } from "../../src/report/look.ts";
import type { MatrixCell } from "../../src/report/matrix.ts";
import type { Check, Result } from "../../src/report/result.ts";
import { type WhoCatches, whoCatchesTable } from "../../src/report/who-catches.ts";

/** Runs in real guests, as a face of the lab would ask for them, and what to say of one that went wrong. */

export const lab = createLab();

/** A run that says only what matters to its test. */
export type Asked = Partial<RunRequest> & Pick<RunRequest, "experiment" | "kernel">;

export interface Watch {
  readonly progress?: RunTask["progress"];
  readonly signal?: AbortSignal;
}

export async function runExperiment(asked: Asked, { progress = () => {}, signal = new AbortController().signal }: Watch = {}): Promise<RunOutcome> {
  return lab.run({ set: {}, memoryMb: defaultMemoryMb, cold: false, ...asked }, { progress, signal });
}

export const checksOf = (result: Result): Check[] => result.steps.flatMap((step) => step.checks);

/** What the kernel's memory held was compared too. */
export const hasMemory = (result: Result): boolean => checksOf(result).some(({ name }) => name.startsWith("memory."));

export const differing = (result: Result): Check[] => checksOf(result).filter((check) => !check.ok);

const shownDiffering = 12;
const shownChars = 200;

const shown = (value: number | string): string => {
  const text = String(value);
  return text.length <= shownChars ? text : `${text.slice(0, shownChars)}…`;
};

/** What a failed assertion shows: where model and kernel part, everything else that differs, and how to see it again. */
export function story(result: Result): string {
  const { kernel, experiment, verdict, reason, firstDivergence, steps, remarks, lastWords } = result;
  const lines = steps.flatMap(({ index, op, checks }) =>
    checks.filter((check) => !check.ok).map(({ name, model, real }) => `  step ${index} ${op}: ${name}: model ${shown(model)}, kernel ${shown(real)}`),
  );
  return [
    "",
    `${experiment.name} on ${kernel.release === "" ? kernel.name : kernel.release}, ${experiment.device}: ${verdict}`,
    firstDivergence === null ? reason : describeDivergence(firstDivergence, steps),
    ...lines.slice(0, shownDiffering),
    ...(lines.length > shownDiffering ? [`  and ${lines.length - shownDiffering} more`] : []),
    ...remarks.map((remark) => `  note: ${remark}`),
    ...lastWords.slice(-shownDiffering).map((line) => `  console: ${line}`),
    `repeat: ${commandLine(result.command)}`,
    "",
  ].join("\n");
}

/** One experiment on one kernel, as the matrix has it. */
export async function cellOf(kernel: string, experiment: string): Promise<MatrixCell> {
  const task = { signal: new AbortController().signal, progress: () => {} };
  const { cells } = await lab.matrix({ kernels: [kernel], experiments: [experiment], memoryMb: defaultMemoryMb, cold: false }, task);
  return cells[0]!;
}

/** A kernel beside its neighbours' models, and the table that a person would see. */
export async function catchNeighbours(kernel: string, experiments: readonly string[]): Promise<{ found: WhoCatches; table: string }> {
  const task = { signal: new AbortController().signal, progress: () => {} };
  const found = await lab.whoCatches({ kernels: [kernel], experiments, memoryMb: defaultMemoryMb, cold: false }, task);
  return { found, table: whoCatchesTable(found, { columns: 80, symbols: unicodeSymbols, paint: noPaint }).join("\n") };
}
