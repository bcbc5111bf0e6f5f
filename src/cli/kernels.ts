import type { Command } from "commander";
import type { KernelSummary } from "../api/lab.ts";
import { columnLines, type Cell } from "./columns.ts";
import { exitCodes, type Context } from "./context.ts";
import { lookOf, printLines } from "./output.ts";
import { makeProgress } from "./progress.ts";

const examples = `
A kernel of your own needs no fetching: give \`run --kernel\` the path of a build
tree, a bzImage or a vmlinux.

Examples:
  npm start -- kernels
  npm start -- kernels fetch 6.18
`;

/** `kernels`: the series that can be had by name, and `kernels fetch`, which gets one now. */
export function addKernelsCommand(program: Command, context: Context, exitWith: (code: number) => void): void {
  const command = program
    .command("kernels")
    .summary("list the kernels, or fetch one")
    .description("Lists the kernel series that can be had by name.")
    .addHelpText("after", examples)
    .action(async () => {
      printKernels(context, await context.lab.kernels());
      exitWith(exitCodes.pass);
    });
  command
    .command("fetch")
    .description("Fetches the newest kernel of a series through apt. `run` does the same when it needs to.")
    .argument("<series>", "a series from `kernels`")
    .action(async (series: string) => {
      printKernels(context, [await fetchKernel(context, series)]);
      exitWith(exitCodes.pass);
    });
}

async function fetchKernel(context: Context, series: string): Promise<KernelSummary> {
  const progress = makeProgress(context);
  try {
    return await context.lab.fetchKernel(series, { signal: context.signal, progress: progress.report });
  } finally {
    progress.clear();
  }
}

function printKernels(context: Context, kernels: readonly KernelSummary[]): void {
  const rows = kernels.map(({ series, release, fetched, detail }): Cell[] => [
    { text: series, paint: "strong" },
    fetched ? { text: "fetched", paint: "good" } : { text: "not fetched", paint: "quiet" },
    { text: release },
    { text: detail, paint: "quiet" },
  ]);
  printLines(context.stdout, columnLines(rows, lookOf(context.stdout, context)));
}
