import { fileURLToPath } from "node:url";
import { defaultExperiment } from "../../src/api/request.ts";
import { runChecked } from "../../src/lab/process.ts";
import { parseResult } from "../../src/report/parse.ts";
import { type Figure, ratios } from "./figure.ts";
import { kernelNames, untilRestored } from "./guests.ts";
import { repeat, type BenchTask } from "./task.ts";

const section = "experiment";
// This module is bundled into dist/, beside the command line.
const commandLinePath = fileURLToPath(new URL("cli.mjs", import.meta.url));
const deadlineMs = 120_000;
/** `restore: loading the saved state`, or the stage alone. */
const progressLine = /^([a-z]+)(?:: .*)?$/;

/** One whole process of the command line. */
interface Run {
  /** From starting Node to its end. */
  readonly wallMs: number;
  readonly toVerdictMs: number;
  /** Time between one line of progress and the next, by the stage that the first one names. */
  readonly stagesMs: ReadonlyMap<string, number>;
}

/** The default experiment as a person runs it. */
export async function measureExperiment(task: BenchTask): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const kernel of kernelNames) figures.push(...(await experimentFigures(kernel, task)));
  return figures;
}

async function experimentFigures(kernel: string, task: BenchTask): Promise<Figure[]> {
  const cold: Run[] = [];
  const warm: Run[] = [];
  await repeat(task, task.repetitions.guests, `${defaultExperiment} on ${kernel}`, async () => {
    cold.push((await runOnce(kernel, ["--cold"], task)).value);
    warm.push(await untilRestored(() => runOnce(kernel, [], task)));
  });
  const base = { section, subject: `kernel ${kernel}` };
  const seconds = (runs: readonly Run[], quantity: "wallMs" | "toVerdictMs"): number[] => runs.map((run) => run[quantity] / 1000);
  const [coldVerdict, warmVerdict] = [seconds(cold, "toVerdictMs"), seconds(warm, "toVerdictMs")];
  return [
    { ...base, name: "cold: request to verdict", unit: "s", samples: coldVerdict },
    { ...base, name: "warm: request to verdict", unit: "s", aim: 1.5, samples: warmVerdict },
    { ...base, name: "  cold / warm", unit: "x", samples: ratios(coldVerdict, warmVerdict) },
    { ...base, name: "cold: whole process, node to exit", unit: "s", samples: seconds(cold, "wallMs") },
    { ...base, name: "warm: whole process, node to exit", unit: "s", samples: seconds(warm, "wallMs") },
    ...[...warm[0]!.stagesMs.keys()].map((stage) => ({
      ...base,
      name: `  of it ${stage}`,
      unit: "ms",
      samples: warm.flatMap(({ stagesMs }) => stagesMs.get(stage) ?? []),
    })),
  ];
}

async function runOnce(kernel: string, options: readonly string[], { signal }: BenchTask): Promise<{ start: string; value: Run }> {
  const args = [commandLinePath, "run", defaultExperiment, "--kernel", kernel, "--accel", "tcg", "--json", ...options];
  const stages = new StageTimes();
  const startedAtMs = performance.now();
  const onLine = (line: string, stream: "stdout" | "stderr"): void => {
    const stage = progressLine.exec(line)?.[1];
    if (stream === "stderr" && stage !== undefined) stages.begin(stage);
  };
  const { stdout } = await runChecked(process.execPath, args, { deadlineMs, signal, onLine });
  const wallMs = performance.now() - startedAtMs;
  const parsed = parseResult(stdout);
  if (!parsed.ok) throw new Error(`the result of a run cannot be read: ${parsed.problem}`);
  const { timings, host } = parsed.result;
  return { start: host.start, value: { wallMs, toVerdictMs: timings.toVerdictMs, stagesMs: stages.end() } };
}

/** Node's own start is the time before the first line. */
class StageTimes {
  private readonly timesMs = new Map<string, number>();
  private stage = "node's start";
  private begunAtMs = performance.now();

  begin(stage: string): void {
    this.end();
    this.stage = stage;
  }

  end(): ReadonlyMap<string, number> {
    const now = performance.now();
    this.timesMs.set(this.stage, (this.timesMs.get(this.stage) ?? 0) + now - this.begunAtMs);
    this.begunAtMs = now;
    return this.timesMs;
  }
}
