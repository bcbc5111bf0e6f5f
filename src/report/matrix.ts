import type { Look, Paint } from "./look.ts";
import type { Result } from "./result.ts";
import { commandLine } from "./command.ts";
import { displayWidth, fitMiddle, padLeft, padRight, plural, sanitize, wrap } from "./text.ts";

/** Every experiment on every kernel, each with a verdict, and what a person is shown of it. */

export const matrixSchemaName = "swaplab.matrix/1";

/** What one experiment came to on one kernel. */
export interface MatrixCell {
  readonly experiment: string;
  readonly kernel: string;
  /** The generation whose model predicted. Empty when the kernel could not be opened. */
  readonly model: string;
  /** `skip`: the kernel was built without what the experiment is about, so nothing was run. */
  readonly verdict: Result["verdict"] | "skip";
  readonly reason: string;
  readonly checkCount: number;
  /** Of these, what was read from the kernel's memory; 0 when it was not looked at. */
  readonly memoryCheckCount: number;
  /** The run's name; empty when nothing was started. */
  readonly run: string;
}

export interface Matrix {
  readonly schema: typeof matrixSchemaName;
  readonly startedAt: string;
  readonly kernels: readonly string[];
  readonly experiments: readonly string[];
  readonly cells: readonly MatrixCell[];
  /** False when it was stopped: then some cells are missing. */
  readonly isComplete: boolean;
}

export const cellOf = (result: Result): MatrixCell => {
  const checks = result.steps.flatMap((step) => step.checks);
  return {
    experiment: result.experiment.name,
    kernel: result.kernel.name,
    model: result.model.generation,
    verdict: result.verdict,
    reason: result.reason,
    checkCount: checks.length,
    memoryCheckCount: checks.filter(({ name }) => name.startsWith("memory.")).length,
    run: result.run,
  };
};

const letters: Readonly<Record<Exclude<MatrixCell["verdict"], "pass">, string>> = { fail: "F", lost: "L", invalid: "I", skip: "S" };
/** Four columns for a cell and one between. */
const columnWidth = 5;
const widestName = 30;

/** The cells as a table with a column for each kernel, and below it why each cell is not a pass. */
export function matrixTable(matrix: Matrix, look: Look): string[] {
  const { kernels, experiments, cells } = matrix;
  const notes = numbered(cells);
  const nameWidth = Math.min(widestName, Math.max(...experiments.map((name) => displayWidth(sanitize(name)))));
  const perBlock = Math.max(1, Math.floor((look.columns - nameWidth) / columnWidth));
  const lines: string[] = [];
  for (let first = 0; first < kernels.length; first += perBlock) {
    const shown = kernels.slice(first, first + perBlock);
    if (first > 0) lines.push("");
    lines.push(" ".repeat(nameWidth) + shown.map((kernel) => padLeft(fitMiddle(sanitize(kernel), columnWidth - 1, look.symbols.ellipsis), columnWidth)).join(""));
    for (const experiment of experiments) {
      const row = shown.map((kernel) => {
        const { text, paint } = cellText(cells.find((cell) => cell.experiment === experiment && cell.kernel === kernel), notes);
        return " ".repeat(columnWidth - displayWidth(text)) + look.paint[paint](text);
      });
      lines.push(padRight(fitMiddle(sanitize(experiment), nameWidth, look.symbols.ellipsis), nameWidth) + row.join(""));
    }
  }
  return [...lines, ...noteLines(cells, notes, look), "", ...summaryLines(matrix, look)];
}

/** Reasons of cells that are no pass, numbered as they come: cells of one reason share its number. */
function numbered(cells: readonly MatrixCell[]): Map<string, number> {
  const notes = new Map<string, number>();
  for (const { verdict, reason } of cells) if (verdict !== "pass" && !notes.has(reason)) notes.set(reason, notes.size + 1);
  return notes;
}

function cellText(cell: MatrixCell | undefined, notes: ReadonlyMap<string, number>): { text: string; paint: keyof Paint } {
  if (cell === undefined) return { text: "-", paint: "quiet" };
  if (cell.verdict === "pass") return { text: cell.checkCount < 10_000 ? String(cell.checkCount) : `${Math.floor(cell.checkCount / 1000)}k`, paint: "good" };
  return { text: `${letters[cell.verdict]}${notes.get(cell.reason)}`, paint: cell.verdict === "skip" ? "quiet" : "bad" };
}

function noteLines(cells: readonly MatrixCell[], notes: ReadonlyMap<string, number>, look: Look): string[] {
  return [...notes].flatMap(([reason, number]) => {
    const [first] = cells.filter((cell) => cell.reason === reason);
    const open = first!.run === "" ? "" : `  ${commandLine(["show", first!.run])}`;
    const name = `${letters[first!.verdict as keyof typeof letters]}${number}`;
    return ["", ...wrap(`${name} ${first!.verdict}: ${sanitize(reason)}`, look.columns, "    "), ...(open === "" ? [] : [look.paint.quiet(`  ${open}`)])];
  });
}

function summaryLines({ kernels, experiments, cells, isComplete }: Matrix, { columns, paint }: Look): string[] {
  const count = (verdict: MatrixCell["verdict"]): number => cells.filter((cell) => cell.verdict === verdict).length;
  const checkCount = cells.reduce((sum, cell) => sum + cell.checkCount, 0);
  const withoutMemory = cells.filter((cell) => cell.verdict === "pass" && cell.memoryCheckCount === 0).length;
  const parts = [
    `${plural(experiments.length, "experiment")} on ${plural(kernels.length, "kernel")}: ${count("pass")} pass`,
    ...(["fail", "lost", "invalid", "skip"] as const).filter((verdict) => count(verdict) > 0).map((verdict) => `${count(verdict)} ${verdict}`),
    ...(isComplete ? [] : [`${kernels.length * experiments.length - cells.length} not run`]),
    plural(checkCount, "check"),
    ...(withoutMemory === 0 ? [] : [`${withoutMemory} passed without a look at the kernel's memory`]),
  ];
  const isGood = isComplete && cells.every(({ verdict }) => verdict === "pass" || verdict === "skip");
  return [
    ...wrap("A number: the run passed, with so many checks. F fail, L lost, I invalid, S skipped, - not run.", columns).map(paint.quiet),
    ...wrap(parts.join(", "), columns).map(isGood ? paint.good : paint.bad),
  ];
}
