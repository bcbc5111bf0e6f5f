import { InvalidArgumentError, Option, type Command } from "commander";
import type { RunRequest } from "../api/lab.ts";
import { bisectLine, type BisectRules, type Expectation, judgeForBisect, parseExpectation } from "../api/expectation.ts";
import { LabError } from "../lab/errors.ts";
import { generationChoice } from "../model/features.ts";
import { sanitize } from "../report/text.ts";
import { deviceNames } from "../workload/ops.ts";
import { addMachineOptions, addParameterOptions, experimentFields, type ExperimentOptions } from "./arguments.ts";
import type { Context } from "./context.ts";
import { makeProgress } from "./progress.ts";

interface BisectOptions extends Omit<ExperimentOptions, "cold"> {
  kernel: string;
  expect: Expected;
  lost: "bad" | "skip";
  model?: string;
}

interface Expected {
  readonly pass: boolean;
  readonly expectations: readonly Expectation[];
}

const nothingExpected: Expected = { pass: false, expectations: [] };

/** What `git bisect run` understands. A number beyond these would end the bisection. */
const bisectCodes = { good: 0, bad: 1, skip: 125 } as const;

const help = `
--expect says what is good: "pass", the kernel did what its model said (the
default), or a metric of a step: STEP/METRIC=VALUE, also with != < <= > >=. STEP
is an op, or the number of a step; METRIC what \`show RUN --all\` calls it, or its
name in result.json. All that is expected has to hold. With metrics alone the
model does not matter; a kernel that none fits wants --model with any of them.

Prints one line. Exit codes: 0 good, 1 bad, 125 skip: the kernel could not be
judged, did not boot, does not show the metric, or was lost in the midst of the
experiment (--lost bad makes that bad). Only Ctrl-C has another, 130, which ends
the bisection.

Every kernel is booted, and no state of it is saved.

Examples:
  git bisect run sh -c 'make -j8 bzImage || exit 125;
      npm --prefix ~/swaplab start -- bisect-step brim --kernel "$PWD"'
  npm start -- bisect-step munmap-after-pageout -r ~/linux --folio 64kB \\
      --expect "pageout/swpout 64kB=256" --expect "unmap/get_swap_device<=8"
`;

/** `bisect-step`: one step of a `git bisect run`. */
export function addBisectStepCommand(program: Command, context: Context, exitWith: (code: number) => void): void {
  const command = program
    .command("bisect-step")
    .summary("say good, bad or skip of a kernel, for `git bisect run`")
    .description("Runs an experiment on a kernel and ends with the exit code that `git bisect run` wants.")
    .argument("<experiment>", "a name from `list`, or the path of a workload file")
    .option("-r, --kernel <tree>", "a build tree, a bzImage or a vmlinux, or a series", ".")
    .addOption(new Option("--expect <what>", "what is good; may be repeated").argParser(collectExpectation).default(nothingExpected, "pass"))
    .addOption(new Option("--lost <what>", "what a kernel is that dies or goes silent in the experiment").choices(["bad", "skip"]).default("skip"))
    .addOption(new Option("--device <device>", "what to swap to").choices(deviceNames));
  addParameterOptions(command).option("--model <generation>", `predict with this generation's model, whatever the guest is: ${generationChoice()}`);
  addMachineOptions(command)
    .addHelpText("after", help)
    .action(async (experiment: string, options: BisectOptions) => exitWith(await judgeStep(context, toRequest(experiment, options), { ...options.expect, lost: options.lost })));
}

function collectExpectation(text: string, before: Expected): Expected {
  if (text === "pass") return { ...before, pass: true };
  const expectation = parseExpectation(text);
  if (expectation === null) throw new InvalidArgumentError('Give "pass", or a step, a metric and a value: "pageout/pswpout=4096".');
  return { ...before, expectations: [...before.expectations, expectation] };
}

function toRequest(experiment: string, options: BisectOptions): RunRequest {
  const { kernel, model } = options;
  return { experiment, kernel, ...experimentFields(options), cold: true, ...(model !== undefined && { model }) };
}

async function judgeStep(context: Context, request: RunRequest, rules: BisectRules): Promise<number> {
  const { lab, signal, stdout } = context;
  const progress = makeProgress(context);
  try {
    const { result } = await lab.run(request, { signal, progress: progress.report });
    progress.clear();
    const judgement = judgeForBisect(result, rules);
    stdout.write(`${bisectLine(judgement, result)}\n`);
    return bisectCodes[judgement.says];
  } catch (error) {
    if (signal.aborted || !(error instanceof LabError)) throw error;
    progress.clear();
    stdout.write(`skip ${sanitize(`${request.kernel}: ${error.message}`)}\n`);
    return bisectCodes.skip;
  } finally {
    progress.clear();
  }
}
