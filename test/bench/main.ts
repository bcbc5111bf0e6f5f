import { rm } from "node:fs/promises";
import { Argument, Command, CommanderError } from "commander";
import { exitCodes } from "../../src/cli/context.ts";
import { runProcess } from "../../src/cli/process-life.ts";
import { LabError } from "../../src/lab/errors.ts";
import { toJson } from "../../src/report/json.ts";
import { measureExperiment } from "./experiment-section.ts";
import { type Figure, spreadOf } from "./figure.ts";
import { makeFolder } from "./folder.ts";
import { describeHost, type Host } from "./host.ts";
import { measureMemory } from "./memory-section.ts";
import { measureModel } from "./model-section.ts";
import { measurePage } from "./page-section.ts";
import { measureRaces } from "./race-section.ts";
import { measureStart } from "./start-section.ts";
import { tableLines } from "./table.ts";
import type { BenchTask, Repetitions, Section } from "./task.ts";
import { measureWire } from "./wire-section.ts";

const sections: Readonly<Record<string, Section>> = {
  start: measureStart,
  experiment: measureExperiment,
  wire: measureWire,
  memory: measureMemory,
  model: measureModel,
  page: measurePage,
  races: measureRaces,
};

const whole: Repetitions = { guests: 9, computations: 9 };
const quick: Repetitions = { guests: 3, computations: 3 };

interface Options {
  readonly quick?: true;
  readonly json?: true;
}

const isoNow = (): string => new Date().toISOString();

async function bench(names: readonly string[], options: Options, signal: AbortSignal): Promise<void> {
  const startedAt = isoNow();
  const host = await describeHost(signal);
  const folder = await makeFolder("bench");
  // Runs of the command line are kept there, not among a person's own.
  process.env["XDG_STATE_HOME"] = folder;
  const say = (text: string): void => void process.stderr.write(`bench: ${text}\n`);
  const task: BenchTask = { signal, folder, say, repetitions: options.quick ? quick : whole };
  const figures: Figure[] = [];
  try {
    if (!options.json) printLines(hostLines(host));
    for (const name of names) {
      const measured = await sections[name]!(task);
      if (!options.json) printLines(tableLines(measured));
      figures.push(...measured);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  if (options.json) {
    const withSpread = figures.map((figure) => ({ ...figure, ...spreadOf(figure.samples) }));
    process.stdout.write(toJson({ schema: "swaplab.bench/1", startedAt, quick: options.quick === true, host, figures: withSpread }));
  }
}

const printLines = (lines: readonly string[]): void => void process.stdout.write(`${lines.join("\n")}\n`);

function hostLines({ qemu, node, cpu, cpuCount, loadBefore }: Host): string[] {
  return [`QEMU ${qemu}, TCG; Node ${node}`, `${cpuCount} x ${cpu}, load ${loadBefore.toFixed(1)} before`];
}

function commandLine(signal: AbortSignal): Command {
  return new Command("npm run bench --")
    .description("Measures how fast the lab is, under TCG. Nothing is judged: a slow figure is no failure.")
    .addArgument(new Argument("[section...]", "what to measure; everything when not given").choices(Object.keys(sections)))
    .option("--quick", "fewer repetitions")
    .option("--json", "one JSON document, schema swaplab.bench/1")
    .exitOverride()
    .configureHelp({ helpWidth: 80 })
    .action(async (names: string[], options: Options) => bench(names.length === 0 ? Object.keys(sections) : names, options, signal));
}

await runProcess(async (signal) => {
  try {
    await commandLine(signal).parseAsync(process.argv.slice(2), { from: "user" });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCodes.usage;
    if (signal.aborted) return exitCodes.interrupted;
    process.stderr.write(`${error instanceof LabError ? error.message : error instanceof Error ? error.stack : String(error)}\n`);
    return exitCodes.invalid;
  }
});
