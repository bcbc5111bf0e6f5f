import type { RunRequest } from "./lab.ts";

/** What a run is made of when nothing else is said. */
export const defaultExperiment = "munmap-after-pageout";
export const defaultKernel = "6.12";
export const defaultMemoryMb = 1024;

/**
 * The command-line arguments that repeat a run, `run` first. Whether a saved state is used is left out: it
 * changes how long a run takes, not what it finds.
 */
export function runArguments(request: RunRequest): string[] {
  const words = ["run", request.experiment, "--kernel", request.kernel];
  const option = (name: string, value: string | undefined): void => {
    if (value !== undefined) words.push(name, value);
  };
  option("--device", request.device);
  option("--folio", request.folio);
  option("--size", request.size);
  option("--swap-size", request.swapSize);
  option("--cpus", request.cpus === undefined ? undefined : String(request.cpus));
  for (const [name, value] of Object.entries(request.set)) words.push("--set", `${name}=${value}`);
  option("--model", request.model);
  option("--memory", request.memoryMb === defaultMemoryMb ? undefined : `${request.memoryMb}M`);
  option("--accel", request.accelerator);
  if (request.unprobed) words.push("--no-probes");
  return words;
}
