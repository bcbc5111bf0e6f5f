import { Command, CommanderError } from "commander";
import { toJson } from "../report/json.ts";
import { invocation } from "../report/command.ts";
import { LabError, type LabErrorKind } from "../lab/errors.ts";
import { cleanMessage, exitCodeHelp } from "./arguments.ts";
import { addBisectStepCommand } from "./bisect-step.ts";
import { addCompareCommand } from "./compare.ts";
import { addConsoleCommand } from "./console.ts";
import { exitCodes, type Context } from "./context.ts";
import { addDesignsCommand } from "./designs.ts";
import { addDoctorCommand } from "./doctor.ts";
import { addKernelsCommand } from "./kernels.ts";
import { addListCommand } from "./list.ts";
import { addMatrixCommand } from "./matrix.ts";
import { addRaceCommand } from "./race.ts";
import { addRunCommand } from "./run.ts";
import { addRunsCommand } from "./runs.ts";
import { addServeCommand } from "./serve.ts";
import { addShowCommand } from "./show.ts";
import { addTourCommand } from "./tour.ts";

const description =
  "A lab for Linux swap: boots a real kernel in QEMU, runs a workload in it, and lays what it did beside what " +
  "an executable model of the swap core said it would do. Without a command it opens its window where there is a " +
  "desktop, and runs the default experiment elsewhere.";

const examples = `
Examples:
  npm start
  npm start -- run munmap-after-pageout --kernel 6.12 --folio 64kB --device nvme
  npm start -- show --all
  npm start -- run --help
`;

/** Runs one command line to its end and gives its exit code. Never throws. */
export async function runCommandLine(commandArguments: readonly string[], context: Context): Promise<number> {
  let exitCode: number = exitCodes.pass;
  const program = makeProgram(context, (code) => (exitCode = code));
  const words = commandArguments.length > 0 ? commandArguments : ["run"];
  try {
    await program.parseAsync(words, { from: "user" });
    return exitCode;
  } catch (error) {
    return report(error, context, words.includes("--json"));
  }
}

function makeProgram(context: Context, exitWith: (code: number) => void): Command {
  const program = new Command(invocation)
    .description(description)
    .helpCommand(false)
    .exitOverride()
    .configureHelp({ helpWidth: 80 })
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => context.stderr.write(cleanMessage(text)),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .addHelpText("after", examples + exitCodeHelp);
  for (const add of [addRunCommand, addTourCommand, addCompareCommand, addBisectStepCommand, addMatrixCommand, addListCommand, addShowCommand, addRunsCommand, addDesignsCommand, addRaceCommand, addKernelsCommand, addConsoleCommand, addDoctorCommand, addServeCommand]) {
    add(program, context, exitWith);
  }
  return program;
}

/**
 * Says on standard error what went wrong. A reader of `--json` is still given one document, so that it never
 * has to tell an empty output from a cut one.
 */
function report(error: unknown, context: Context, json: boolean): number {
  if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.pass;
  const { exitCode, message, document } = describeFailure(error, context.signal);
  // Commander has already said what it has to say, with its suggestions.
  if (!(error instanceof CommanderError)) context.stderr.write(`${cleanMessage(message)}\n`);
  if (json) context.stdout.write(toJson({ schema: "swaplab.error/1", ...document }));
  return exitCode;
}

interface Failure {
  readonly exitCode: number;
  readonly message: string;
  readonly document: { kind: string; what: string; where: string; next: string };
}

function describeFailure(error: unknown, signal: AbortSignal): Failure {
  const plain = (kind: string, what: string): Failure["document"] => ({ kind, what, where: "", next: "" });
  if (error instanceof CommanderError) {
    const what = error.message.replace(/^error: /, "");
    return { exitCode: exitCodes.usage, message: what, document: plain("usage", what) };
  }
  if (signal.aborted) {
    return { exitCode: exitCodes.interrupted, message: "Interrupted.", document: plain("interrupted", "interrupted") };
  }
  if (error instanceof LabError) {
    const { kind, what, where, next, message } = error;
    return { exitCode: exitCodeOf[kind], message, document: { kind, what, where, next } };
  }
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { exitCode: exitCodes.invalid, message, document: plain("bug", message) };
}

const exitCodeOf: Readonly<Record<LabErrorKind, number>> = {
  invalid: exitCodes.invalid,
  lost: exitCodes.lost,
  usage: exitCodes.usage,
  host: exitCodes.invalid,
};
