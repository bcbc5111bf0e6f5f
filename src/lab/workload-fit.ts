import { folioKb, x86_64 } from "../model/geometry.ts";
import { deviceTraits } from "../workload/devices.ts";
import type { Workload } from "../workload/ops.ts";
import { LabError } from "./errors.ts";
import type { GuestFacts } from "./guest-facts.ts";
import { diskSizeBytes } from "./qemu/command.ts";

// Whether a workload fits the guest that it is for.

/**
 * A kernel may have come up with fewer CPUs than the machine has.
 *
 * @throws LabError `invalid` naming both numbers
 */
export function checkCpus(facts: GuestFacts, cpuCount: number): void {
  if (facts.cpuCount === cpuCount) return;
  throw new LabError("invalid", {
    what: `the guest's kernel uses ${facts.cpuCount} of the ${cpuCount} CPUs`,
    where: "guest",
    next: "Choose a kernel with CONFIG_SMP and a larger CONFIG_NR_CPUS, or a smaller --cpus.",
  });
}

/** @throws LabError `invalid` naming the area that is larger than its disk */
export function checkAreas({ areas }: Workload): void {
  for (const { name, pageCount } of areas) {
    const sizeBytes = pageCount * x86_64.pageSizeBytes;
    if (sizeBytes <= diskSizeBytes) continue;
    throw new LabError("invalid", {
      what: `a swap area of ${sizeBytes / 1024 ** 2} MiB does not fit on the guest's disk of ${diskSizeBytes / 1024 ** 2} MiB`,
      where: `area ${name}`,
      next: "Choose a smaller --swap-size.",
    });
  }
}

/** Part of the guest's memory that a workload may take; the rest keeps the kernel from reclaiming on its own account. */
const memoryShare = 0.7;

/**
 * Under memory pressure the kernel swaps when it likes, and nothing here predicts that.
 *
 * @throws LabError `invalid` naming what memory it takes
 */
export function checkMemory(workload: Workload, memoryMb: number): void {
  const mappedPages = workload.ops.reduce((sum, op) => sum + (op.op === "map" ? op.pageCount : 0), 0);
  // What goes to a device in the guest's own memory is there a second time.
  const copies = workload.areas.some(({ device }) => deviceTraits[device].synchronous) ? 2 : 1;
  const neededMb = Math.ceil((mappedPages * copies * x86_64.pageSizeBytes) / 1024 ** 2);
  if (neededMb <= memoryMb * memoryShare) return;
  throw new LabError("invalid", {
    what: `the workload needs ${neededMb} MiB of the guest's ${memoryMb} MiB, which would put its kernel under memory pressure`,
    next: `Choose a smaller --size, or --memory ${Math.ceil(neededMb / memoryShare)}M or more.`,
  });
}

/** The first folio size, kB, that the workload asks for and the guest does not have; null when there is none. */
export function missingFolio(workload: Workload, facts: GuestFacts): number | null {
  for (const op of workload.ops) {
    if (op.op !== "map") continue;
    const kb = folioKb(x86_64, op.folioOrder);
    if (!facts.folioSizesKb.includes(kb)) return kb;
  }
  return null;
}
