import type { Command } from "commander";
import type { RunSummary } from "../api/lab.ts";
import { plural } from "../report/text.ts";
import { columnLines, type Cell } from "./columns.ts";
import { exitCodes, type Context } from "./context.ts";
import { lookOf, printLines } from "./output.ts";

const newestRuns = 20;

const examples = `
Examples:
  npm start -- list
  npm start -- list --runs --all
`;

/** `list`: the shipped experiments, or the runs on this machine. */
export function addListCommand(program: Command, context: Context, exitWith: (code: number) => void): void {
  program
    .command("list")
    .summary("list the experiments, or the runs")
    .description("Lists the shipped experiments, or with --runs the newest runs on this machine.")
    .option("--runs", "the runs and their verdicts, newest first")
    .option("--all", `all runs, not only the newest ${newestRuns}`)
    .addHelpText("after", examples)
    .action(async (options: { runs?: true; all?: true }) => {
      if (options.runs) await listRuns(context, options.all ? Infinity : newestRuns);
      else listExperiments(context);
      exitWith(exitCodes.pass);
    });
}

function listExperiments(context: Context): void {
  const rows = context.lab.listExperiments().map(({ name, title }): Cell[] => [{ text: name, paint: "strong" }, { text: title }]);
  printLines(context.stdout, columnLines(rows, lookOf(context.stdout, context)));
}

async function listRuns(context: Context, newestCount: number): Promise<void> {
  const { runs, olderCount } = await context.lab.listRuns(newestCount);
  if (runs.length === 0) {
    context.stderr.write("No runs yet. Start one with: npm start -- run\n");
    return;
  }
  const look = lookOf(context.stdout, context);
  printLines(context.stdout, columnLines(runs.map(runCells), look));
  if (olderCount > 0) printLines(context.stdout, [look.paint.quiet(`and ${plural(olderCount, "older run")}: --all shows them`)]);
}

function runCells(run: RunSummary): Cell[] {
  if (!run.ok) return [{ text: run.name }, { text: "broken", paint: "bounded" }, { text: "" }, { text: run.problem }];
  const paint = run.verdict === "pass" ? "good" : "bad";
  return [{ text: run.name }, { text: run.verdict, paint }, { text: run.experiment }, { text: `${run.release}, ${run.device}` }];
}
