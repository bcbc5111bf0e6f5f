import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseResult } from "../../src/report/parse.ts";
import { startCommand } from "./command-line.ts";
import { useEarlierRun } from "./earlier-run.ts";
import { writeLongWorkload } from "./long-workload.ts";
import { useOwnFolder } from "./places.ts";
import { isRunning, qemusOf, until } from "./processes.ts";
import { lab, runExperiment, story } from "./runs.ts";

const folder = useOwnFolder();
useEarlierRun();

/** Sends a signal to the guest's QEMU at the moment when the run comes to a stage. */
function atStage(stage: string, signal: NodeJS.Signals): { progress: (stage: string) => void; qemus: number[] } {
  const qemus: number[] = [];
  const progress = (reached: string): void => {
    if (reached !== stage || qemus.length > 0) return;
    qemus.push(...qemusOf(process.pid));
    for (const qemu of qemus) process.kill(qemu, signal);
  };
  return { progress, qemus };
}

describe("a guest that is lost in the middle of a run", () => {
  test.each<[string, NodeJS.Signals, RegExp]>([
    ["because QEMU was killed", "SIGKILL", /^pageout .*: QEMU was killed by SIGKILL\./],
    ["because it went silent", "SIGSTOP", /^pageout .*: no sign of life from the agent for \d+ s\./],
  ])("%s", async (_, signal, reason) => {
    const { progress, qemus } = atStage("pageout", signal);
    const { result } = await runExperiment({ experiment: "munmap-after-pageout", kernel: "6.12" }, { progress });
    expect(qemus).toHaveLength(1);
    expect([result.verdict, result.reason], story(result)).toEqual(["lost", expect.stringMatching(reason)]);
    // What was seen before is kept and judged.
    expect(result.steps.map(({ op }) => op)).toEqual(["swapon", "map", "fill"]);
    expect(result.steps.flatMap(({ checks }) => checks.map(({ ok }) => ok))).not.toContain(false);
    expect(qemus.filter(isRunning)).toEqual([]);
    expect((await lab.openRun(result.run)).result).toEqual(result);
  });

  test("the command line ends with 3 and still prints one document", async () => {
    const workload = await writeLongWorkload(join(folder, "long.toml"));
    const running = startCommand(["run", workload, "--kernel", "6.12", "--json"]);
    const qemu = await until("a guest that fills", () => (running.stderr().includes("fill") ? qemusOf(running.pid)[0] : undefined));
    process.kill(qemu, "SIGKILL");
    const { exitCode, stdout, stderr } = await running.ended;
    const parsed = parseResult(stdout);
    expect([exitCode, parsed.ok && parsed.result.verdict], stderr).toEqual([3, "lost"]);
  });
});
