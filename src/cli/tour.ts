import { Option, type Command } from "commander";
import type { LabTask } from "../api/lab.ts";
import { LabError } from "../lab/errors.ts";
import { findTourStop } from "../lab/tour.ts";
import { toJson } from "../report/json.ts";
import { type Look, mailLook } from "../report/look.ts";
import { stopIntroduction, stopList, stopText, visitText } from "../report/tour-text.ts";
import { type StopVisit, type TourReport, tourSchemaName, tourStopsSchemaName, verdictOfAll } from "../report/tour.ts";
import type { TourStop } from "../workload/tour-stop.ts";
import { addMachineOptions, type MachineOptions } from "./arguments.ts";
import { exitCodes, type Context } from "./context.ts";
import { lookOf, printLines } from "./output.ts";
import { makeProgress } from "./progress.ts";

interface TourOptions extends MachineOptions {
  kernel?: string[];
  all?: true;
  read?: true;
  json?: true;
  mail?: true;
}

const help = `
Every run of a stop is an experiment like any other: the command beside it runs
it alone, and \`show\` opens it. Without --kernel each runs on the kernels that
it is about. Ctrl-C stops and prints what there is.

Examples:
  npm start -- tour                      # the list of stops
  npm start -- tour 1
  npm start -- tour rotating --kernel 6.18
  npm start -- tour --all --json
  npm start -- tour --all --read         # the text alone

Exit codes:
  0    every run did what the model said
  1    one did not
  3    no fail, but a guest was lost
  125  no fail and no loss, but a run could not be judged
`;

/** `tour`: the thread that the lab grew from, stop after stop. */
export function addTourCommand(program: Command, context: Context, exitWith: (code: number) => void): void {
  const command = program
    .command("tour")
    .summary("walk through the thread that the lab grew from")
    .description(
      "Walks through the mailing-list thread that the lab grew from: what was claimed or asked, the experiments that show it, and " +
        "what the model said beside what kernels did. Without a stop it lists them.",
    )
    .argument("[stop]", "number or name of a stop")
    .option("-r, --kernel <kernel>", "run on this kernel in place of the stop's own: a series or a path; may be repeated", collect)
    .option("--all", "every stop, one after the other")
    .option("--read", "the text alone: start no guest");
  addMachineOptions(command)
    .addOption(new Option("--json", "one JSON document, schema swaplab.tour/1, or swaplab.tour-stops/1 when nothing is run").conflicts("mail"))
    .addOption(new Option("--mail", "plain text of 72 columns for a mailing list").conflicts("json"))
    .addHelpText("after", help)
    .action(async (stop: string | undefined, options: TourOptions) => exitWith(await tour(context, stop, options)));
}

const collect = (kernel: string, before: string[] = []): string[] => (before.includes(kernel) ? before : [...before, kernel]);

async function tour(context: Context, stop: string | undefined, options: TourOptions): Promise<number> {
  const stops = context.lab.tourStops();
  if (stop !== undefined && options.all) throw new LabError("usage", { what: `a stop and --all exclude each other: "${stop}" is one of all` });
  const chosen = stop === undefined ? stops : [findTourStop(stops, stop)];
  const isList = stop === undefined && !options.all;
  if (isList || options.read) {
    read(context, chosen, isList, stops.length, options);
    return exitCodes.pass;
  }
  return visit(context, chosen, stops.length, options);
}

const lookFor = (context: Context, options: TourOptions): Look => (options.mail ? mailLook : lookOf(context.stdout, context));

function read(context: Context, stops: readonly TourStop[], isList: boolean, stopCount: number, options: TourOptions): void {
  const look = lookFor(context, options);
  if (options.json) context.stdout.write(toJson({ schema: tourStopsSchemaName, stops }));
  else if (isList) printLines(context.stdout, stopList(stops, look));
  else {
    for (const [index, stop] of stops.entries()) {
      printLines(context.stdout, [...(index === 0 ? [] : ["", ""]), ...stopIntroduction(stop, stopCount, look), "", ...stopText(stop, look)]);
    }
  }
}

async function visit(context: Context, stops: readonly TourStop[], stopCount: number, options: TourOptions): Promise<number> {
  const { lab, stdout, signal } = context;
  const startedAt = new Date().toISOString();
  const look = lookFor(context, options);
  const visits: StopVisit[] = [];
  const progress = makeProgress(context);
  const task: LabTask = { signal, progress: progress.report };
  try {
    for (const stop of stops) {
      if (signal.aborted) break;
      if (!options.json) {
        progress.clear();
        printLines(stdout, [...(visits.length === 0 ? [] : ["", ""]), ...stopIntroduction(stop, stopCount, look)]);
      }
      const { kernel = [], memory, accel, cold } = options;
      const request = { stop: stop.name, kernels: kernel, memoryMb: memory, cold: cold === true, ...(accel !== undefined && { accelerator: accel }) };
      const found = await lab.visitStop(request, task);
      visits.push(found);
      progress.clear();
      if (!options.json) printLines(stdout, ["", ...visitText(found, look)]);
    }
  } finally {
    progress.clear();
  }
  const verdict = verdictOfAll(visits.map((found) => found.verdict));
  const isComplete = visits.length === stops.length && visits.every((found) => found.isComplete);
  if (options.json) stdout.write(toJson({ schema: tourSchemaName, startedAt, verdict, stops: visits, isComplete } satisfies TourReport));
  return signal.aborted ? exitCodes.interrupted : exitCodes[verdict];
}
