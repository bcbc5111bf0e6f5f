import { cpus, loadavg } from "node:os";
import { qemuVersion } from "../../src/lab/accelerator.ts";

/** What the figures were measured on. */
export interface Host {
  readonly accelerator: "tcg";
  readonly qemu: string;
  readonly node: string;
  readonly cpu: string;
  readonly cpuCount: number;
  /** Processes that wanted a processor in the minute before: more than `cpuCount` and every figure is too high. */
  readonly loadBefore: number;
}

export async function describeHost(signal: AbortSignal): Promise<Host> {
  const processors = cpus();
  return {
    accelerator: "tcg",
    qemu: await qemuVersion(signal),
    node: process.version,
    cpu: processors[0]?.model ?? "",
    cpuCount: processors.length,
    loadBefore: loadavg()[0] ?? 0,
  };
}
