import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { defaultKernel } from "../../src/api/request.ts";
import { exitCodes } from "../../src/cli/context.ts";
import { runProcess } from "../../src/cli/process-life.ts";
import { LabError } from "../../src/lab/errors.ts";
import { stateDir } from "../../src/lab/paths.ts";
import { folioKb, x86_64 } from "../../src/model/geometry.ts";
import { commandLine, shellQuote } from "../../src/report/command.ts";
import { formatDuration, plural, sanitize } from "../../src/report/text.ts";
import { cpuCountMax, deviceNames, type DeviceName } from "../../src/workload/ops.ts";
import { parseFolio } from "../../src/workload/size.ts";
import { opText } from "../../src/workload/text.ts";
import { makeFolder } from "../bench/folder.ts";
import { isDivergence, type JudgedList, type ListSetting, openSetting, runList } from "./list-run.ts";
import { workloadToml } from "./workload-file.ts";

interface Options {
  readonly kernel: string;
  readonly device: DeviceName;
  readonly lists: number;
  readonly seed: number;
  readonly ops: number;
  readonly cpus: number;
  readonly folio?: readonly number[];
  readonly model?: string;
  readonly shrinkSeconds: number;
}

const examples = `
Examples:
  npm run random -- --kernel 7.3 --lists 50
  npm run random -- --kernel 6.12 --device brd --folio 64kB --seed 1000
  npm run random -- --kernel 6.1 --seed 17 --lists 1     # list 17 again

List n of a kernel is made from seed n: the same sources draw the same list
again. One with which model and kernel part is made shorter as long as they
still part, and is written as a workload file for \`npm start -- run\`.

Exit codes:
  0    no list diverged, and every one was judged
  1    a list diverged
  3    none diverged, but a guest was lost
  125  some lists could not be judged, or none could be run
`;

/** Reads a whole number from `least` to `most`. */
const whole =
  (least: number, most = 999_999_999) =>
  (text: string): number => {
    const number = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
    if (number >= least && number <= most) return number;
    throw new InvalidArgumentError(`Give a whole number from ${least} to ${most}.`);
  };

function folioOrder(text: string, before: readonly number[] = []): readonly number[] {
  const order = parseFolio(text, x86_64.pageSizeBytes, x86_64.pmdOrder);
  if (typeof order === "string") throw new InvalidArgumentError(`${order}.`);
  return [...before, order];
}

const say = (text: string): void => void process.stdout.write(`${text.split("\n").map(sanitize).join("\n")}\n`);

/** How the lists went. */
class Tally {
  judged = 0;
  diverged = 0;
  lost = 0;
  ops = 0;
  checks = 0;
  readonly notJudged: number[] = [];

  add(seed: number, list: JudgedList): void {
    if (list.result.verdict === "invalid") this.notJudged.push(seed);
    else this.judged++;
    if (list.result.verdict === "fail") this.diverged++;
    if (list.result.verdict === "lost") this.lost++;
    this.ops += list.workload.ops.length;
    this.checks += checkCount(list);
  }

  get exitCode(): number {
    if (this.diverged > 0) return exitCodes.fail;
    if (this.lost > 0) return exitCodes.lost;
    return this.notJudged.length > 0 ? exitCodes.invalid : exitCodes.pass;
  }

  get text(): string {
    const { judged, diverged, lost, ops, checks, notJudged } = this;
    const gone = lost === 0 ? "" : `, ${lost} lost`;
    const rest = notJudged.length === 0 ? "" : `; not judged: ${notJudged.join(", ")}`;
    return `${plural(judged, "list")}, ${diverged} diverged${gone}   ${plural(ops, "op")}, ${plural(checks, "check")}${rest}`;
  }
}

const checkCount = ({ result }: JudgedList): number => result.steps.reduce((sum, step) => sum + step.checks.length, 0);

