import type { Observation } from "../workload/observation.ts";
import { type Check, invariant } from "./check.ts";

/** What must hold of any kernel's answer, whatever a model says. Only placements and areas are looked at. */
export function invariantChecks(real: Observation): Check[] {
  const slots = collectSlots(real);
  const checks = [
    invariant("slots.in_two_places", 0, slots.doubled, "two different pages never share a swap slot"),
    invariant("slots.outside_area", 0, slots.outside, "every swap slot lies inside its area and is not the header"),
  ];
  for (const area of real.swapAreas) {
    const referenced = slots.perType.get(area.swapType) ?? 0;
    const missing = Math.max(0, referenced - area.usedKb / slots.pageKb);
    checks.push(invariant(`swap${area.swapType}.unaccounted_slots`, 0, missing, "every slot that a page table refers to is counted as used"));
  }
  return checks;
}

interface Slots {
  doubled: number;
  outside: number;
  readonly perType: Map<number, number>;
  readonly pageKb: number;
}

/** Kernel: /proc/swaps counts in kB, page tables in pages; x86-64 pages. */
const pageKb = 4;

function collectSlots(real: Observation): Slots {
  const slots: Slots = { doubled: 0, outside: 0, perType: new Map(), pageKb };
  /** Slot to the page that refers to it; processes share a page by forking, so the process does not count. */
  const owners = new Map<string, string>();
  const areas = new Map(real.swapAreas.map((area) => [area.swapType, area.sizeKb / pageKb]));
  for (const placement of real.placements) {
    for (const run of placement.runs) {
      if (run.kind !== "swap") continue;
      const usable = areas.get(run.swapType) ?? 0;
      for (let i = 0; i < run.pageCount; i++) {
        const offset = run.offset + i;
        if (offset < 1 || offset > usable) slots.outside++;
        const slot = `${run.swapType}:${offset}`;
        const page = `${placement.region}:${run.firstPage + i}`;
        const owner = owners.get(slot);
        if (owner === undefined) {
          owners.set(slot, page);
          slots.perType.set(run.swapType, (slots.perType.get(run.swapType) ?? 0) + 1);
        } else if (owner !== page) slots.doubled++;
      }
    }
  }
  return slots;
}
