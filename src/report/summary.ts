import type { Result } from "./result.ts";
import { formatDuration, plural, sanitize } from "./text.ts";

/**
 * `nvme, not rotating`, `virtio-ssd, not rotating (queue/rotational set to 0)`: the device as chosen and as the guest's kernel
 * sees it. Where areas are on devices of different kinds, `nvme, not rotating, and scsi-hdd, rotating`.
 */
export function deviceText(result: Pick<Result, "experiment">): string {
  const { device, rotational, rotationalCause = "", areas = [] } = result.experiment;
  if (rotational === null) return sanitize(device);
  const cause = rotationalCause === "" ? "" : ` (${sanitize(rotationalCause)})`;
  const isMixed = areas.some((area) => area.rotational === true) && areas.some((area) => area.rotational === false);
  if (!isMixed) return `${sanitize(device)}, ${rotatingWord(rotational)}${cause}`;
  const kinds = areas.map((area) => `${sanitize(area.device)}, ${rotatingWord(area.rotational === true)}`);
  return `${[...new Set(kinds)].join(", and ")}${cause}`;
}

const rotatingWord = (rotational: boolean): string => (rotational ? "rotating" : "not rotating");

/** `areas fast of 65536 kB at priority 10, slow of 65536 kB`; empty where there is but one. */
export function areasText({ experiment }: Pick<Result, "experiment">): string {
  if (experiment.areas === undefined) return "";
  const several = new Set(experiment.areas.map(({ device }) => device)).size > 1;
  const areas = experiment.areas.map(({ name, device, swapKb, priority }) =>
    [sanitize(name), ...(several ? [`on ${sanitize(device)}`] : []), `of ${swapKb} kB`, ...(priority === null ? [] : [`at priority ${priority}`])].join(" "),
  );
  return `areas ${areas.join(", ")}`;
}

/** `kernel 6.12.117 (per-order clusters, batched free)`. */
export function kernelText({ kernel }: Pick<Result, "kernel">): string {
  const name = sanitize(kernel.release === "" ? kernel.name : kernel.release);
  return kernel.features === "" ? name : `${name} (${sanitize(kernel.features)})`;
}

/** `6.12`, or `6.1 (forced, the guest is 6.12)`. */
export function modelText({ kernel, model }: Pick<Result, "kernel" | "model">): string {
  const generation = sanitize(model.generation);
  if (!model.forced) return generation;
  return `${generation} (forced${kernel.generation === "" ? "" : `, the guest is ${sanitize(kernel.generation)}`})`;
}

export function acceleratorText({ host }: Pick<Result, "host">): string {
  return sanitize(host.accelerator).toUpperCase();
}

/** `31 checks, 29 exact, 1 bounded, 1 differs`; empty for a run in which nothing was compared. */
export function countsText(result: Result): string {
  const checks = result.steps.flatMap((step) => step.checks);
  if (checks.length === 0) return "";
  const holding = (kind: string): number => checks.filter((check) => check.ok && check.kind === kind).length;
  const differing = checks.filter((check) => !check.ok).length;
  const parts = [plural(checks.length, "check")];
  if (result.program === undefined) parts.push(`${holding("exact")} exact`);
  if (holding("bounded") > 0) parts.push(`${holding("bounded")} bounded`);
  if (holding("invariant") > 0) parts.push(plural(holding("invariant"), "invariant"));
  if (differing > 0) parts.push(differing === 1 ? "1 differs" : `${differing} differ`);
  return parts.join(", ");
}

const maxTimedSteps = 5;
/** Steps that take no time worth a word unless something went wrong. */
const unremarkable = new Set(["swapon", "map", "note"]);

/** `restored 0.3 s`, `fill 0.2 s`, …, `verdict 1.4 s`: of a long run its longest steps. */
export function timingTexts(result: Result): string[] {
  const { host, steps, timings } = result;
  if (host.start === "none") return [];
  const longest = steps
    .filter((step) => !unremarkable.has(step.op))
    .sort((a, b) => b.durationMs - a.durationMs)
    .slice(0, maxTimedSteps);
  const shown = steps.filter((step) => longest.includes(step));
  return [
    `${host.start} ${formatDuration(timings.bootMs)}`,
    ...shown.map((step) => `${sanitize(step.op)} ${formatDuration(step.durationMs)}`),
    `in all ${formatDuration(timings.toVerdictMs)}`,
  ];
}
