import type { Result } from "./result.ts";
import { acceleratorText, areasText, deviceText, modelText } from "./summary.ts";
import { sanitize, takeColumns } from "./text.ts";

/** Enough to tell two images apart; result.json has all of them. */
const shownHashDigits = 16;

/** Columns that a fact's label has, where facts stand one below the other. */
export const factLabelColumns = 10;

/** What a run was made of, as a line with a label. One without a label belongs to the line above it. */
export interface Fact {
  readonly label: string;
  /** Empty where there is nothing to say. */
  readonly text: string;
}

export function runFacts(run: Omit<Result, "steps">): Fact[] {
  const { kernel, host, experiment } = run;
  const version = kernel.packageVersion === "" ? "" : ` (Debian ${sanitize(kernel.packageVersion)})`;
  const machine = [`QEMU ${sanitize(host.qemu)}`, acceleratorText(run), `${host.cpuCount} vCPU`, `${host.memoryMb} MiB`];
  const parameters = Object.entries(experiment.parameters).map(([name, value]) => `${sanitize(name)}=${sanitize(value)}`);
  return [
    { label: "kernel", text: `${sanitize(kernel.release === "" ? kernel.name : kernel.release)}${version}` },
    { label: "", text: sanitize(kernel.features) },
    { label: "", text: kernel.sha256 === "" ? "" : `sha256 ${takeColumns(sanitize(kernel.sha256), shownHashDigits)}` },
    { label: "model", text: modelText(run) },
    { label: "machine", text: machine.join(", ") },
    { label: "swap", text: `${deviceText(run)}, ${experiment.swapKb} kB` },
    { label: "", text: areasText(run) },
    { label: "with", text: parameters.join(" ") },
  ];
}
