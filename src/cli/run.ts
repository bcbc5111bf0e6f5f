import type { Command } from "commander";
import type { LabTask, RunOutcome, RunRequest, RunTask } from "../api/lab.ts";
import { defaultExperiment } from "../api/request.ts";
import { LabError } from "../lab/errors.ts";
import { addFormatOptions, addGuestOptions, addParameterOptions, exitCodeHelp, experimentFields, type ExperimentOptions } from "./arguments.ts";
import { attachTerminal } from "./attach.ts";
import { exitCodes, type Context } from "./context.ts";
import { formatOf, printResult, type FormatOptions } from "./output.ts";
import { makeProgress } from "./progress.ts";
import { addProgramOptions, programHelp, type ProgramOptions, toProgramRequest } from "./run-program.ts";
import { sanitize } from "../report/text.ts";
import { generationChoice } from "../model/features.ts";

interface RunOptions extends ExperimentOptions, FormatOptions, ProgramOptions {
  kernel: string;
  model?: string;
  probes: boolean;
  instructionClock?: true;
  keep?: true;
  dryRun?: true;
}

const examples = `
Examples:
  npm start -- run munmap-after-pageout --kernel 6.12 --folio 64kB
  npm start -- run my-experiment.toml --kernel ~/linux --set rounds=4
  npm start -- run munmap-after-pageout --model 6.1   # fails on a 6.12 guest
  npm start -- run --program ./my_test --file data.bin -r 7.1 -- --rounds 4
  git bisect run npm --prefix ~/swaplab start -- run brim --kernel .
`;

/** `run`: boots or restores a guest, runs the workload in it and lays what happened beside the model. */
export function addRunCommand(program: Command, context: Context, exitWith: (code: number) => void): void {
  const command = program
    .command("run")
    .summary("run an experiment and compare the kernel with the model")
    .description("Boots a kernel in QEMU, runs a workload in it, and lays what it did beside what the model said.")
    .argument("[experiment]", `a name from \`list\`, or the path of a .toml or .json file; ${defaultExperiment} when not given`)
    .argument("[args...]", "arguments of the program (--program), behind --");
  addParameterOptions(addGuestOptions(command))
    .option("--model <generation>", `predict with this generation's model, whatever the guest is: ${generationChoice()}`)
    .option("--instruction-clock", "the guest's clock counts instructions, so that its times do not depend on the host; TCG only")
    .option("--no-probes", "count no calls, and so spend no time on counting: for the time that steps take")
    .option("--keep", "keep the guest after the verdict and give this terminal its console")
    .option("--dry-run", "print the workload, its prediction and the QEMU command; start nothing");
  addProgramOptions(command);
  addFormatOptions(command)
    .addHelpText("after", programHelp + examples + exitCodeHelp)
    .action(async (first: string | undefined, rest: readonly string[], options: RunOptions) => {
      checkCombination(options);
      exitWith(await perform(context, toJob(context, first, rest, options), options));
    });
}

/** What is to be done, up to its outcome. */
interface Job {
  readonly run: (task: RunTask) => Promise<RunOutcome>;
  /** Null where there is no prediction. */
  readonly dryRun: ((task: LabTask) => Promise<string>) | null;
}

function toJob({ lab }: Context, first: string | undefined, rest: readonly string[], options: RunOptions): Job {
  const request = toRequest(first ?? defaultExperiment, options);
  const program = toProgramRequest(options, first === undefined ? [] : [first, ...rest], request);
  if (program !== null) return { run: async (task) => lab.runProgram(program, task), dryRun: null };
  if (rest[0] !== undefined) throw new LabError("usage", { what: `there are too many arguments, "${rest[0]}" is one`, next: "Arguments are for a program: --program PATH -- ARGUMENTS." });
  return { run: async (task) => lab.run(request, task), dryRun: async (task) => lab.dryRun(request, task) };
}

function checkCombination(options: RunOptions): void {
  const format = formatOf(options);
  const refuse = (one: string, other: string, why: string): never => {
    throw new LabError("usage", { what: `${one} and ${other} exclude each other: ${why}` });
  };
  if (options.keep && format !== "table") refuse("--keep", `--${format}`, "the console would be mixed into the report");
  if (options.dryRun && options.program !== undefined) refuse("--dry-run", "--program", "nothing is predicted of a program");
  if (options.program === undefined && (options.file ?? options.timeout) !== undefined) throw new LabError("usage", { what: "--file and --timeout are for a program", next: "Name it with --program PATH." });
  if (options.dryRun && options.keep) refuse("--dry-run", "--keep", "nothing is started");
  if (options.dryRun && format !== "table") refuse("--dry-run", `--${format}`, "there is no result");
}

function toRequest(experiment: string, options: RunOptions): RunRequest {
  const { kernel, model } = options;
  return {
    experiment,
    kernel,
    ...experimentFields(options),
    cold: options.cold === true,
    ...(model !== undefined && { model }),
    ...(!options.probes && { unprobed: true }),
    ...(options.instructionClock && { instructionClock: true }),
  };
}

async function perform(context: Context, job: Job, options: RunOptions): Promise<number> {
  const { signal, stdout } = context;
  const progress = makeProgress(context);
  const task = { signal, progress: progress.report };
  try {
    if (options.dryRun && job.dryRun !== null) {
      const text = await job.dryRun(task);
      progress.clear();
      stdout.write(`${text.trimEnd().split("\n").map(sanitize).join("\n")}\n`);
      return exitCodes.pass;
    }
    const print = ({ result }: RunOutcome): void => {
      progress.clear();
      printResult(context, result, options, true);
    };
    if (!options.keep) {
      const outcome = await job.run(task);
      print(outcome);
      return exitCodes[outcome.result.verdict];
    }
    return await runAndKeep(context, job, task, print);
  } finally {
    progress.clear();
  }
}

/** Prints as soon as there is a verdict, then hands the terminal to the guest. A lost guest cannot be kept. */
async function runAndKeep(
  context: Context,
  job: Job,
  task: { signal: AbortSignal; progress: (stage: string, detail: string) => void },
  print: (outcome: RunOutcome) => void,
): Promise<number> {
  let printed = false;
  const outcome = await job.run({
    ...task,
    onReady: async (ready, guest) => {
      print(ready);
      printed = true;
      await attachTerminal(context, () => undefined, async (terminal) => guest.attach(terminal));
    },
  });
  if (!printed) print(outcome);
  return exitCodes[outcome.result.verdict];
}
