import type { Switches } from "../races/switches.ts";
import { switchWord } from "../report/race-text.ts";
import type { CompareRequest, ProgramRequest, RaceRequest, RunRequest } from "./lab.ts";

/** What a run is made of when nothing else is said. */
export const defaultExperiment = "munmap-after-pageout";
export const defaultKernel = "6.12";
export const defaultMemoryMb = 1024;
export const defaultTimeoutMs = 60_000;

/** More timed runs of a side tell nothing that fewer do not. */
export const timedRunsMax = 1000;

/** How far a race is explored when nothing else is said. */
export const defaultRaceStates = 5_000_000;
export const defaultRaceSeconds = 60;

/**
 * The command-line arguments that repeat a run, `run` first. Whether a saved state is used is left out: it
 * changes how long a run takes, not what it finds.
 */
export function runArguments(request: RunRequest): string[] {
  return [
    ...["run", request.experiment, "--kernel", request.kernel],
    ...workloadOptions(request),
    ...option("--model", request.model),
    ...machineOptions(request),
    ...observationOptions(request),
  ];
}

/** The same for a program of a person's own. */
export function programArguments(request: ProgramRequest): string[] {
  return [
    ...["run", "--program", request.program, "--kernel", request.kernel],
    ...workloadOptions({ ...request, set: {} }),
    ...request.files.flatMap((file) => ["--file", file]),
    ...option("--timeout", request.timeoutMs === defaultTimeoutMs ? undefined : `${request.timeoutMs}ms`),
    ...machineOptions(request),
    ...observationOptions(request),
    ...(request.args.length === 0 ? [] : ["--", ...request.args]),
  ];
}

/** The command-line arguments that repeat a comparison, `compare` first. */
export function compareArguments(request: CompareRequest): string[] {
  return [
    ...["compare", request.a, request.b],
    ...option("--experiment", request.experiment),
    ...option("--kernel", request.kernel),
    ...workloadOptions(request),
    ...machineOptions(request),
    ...option("--runs", request.runCount === 0 ? undefined : String(request.runCount)),
    ...(request.hostClock ? ["--host-clock"] : []),
  ];
}

const option = (name: string, value: string | undefined): string[] => (value === undefined ? [] : [name, value]);

type WorkloadChoice = Pick<RunRequest, "device" | "folio" | "size" | "swapSize" | "cpus" | "set">;

const workloadOptions = ({ device, folio, size, swapSize, cpus, set }: WorkloadChoice): string[] => [
  ...option("--device", device),
  ...option("--folio", folio),
  ...option("--size", size),
  ...option("--swap-size", swapSize),
  ...option("--cpus", cpus === undefined ? undefined : String(cpus)),
  ...Object.entries(set).flatMap(([name, value]) => ["--set", `${name}=${value}`]),
];

const machineOptions = ({ memoryMb, accelerator }: Pick<RunRequest, "memoryMb" | "accelerator">): string[] => [
  ...option("--memory", memoryMb === defaultMemoryMb ? undefined : `${memoryMb}M`),
  ...option("--accel", accelerator),
];

const observationOptions = ({ unprobed, instructionClock }: Pick<RunRequest, "unprobed" | "instructionClock">): string[] => [
  ...(unprobed ? ["--no-probes"] : []),
  ...(instructionClock ? ["--instruction-clock"] : []),
];

/** The command-line arguments that repeat a race with the default limits. */
export function raceArguments({ scenario, switches }: Pick<RaceRequest, "scenario" | "switches">): string[] {
  const words = Object.entries(switches).flatMap(([name, value]) => {
    const word = switchWord(name as keyof Switches);
    return value === true ? [`--${word}`] : value === false ? [`--no-${word}`] : [`--${word}`, String(value)];
  });
  return ["race", scenario, ...words];
}
