import { Option, type Command } from "commander";
import { LabError } from "../lab/errors.ts";
import { designs } from "../model/designs.ts";
import { designsTable } from "../report/designs.ts";
import { type DesignMeasurement, measuredTable } from "../report/designs-measured.ts";
import { toJson } from "../report/json.ts";
import { mailLook } from "../report/look.ts";
import { addMachineOptions, type MachineOptions } from "./arguments.ts";
import { exitCodes, type Context } from "./context.ts";
import { lookOf, printLines } from "./output.ts";
import { makeProgress } from "./progress.ts";

interface DesignsOptions extends MachineOptions {
  kernel?: string[];
  measure?: boolean;
  all?: true;
  json?: true;
  mail?: true;
}

const kernelsOfDesigns = Object.values(designs).flatMap(({ kernel }) => (kernel === "" ? [] : [kernel]));

const help = `
Every number of a design comes out of running the model with it; nothing is
started for that. The two designs that became kernels, before and batched, are
then measured in guests of ${kernelsOfDesigns.join(" and ")}, if these kernels are here.

Examples:
  npm start -- designs
  npm start -- designs --no-measure --all
  npm start -- designs --kernel 7.3 --kernel ~/linux

Exit codes: 0 when what was measured is what the model said, 1 when it is not,
3 when a guest was lost, 125 when a kernel named by --kernel ran no case.
`;

/** `designs`: what freeing the swap entries of a folio costs, by design, on the model and beside it in guests. */
export function addDesignsCommand(program: Command, context: Context, exitWith: (code: number) => void): void {
  const command = program
    .command("designs")
    .summary("what freeing a folio's swap entries costs, by design")
    .description(
      "Compares designs for freeing the swap entries of large folios: the flag on a PMD folio's cluster, no knowledge at all, the smallest " +
        "order in the cluster's header, four bits of order a slot, and batching.",
    )
    .option("-r, --kernel <kernel>", `measure on this kernel in place of ${kernelsOfDesigns.join(" and ")}: a series or a path; may be repeated`, collect)
    .option("--measure", "fetch kernels that are not here yet, and measure")
    .option("--no-measure", "start no guest");
  addMachineOptions(command)
    .option("--all", "also what each design is, and the command behind each line")
    .addOption(new Option("--json", "one JSON document, schema swaplab.designs/1").conflicts("mail"))
    .addOption(new Option("--mail", "plain text of 72 columns for a mailing list").conflicts("json"))
    .addHelpText("after", help)
    .action(async (options: DesignsOptions) => {
      if (options.measure === false && options.kernel !== undefined) {
        throw new LabError("usage", { what: "--kernel and --no-measure exclude each other: kernels are there to be measured" });
      }
      exitWith(await compareDesigns(context, options));
    });
}

const collect = (kernel: string, before: string[] = []): string[] => (before.includes(kernel) ? before : [...before, kernel]);

async function compareDesigns(context: Context, options: DesignsOptions): Promise<number> {
  const { lab, stdout } = context;
  const report = lab.designs();
  const look = options.mail ? mailLook : lookOf(stdout, context);
  // The model's part is there at once; guests take a while.
  if (!options.json) printLines(stdout, designsTable(report, look, options.all === true));
  const measurements = options.measure === false ? [] : await measure(context, options);
  if (options.json) stdout.write(toJson({ ...report, measurements }));
  else if (measurements.length > 0) printLines(stdout, ["", ...measuredTable(report.cases, measurements, look)]);
  return context.signal.aborted ? exitCodes.interrupted : exitCodeOf(measurements, options.kernel ?? []);
}

async function measure(context: Context, { kernel, measure: isWanted, memory, accel, cold }: DesignsOptions): Promise<readonly DesignMeasurement[]> {
  const progress = makeProgress(context);
  const request = {
    kernels: kernel ?? kernelsOfDesigns,
    fetch: isWanted === true || kernel !== undefined,
    memoryMb: memory,
    cold: cold === true,
    ...(accel !== undefined && { accelerator: accel }),
  };
  try {
    return await context.lab.measureDesigns(request, { signal: context.signal, progress: progress.report });
  } finally {
    progress.clear();
  }
}

function exitCodeOf(measurements: readonly DesignMeasurement[], named: readonly string[]): number {
  const has = (verdict: DesignMeasurement["verdict"]): boolean => measurements.some((measurement) => measurement.verdict === verdict);
  const isMeasured = (kernel: string): boolean => measurements.some((measurement) => measurement.kernel === kernel && measurement.reason === "");
  if (has("fail")) return exitCodes.fail;
  if (has("lost")) return exitCodes.lost;
  return named.every(isMeasured) ? exitCodes.pass : exitCodes.invalid;
}
