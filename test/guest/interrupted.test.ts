import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { type RunningCommand, startCommand } from "./command-line.ts";
import { useEarlierRun } from "./earlier-run.ts";
import { writeLongWorkload } from "./long-workload.ts";
import { useOwnFolder } from "./places.ts";
import { isRunning, qemusOf, until } from "./processes.ts";
import { lab, runExperiment, story } from "./runs.ts";

const folder = useOwnFolder();
useEarlierRun();

const workload = join(folder, "long.toml");
/** All of it should be over within a second; far more is given only because the machine may be busy. */
const endDeadlineMs = 15_000;

beforeAll(async () => {
  await writeLongWorkload(workload);
});

/** The guest's QEMU, once the run has come to a stage. One that a failing test leaves behind is ended. */
async function qemuAt(stage: string, { pid, stderr }: RunningCommand): Promise<number> {
  const qemu = await until(`a QEMU at ${stage}`, () => (stderr().includes(stage) ? qemusOf(pid)[0] : undefined));
  onTestFinished(() => {
    if (isRunning(qemu)) process.kill(qemu, "SIGKILL");
  });
  return qemu;
}

const gone = async (pid: number): Promise<boolean> => until(`the end of process ${pid}`, () => (isRunning(pid) ? undefined : true), endDeadlineMs);

/** Folders of runs that were begun; a run that ends, or that follows one that could not, leaves none. */
const unfinishedRuns = async (): Promise<string[]> => (await readdir(join(folder, "state/swaplab/runs"))).filter((name) => name.startsWith("."));

async function expectNothingLeft(qemu: number): Promise<void> {
  expect(await gone(qemu)).toBe(true);
  const { runs: before } = await lab.listRuns(1000);
  const { result } = await runExperiment({ experiment: "partial-unmap", kernel: "6.12" });
  expect(result.verdict, story(result)).toBe("pass");
  expect(await unfinishedRuns()).toEqual([]);
  expect((await lab.listRuns(1000)).runs).toHaveLength(before.length + 1);
}

test.each<[string, NodeJS.Signals, number, string[]]>([
  ["while the workload runs", "SIGINT", 130, []],
  ["while the guest boots", "SIGINT", 130, ["--cold"]],
  ["while the workload runs", "SIGTERM", 143, []],
])("a signal %s: %s ends the command with %i, and its guest", async (_, signal, exitCode, words) => {
  const running = startCommand(["run", workload, "--kernel", "6.12", ...words]);
  const qemu = await qemuAt(words.length === 0 ? "fill" : "boot", running);
  process.kill(running.pid, signal);
  expect(await gone(running.pid)).toBe(true);
  const ended = await running.ended;
  expect([ended.exitCode, ended.stdout, ended.stderr]).toEqual([exitCode, "", expect.stringContaining("Interrupted")]);
  await expectNothingLeft(qemu);
});

test("a command that is killed outright takes its guest along, and the next run clears up", async () => {
  const running = startCommand(["run", workload, "--kernel", "6.12"]);
  const qemu = await qemuAt("fill", running);
  process.kill(running.pid, "SIGKILL");
  expect((await running.ended).exitSignal).toBe("SIGKILL");
  expect(await unfinishedRuns()).toHaveLength(1);
  await expectNothingLeft(qemu);
});
