import type { Look } from "./look.ts";
import type { MatrixCell } from "./matrix.ts";
import { displayWidth, fitMiddle, padLeft, padRight, plural, sanitize, wrap } from "./text.ts";

/** Which experiments tell a kernel from the models of its neighbours: the controls of a matrix. */

export const whoCatchesSchemaName = "swaplab.who-catches/1";

/** A kernel beside a model that is not its own. */
export interface ModelPair {
  readonly kernel: string;
  /** The kernel's own generation. */
  readonly generation: string;
  readonly model: string;
  /** The two generations have the same features, so there is nothing to catch and nothing was run. */
  readonly isSame: boolean;
}

export interface WhoCatches {
  readonly schema: typeof whoCatchesSchemaName;
  readonly startedAt: string;
  readonly experiments: readonly string[];
  readonly pairs: readonly ModelPair[];
  /** `model` of each is the forced one. A `fail` is what is hoped for. */
  readonly cells: readonly MatrixCell[];
  /** Kernels whose generation is not known, and why; they have no pairs. */
  readonly unknown: readonly { readonly kernel: string; readonly reason: string }[];
  readonly isComplete: boolean;
}

const cellsOf = ({ cells }: WhoCatches, pair: ModelPair): MatrixCell[] => cells.filter(({ kernel, model }) => kernel === pair.kernel && model === pair.model);
const caught = (cells: readonly MatrixCell[]): number => cells.filter(({ verdict }) => verdict === "fail").length;

/** Every pair whose features differ was told apart by some experiment. */
export const allAreCaught = (found: WhoCatches): boolean =>
  found.isComplete && found.unknown.length === 0 && found.pairs.every((pair) => pair.isSame || caught(cellsOf(found, pair)) > 0);

const columnWidth = 5;
const widestName = 30;

/** A column for each kernel beside a neighbour's model; `x` where the experiment tells the two apart. */
export function whoCatchesTable(found: WhoCatches, look: Look): string[] {
  const { experiments, pairs, unknown } = found;
  const shownPairs = pairs.filter(({ isSame }) => !isSame);
  const nameWidth = Math.min(widestName, Math.max(...[...experiments, "kernel"].map((name) => displayWidth(sanitize(name)))));
  const perBlock = Math.max(1, Math.floor((look.columns - nameWidth) / columnWidth));
  const lines: string[] = [];
  for (let first = 0; first < shownPairs.length; first += perBlock) {
    const shown = shownPairs.slice(first, first + perBlock);
    const header = (title: string, words: readonly string[]): string =>
      padRight(fitMiddle(title, nameWidth, look.symbols.ellipsis), nameWidth) + words.map((word) => padLeft(fitMiddle(sanitize(word), columnWidth - 1, look.symbols.ellipsis), columnWidth)).join("");
    if (first > 0) lines.push("");
    lines.push(header("kernel", shown.map(({ kernel }) => kernel)), header("model", shown.map(({ model }) => model)));
    for (const experiment of experiments) lines.push(header(sanitize(experiment), shown.map((pair) => mark(found, pair, experiment))));
    lines.push(look.paint.strong(header("in all", shown.map((pair) => String(caught(cellsOf(found, pair)))))));
  }
  const same = pairs.filter(({ isSame }) => isSame).map(({ kernel, model }) => `${kernel} and model ${model}`);
  return [
    ...lines,
    "",
    ...wrap("x: this experiment tells kernel and model apart. = it does not, ? it was not judged, - it was not run.", look.columns).map(look.paint.quiet),
    ...(same.length === 0 ? [] : wrap(`The same features, so nothing to tell apart: ${same.join(", ")}.`, look.columns)),
    ...unknown.flatMap(({ kernel, reason }) => wrap(`${sanitize(kernel)}: ${sanitize(reason)}`, look.columns, "  ")),
    (allAreCaught(found) ? look.paint.good : look.paint.bad)(summary(found)),
  ];
}

function mark(found: WhoCatches, pair: ModelPair, experiment: string): string {
  const cell = cellsOf(found, pair).find((candidate) => candidate.experiment === experiment);
  if (cell === undefined) return "-";
  return { fail: "x", pass: "=", lost: "?", invalid: "?", skip: "-" }[cell.verdict];
}

function summary(found: WhoCatches): string {
  const different = found.pairs.filter(({ isSame }) => !isSame);
  const missed = different.filter((pair) => caught(cellsOf(found, pair)) === 0);
  const rest = missed.length === 0 ? "" : `; not caught: ${missed.map(({ kernel, model }) => `${kernel} beside model ${model}`).join(", ")}`;
  return `${different.length - missed.length} of ${plural(different.length, "pair")} of kernel and neighbour's model caught${rest}`;
}
