import { InvalidArgumentError, Option, type Command } from "commander";
import type { RaceRequest } from "../api/lab.ts";
import { defaultRaceSeconds, defaultRaceStates } from "../api/request.ts";
import { LabError } from "../lab/errors.ts";
import { type Ordering, orderings, orderingNames, processCountMax, type Switches } from "../races/switches.ts";
import { toJson } from "../report/json.ts";
import { areAsExpected, type RaceReport } from "../report/race.ts";
import { raceMutantsText, raceText } from "../report/race-text.ts";
import { wrap } from "../report/text.ts";
import { columnLines, type Cell } from "./columns.ts";
import { exitCodes, type Context } from "./context.ts";
import { lookOf, printLines } from "./output.ts";
import { makeProgress } from "./progress.ts";

/** Nothing was found, and not everything was looked at. */
const notExhausted = 2;

interface RaceOptions extends Partial<Switches> {
  readonly without?: Ordering;
  readonly states: number;
  readonly seconds: number;
  readonly walks?: number;
  readonly seed: number;
  readonly mutants?: true;
  readonly all?: true;
  readonly json?: true;
}

const switchNames = ["fix", "rcu", "caller", "shortcut", "swapoffReclaims", "earlyExit", "clusterLock", "swapon", "processes"] as const satisfies readonly (keyof Switches)[];

const help = `
Without a name it lists the races. No guest is started: a race is a small model
of a few processes whose every order of steps is tried. Of all ways to a failure
the shortest is shown, of these the one with fewest changes from one process to
another, of these the one with the first processes.

What --without can take away:
${orderingNames.flatMap((name) => wrap(`  ${name.padEnd(23)}${orderings[name]}`, 80, " ".repeat(25))).join("\n")}

Examples:
  npm start -- race
  npm start -- race swapoff                       # use after free
  npm start -- race swapoff --fix                 # every order tried: none
  npm start -- race swapoff --rcu                 # under a page-table lock: none
  npm start -- race swapoff --rcu --caller shmem  # without one: use after free
  npm start -- race swapoff --fix --without wait-for-users
  npm start -- race --mutants

Exit codes:
  0    every order of steps was tried, and nothing fails
  1    something fails; the order of steps is shown
  2    not everything was tried, and nothing failed until then
  125  the command makes no sense
`;

/** `race`: every order of steps of a few processes on a small model. */
export function addRaceCommand(program: Command, context: Context, exitWith: (code: number) => void): void {
  program
    .command("race")
    .summary("try every order of steps of a race")
    .description("Explores races with swapoff: models of a few processes, in every order of their steps.")
    .argument("[name]", "the race; without it, the list of them")
    .option("--fix", "callers hold a reference of the device: get_swap_device, put_swap_device")
    .option("--rcu", "synchronize_rcu waits for page-table locks; left out of account without it")
    .addOption(new Option("--caller <caller>", "who frees entries: under a page-table lock, or without any").choices(["anon", "shmem"]))
    .option("--no-shortcut", "look the folio up without a look at the counts of its slots before")
    .option("--swapoff-reclaims", "try_to_unuse gives cached folios back by itself")
    .option("--no-early-exit", "try_to_unuse goes through every page table before it ends")
    .option("--cluster-lock", "the cluster's lock is held from the drop of the count to the end")
    .option("--swapon", "after swapoff another device gets the number of the area")
    .addOption(new Option("--processes <count>", `processes that free an entry, 1 to ${processCountMax}`).argParser(numberFrom(1, processCountMax)))
    .addOption(new Option("--without <ordering>", "take one ordering away").choices(orderingNames))
    .addOption(new Option("--states <count>", "keep no more states than this").argParser(numberFrom(1, 100_000_000)).default(defaultRaceStates))
    .addOption(new Option("--seconds <count>", "end the search after this time").argParser(numberFrom(1, 86_400)).default(defaultRaceSeconds))
    .addOption(new Option("--walks <count>", "random walks to take where the states could not be exhausted").argParser(numberFrom(1, 100_000_000)))
    .addOption(new Option("--seed <number>", "of the random walks").argParser(numberFrom(0, 2 ** 32 - 1)).default(1))
    .option("--mutants", "take every ordering away, one at a time, and see what needs it")
    .option("--all", "also what each step does, and what is taken for granted")
    .option("--json", "one JSON document, schema swaplab.race/1, swaplab.races/1 or swaplab.race-mutants/1")
    .addHelpText("after", help)
    .action(async (name: string | undefined, given: RaceOptions, command: Command) => {
      // Those that default to true count only when they were given.
      const switches = Object.fromEntries(switchNames.filter((one) => command.getOptionValueSource(one) === "cli").map((one) => [one, given[one]])) as Partial<Switches>;
      exitWith(await race(context, name, given, switches));
    });
}

function numberFrom(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,10}$/.test(text) ? Number(text) : -1;
    if (value < least || value > most) throw new InvalidArgumentError(`Give a number from ${least} to ${most}.`);
    return value;
  };
}

async function race(context: Context, name: string | undefined, options: RaceOptions, switches: Partial<Switches>): Promise<number> {
  const asksOne = options.without !== undefined || options.walks !== undefined || Object.keys(switches).length > 0;
  if (options.mutants && (name !== undefined || asksOne)) throw new LabError("usage", { what: "--mutants is about all races and takes no name and no switches" });
  if (options.mutants) return tryMutants(context, options);
  if (name !== undefined) return explore(context, name, options, switches);
  if (asksOne) throw new LabError("usage", { what: "these options are about one race, and none is named", next: "Name one: npm start -- race swapoff." });
  listRaces(context, options);
  return exitCodes.pass;
}

function listRaces({ lab, stdout, ...context }: Context, { json }: RaceOptions): void {
  const list = lab.races();
  if (json) {
    stdout.write(toJson(list));
    return;
  }
  const rows = list.scenarios.map(({ name, title }): Cell[] => [{ text: name, paint: "strong" }, { text: title }]);
  printLines(stdout, columnLines(rows, lookOf(stdout, { lab, stdout, ...context })));
}

async function explore(context: Context, scenario: string, { states, seconds, walks, seed, without, all, json }: RaceOptions, switches: Partial<Switches>): Promise<number> {
  const { lab, stdout, signal } = context;
  const request: RaceRequest = {
    scenario,
    switches,
    stateLimit: states,
    deadlineMs: seconds * 1000,
    ...(without !== undefined && { without }),
    ...(walks !== undefined && { walks: { seed, count: walks } }),
  };
  const report = await withProgress(context, (progress) => lab.race(request, { signal, progress }));
  if (json) stdout.write(toJson(report));
  else printLines(stdout, raceText(report, lookOf(stdout, context), all === true));
  return signal.aborted ? exitCodes.interrupted : exitCodeOf[report.verdict];
}

const exitCodeOf: Readonly<Record<RaceReport["verdict"], number>> = { holds: exitCodes.pass, broken: exitCodes.fail, "not-exhausted": notExhausted };

async function tryMutants(context: Context, { json }: RaceOptions): Promise<number> {
  const { lab, stdout, signal } = context;
  const report = await withProgress(context, (progress) => lab.raceMutants({ signal, progress }));
  if (json) stdout.write(toJson(report));
  else printLines(stdout, raceMutantsText(report, lookOf(stdout, context)));
  return areAsExpected(report) ? exitCodes.pass : exitCodes.fail;
}

async function withProgress<T>(context: Context, work: (report: (stage: string, detail: string) => void) => Promise<T>): Promise<T> {
  const progress = makeProgress(context);
  try {
    return await work(progress.report);
  } finally {
    progress.clear();
  }
}
