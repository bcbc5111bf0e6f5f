import type { Command } from "commander";
import { addFormatOptions, exitCodeHelp } from "./arguments.ts";
import { exitCodes, type Context } from "./context.ts";
import { printResult, type FormatOptions } from "./output.ts";

const examples = `
Examples:
  npm start -- show                            # the newest run
  npm start -- show 2026-11-23-1 --all
  npm start -- show ./from-somebody --mail     # the folder of a bundle
`;

/** `show`: a run that is over, with the exit code it had. */
export function addShowCommand(program: Command, context: Context, exitWith: (code: number) => void): void {
  const command = program
    .command("show")
    .summary("show a run again")
    .description("Shows a run again, and exits with its exit code.")
    .argument("[run]", "a name from `list --runs`, or the path of a bundle; the newest run when not given");
  addFormatOptions(command)
    .addHelpText("after", examples + exitCodeHelp)
    .action(async (run: string | undefined, options: FormatOptions) => {
      const { result } = await context.lab.openRun(run);
      printResult(context, result, options, false);
      exitWith(exitCodes[result.verdict]);
    });
}
