import { InvalidArgumentError, Option, type Command } from "commander";
import type { CompareRequest } from "../api/lab.ts";
import { defaultExperiment, defaultKernel, timedRunsMax } from "../api/request.ts";
import { type Comparison, worstVerdict } from "../report/comparison.ts";
import { comparisonColumns, comparisonLines } from "../report/comparison-text.ts";
import { toJson } from "../report/json.ts";
import { mailLook } from "../report/look.ts";
import { deviceNames } from "../workload/ops.ts";
import { addMachineOptions, addParameterOptions, experimentFields, type ExperimentOptions } from "./arguments.ts";
import { exitCodes, type Context } from "./context.ts";
import { lookOf, printLines } from "./output.ts";
import { makeProgress } from "./progress.ts";

interface CompareOptions extends ExperimentOptions {
  experiment?: string;
  kernel?: string;
  runs: number;
  hostClock?: true;
  all?: true;
  json?: true;
  mail?: true;
}

const help = `
Each side is a kernel (a series, a build tree, a bzImage or a vmlinux), a
device, a folio size, or a run that is over (its name, or the folder of its
bundle). What a word is shows by itself; where it could be several things, say
kernel:, device:, folio: or run: before it. All else is the same on both sides.
Where a kernel has no such function or counter the table says absent.

With --runs N every side runs once with its calls counted and then N times, in
turns, without: counting costs time. What is timed is the op alone, by the
guest's clock. Under TCG that clock goes by the guest's instructions, so that a
busy host does not show; with --host-clock it goes by the host's time. A change
with p < 0.05 by Welch's t test has a mark. All runs of a side start from one
saved state: what differs from boot to boot shows with --cold only. Every run is
kept; Ctrl-C stops and prints what there is.

Examples:
  npm start -- compare 6.1 6.12 --experiment brim
  npm start -- compare 6.12 ~/linux --experiment munmap-swapped-forked --runs 10
  npm start -- compare nvme brd --kernel 6.12
  npm start -- compare 64kB 2MB --mail
  npm start -- compare 2026-11-23-1 2026-11-23-2 --json

Exit codes: 0 when both sides were compared, whether they differ or not; 1 when
a kernel did something else than its model said, 3 when a guest was lost, 125
when a side could not be judged or the command makes no sense.
`;

/** `compare`: the same experiment on two kernels, devices or folio sizes, or two runs that are over. */
export function addCompareCommand(program: Command, context: Context, exitWith: (code: number) => void): void {
  const command = program
    .command("compare")
    .summary("run an experiment on two kernels, devices or folio sizes")
    .description("Lays two sides beside each other: what their kernels did in the same experiment, and how long it took.")
    .argument("<a>", "a kernel, a device, a folio size or a run")
    .argument("<b>", "another of the same kind")
    .option("--experiment <experiment>", `a name from \`list\`, or the path of a workload file (default: ${defaultExperiment})`)
    .option("-r, --kernel <kernel>", `the kernel, where the sides are not kernels (default: ${defaultKernel})`)
    .addOption(new Option("--device <device>", "what to swap to").choices(deviceNames));
  addMachineOptions(addParameterOptions(command))
    .addOption(new Option("--runs <count>", "time so many runs of each side").argParser(parseRunCount).default(0, "none"))
    .option("--host-clock", "time with the host's clock, also under TCG")
    .option("--all", "everything that differs, and what is equal")
    .addOption(new Option("--json", "one JSON document, schema swaplab.comparison/1").conflicts("mail"))
    .addOption(new Option("--mail", "plain ASCII for a mailing list").conflicts("json"))
    .addHelpText("after", help)
    .action(async (a: string, b: string, options: CompareOptions) => exitWith(await printComparison(context, toRequest(a, b, options), options)));
}

function parseRunCount(text: string): number {
  const count = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (count < 1 || count > timedRunsMax) throw new InvalidArgumentError(`Give a number from 1 to ${timedRunsMax}.`);
  return count;
}

function toRequest(a: string, b: string, options: CompareOptions): CompareRequest {
  const { experiment, kernel } = options;
  return {
    ...{ a, b, runCount: options.runs, ...experimentFields(options), cold: options.cold === true },
    ...(experiment !== undefined && { experiment }),
    ...(kernel !== undefined && { kernel }),
    ...(options.hostClock && { hostClock: true }),
  };
}

async function printComparison(context: Context, request: CompareRequest, options: CompareOptions): Promise<number> {
  const { lab, signal, stdout } = context;
  const progress = makeProgress(context);
  let comparison: Comparison;
  try {
    comparison = await lab.compare(request, { signal, progress: progress.report });
  } finally {
    progress.clear();
  }
  if (options.json) {
    stdout.write(toJson(comparison));
  } else {
    const look = options.mail ? mailLook : lookOf(stdout, context);
    printLines(stdout, comparisonLines(comparison, { ...look, columns: Math.min(look.columns, comparisonColumns) }, options.all === true));
  }
  return signal.aborted ? exitCodes.interrupted : exitCodes[worstVerdict(comparison)];
}
