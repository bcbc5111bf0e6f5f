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
  npm start -- list --runs --find "brim fail"
`;

/** `list`: the shipped experiments, or the runs on this machine. */
export function addListCommand(program: Command, context: Context, exitWith: (code: number) => void): void {
  program
    .command("list")
    .summary("list the experiments, or the runs")
    .description("Lists the shipped experiments, or with --runs the newest runs on this machine.")
    .option("--runs", "the runs and their verdicts, newest first")
    .option("--find <words>", "with --runs: only those in which all of these words are found")
    .option("--all", `all runs, not only the newest ${newestRuns}`)
    .addHelpText("after", examples)
    .action(async (options: { runs?: true; all?: true; find?: string }) => {
      if (options.runs || options.find !== undefined) await listRuns(context, options.all ? Infinity : newestRuns, options.find);
      else await listExperiments(context);
      exitWith(exitCodes.pass);
    });
}

/** The shipped ones, then the person's own. */
async function listExperiments(context: Context): Promise<void> {
  const shipped = context.lab.listExperiments().map(({ name, title }): Cell[] => [{ text: name, paint: "strong" }, { text: title }]);
  const own = (await context.lab.listOwnExperiments()).map(({ name, title, problem }): Cell[] => [
    { text: name, paint: "strong" },
    problem === "" ? { text: `${title} (your own)` } : { text: problem, paint: "bounded" },
  ]);
  printLines(context.stdout, columnLines([...shipped, ...own], lookOf(context.stdout, context)));
}

async function listRuns(context: Context, newestCount: number, words: string | undefined): Promise<void> {
  const { runs, olderCount } = await context.lab.listRuns(newestCount, words);
  if (runs.length === 0 && words !== undefined) {
    context.stderr.write("No run has all of these words.\n");
    return;
  }
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
  return [{ text: run.name }, { text: run.verdict, paint }, { text: run.experiment }, { text: `${run.release}, ${run.device}${run.label === "" ? "" : `: ${run.label}`}` }];
}