async function runLists(options: Options, signal: AbortSignal): Promise<number> {
  const task = { signal, progress: () => {} };
  const keptFolder = join(stateDir(), "random");
  const folder = await makeFolder("random");
  // Runs are kept there as long as they last, not among a person's own.
  process.env["XDG_STATE_HOME"] = folder;
  const tally = new Tally();
  const startedMs = performance.now();
  try {
    const { kernel, device, model, folio: folioOrders, ops: opCountMax, cpus: cpuCount, shrinkSeconds } = options;
    const asked = { kernel, device, opCountMax, cpuCount, shrinkMs: shrinkSeconds * 1000, ...(model !== undefined && { model }), ...(folioOrders !== undefined && { folioOrders }) };
    const setting = await openSetting(asked, folder, task);
    const last = options.seed + options.lists - 1;
    say(`kernel ${setting.kernel}, model ${setting.generation.name}, ${setting.device}, seeds ${options.seed} to ${last}`);
    for (let seed = options.seed; seed <= last; seed++) {
      signal.throwIfAborted();
      const { drawn, shortest } = await runList(seed, setting, task, (shorter) => say(`  also with ${plural(shorter.workload.ops.length, "op")}`));
      tally.add(seed, drawn);
      say(lineOf(seed, drawn));
      if (shortest === null) say(lostText(seed, options));
      else if (isDivergence(drawn)) say(await keep(shortest, setting, keptFolder));
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
    if (tally.judged > 0) say(`${tally.text}   ${formatDuration(performance.now() - startedMs)}`);
  }
  return tally.exitCode;
}

function lineOf(seed: number, list: JudgedList): string {
  const { workload, result } = list;
  const swapKb = workload.areas.map(({ pageCount }) => (pageCount * x86_64.pageSizeBytes) / 1024);
  const parts = [`seed ${seed}`, result.verdict, plural(workload.ops.length, "op"), `${swapKb.join(" + ")} kB of swap`, plural(checkCount(list), "check"), formatDuration(result.timings.toVerdictMs)];
  return result.verdict === "pass" ? parts.join("   ") : `${parts.join("   ")}\n  ${result.reason}`;
}

/** The guest died or went silent, and did not when the list ran again. */
function lostText(seed: number, { kernel, device, ops, cpus, folio = [], model }: Options): string {
  const sizes = folio.flatMap((order) => ["--folio", `${folioKb(x86_64, order)}kB`]);
  const asked = ["--kernel", kernel, "--device", device, "--seed", String(seed), "--lists", "1", "--ops", String(ops), "--cpus", String(cpus), ...sizes];
  const again = [...asked, ...(model === undefined ? [] : ["--model", model])].map(shellQuote).join(" ");
  return `  the guest was lost, and was not when the same list ran once more\n  again: npm run random -- ${again}`;
}

/** Writes a workload out for a person, and says what it is and how to run it. */
async function keep({ workload, result }: JudgedList, { kernel, device, model }: ListSetting, folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const place = kernel.replace(/[^A-Za-z0-9.]+/g, "-");
  const path = join(folder, `${workload.name}-${place}-${device}.toml`);
  await writeFile(path, workloadToml(workload, x86_64));
  return [
    "  shortest found:",
    ...workload.ops.map((op, index) => `    ${index + 1}  ${opText(op)}`),
    `  ${result.reason}`,
    `  again: ${commandLine(["run", path, "--kernel", kernel, ...(model === undefined ? [] : ["--model", model])])}`,
  ].join("\n");
}

function makeCommand(run: (options: Options) => Promise<void>): Command {
  return new Command("npm run random --")
    .description("Draws random op lists, runs each in a guest and on the model, and compares them after every op.")
    .option("-r, --kernel <kernel>", "a series (see `npm start -- kernels`), or the path of a kernel", defaultKernel)
    .addOption(new Option("--device <device>", "what to swap to").choices(deviceNames).default("nvme"))
    .option("--lists <count>", "how many lists", whole(1), 20)
    .option("--seed <seed>", "seed of the first list; the next one has the next", whole(0), 1)
    .option("--ops <count>", "most ops of a list, beside its first map", whole(1, 300), 40)
    .option("--cpus <count>", "CPUs of the guest, one of which carries out each op", whole(1, cpuCountMax), 1)
    .option("--folio <size>", "size of folios that regions ask for; may be repeated; all that the kernel has when not given", folioOrder)
    .option("--model <generation>", "predict with this generation's model, whatever the guest is")
    .option("--shrink-seconds <seconds>", "make a list that diverged shorter for so long at most", whole(0), 300)
    .exitOverride()
    .configureHelp({ helpWidth: 80 })
    .addHelpText("after", examples)
    .action(run);
}

await runProcess(async (signal) => {
  let exitCode: number = exitCodes.pass;
  try {
    await makeCommand(async (options) => void (exitCode = await runLists(options, signal))).parseAsync(process.argv.slice(2), { from: "user" });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.pass : exitCodes.usage;
    if (signal.aborted) return exitCodes.interrupted;
    process.stderr.write(`${error instanceof LabError ? error.message : error instanceof Error ? error.stack : String(error)}\n`);
    return exitCodes.invalid;
  }
});
