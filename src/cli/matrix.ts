import { Option, type Command } from "commander";
import type { MatrixRequest } from "../api/lab.ts";
import { defaultMemoryMb } from "../api/request.ts";
import { toJson } from "../report/json.ts";
import { matrixTable, type Matrix } from "../report/matrix.ts";
import { allAreCaught, whoCatchesTable } from "../report/who-catches.ts";
import { deviceNames } from "../workload/ops.ts";
import { exitCodes, type Context } from "./context.ts";
import { lookOf, printLines } from "./output.ts";
import { makeProgress } from "./progress.ts";

interface MatrixOptions {
  readonly kernel?: readonly string[];
  readonly experiment?: readonly string[];
  readonly device?: string;
  readonly folio?: string;
  readonly accel?: "tcg" | "kvm";
  readonly cold?: true;
  readonly models?: true;
  readonly json?: true;
}

const help = `
Kernels are fetched when they are not there yet. Every cell is a run like any
other and is kept: \`show RUN\` opens it. Ctrl-C stops and prints what there is.

Examples:
  npm start -- matrix
  npm start -- matrix --kernel 6.1 6.12 --experiment brim --device brd
  npm start -- matrix --models      # does every kernel part from its neighbours'
                                    # models?

Exit codes:
  0    every cell is a pass, or was skipped because the kernel was built without
       what the experiment is about; with --models, every pair was caught by one
       of the experiments
  1    a cell is a fail; with --models, a pair was not caught
  3    no fail, but a guest was lost
  125  no fail and no loss, but a cell could not be judged
`;

/** `matrix`: every experiment on every kernel, or every kernel beside its neighbours' models. */
export function addMatrixCommand(program: Command, context: Context, exitWith: (code: number) => void): void {
  program
    .command("matrix")
    .summary("run every experiment on every kernel")
    .description("Runs every experiment on every kernel and prints a table of the verdicts.")
    .option("-r, --kernel <kernel...>", "only these kernels: series, or paths as `run` takes them")
    .option("--experiment <experiment...>", "only these experiments")
    .addOption(new Option("--device <device>", "what to swap to, in place of each experiment's choice").choices(deviceNames))
    .option("--folio <size>", "size of the folios, in place of each experiment's choice")
    .addOption(new Option("--accel <accelerator>", "how QEMU runs the guests").choices(["tcg", "kvm"]))
    .option("--cold", "boot every guest even where a saved state of it exists")
    .option("--models", "each kernel beside the models of the generations next to its own, which should differ")
    .option("--json", "one JSON document, schema swaplab.matrix/1 or swaplab.who-catches/1")
    .addHelpText("after", help)
    .action(async (options: MatrixOptions) => exitWith(await printMatrix(context, options)));
}

async function printMatrix(context: Context, options: MatrixOptions): Promise<number> {
  const { lab, stdout, signal } = context;
  const progress = makeProgress(context);
  const task = { signal, progress: progress.report };
  const request = toRequest(options);
  try {
    if (options.models) {
      const found = await lab.whoCatches(request, task);
      progress.clear();
      if (options.json) stdout.write(toJson(found));
      else printLines(stdout, whoCatchesTable(found, lookOf(stdout, context)));
      return signal.aborted ? exitCodes.interrupted : allAreCaught(found) ? exitCodes.pass : exitCodes.fail;
    }
    const matrix = await lab.matrix(request, task);
    progress.clear();
    if (options.json) stdout.write(toJson(matrix));
    else printLines(stdout, matrixTable(matrix, lookOf(stdout, context)));
    return signal.aborted ? exitCodes.interrupted : worst(matrix);
  } finally {
    progress.clear();
  }
}

function toRequest({ kernel = [], experiment = [], device, folio, accel, cold }: MatrixOptions): MatrixRequest {
  return {
    kernels: kernel,
    experiments: experiment,
    memoryMb: defaultMemoryMb,
    cold: cold === true,
    ...(device !== undefined && { device }),
    ...(folio !== undefined && { folio }),
    ...(accel !== undefined && { accelerator: accel }),
  };
}

const worst = ({ cells }: Matrix): number => {
  const verdict = (["fail", "lost", "invalid"] as const).find((candidate) => cells.some((cell) => cell.verdict === candidate));
  return exitCodes[verdict ?? "pass"];
};
