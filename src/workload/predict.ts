import { kernelNames } from "../model/kernel-names.ts";
import { BeyondModel } from "../model/beyond-model.ts";
import { Machine, type MachineFacts } from "./machine.ts";
import type { Prediction } from "./observation.ts";
import type { Workload } from "./ops.ts";
import { opText } from "./text.ts";

export interface PredictedRun {
  /** Step 0 is the swapon; step n is op n. */
  readonly steps: readonly Prediction[];
  readonly assumptions: readonly string[];
  /** Non-empty when the model had to stop: the ops from `steps.length` on are beyond it, and why. */
  readonly beyond: string;
}

/** Functions whose name is the same in every kernel that has them. */
const commonCalls = [
  "__try_to_reclaim_swap",
  "folio_free_swap",
  "get_swap_pages",
  "folio_alloc_swap",
  "scan_swap_map_slots",
  "scan_swap_map_try_ssd_cluster",
  "cluster_alloc_swap_entry",
  "alloc_swap_scan_cluster",
  "swap_reclaim_full_clusters",
  "__swap_writepage",
  "swapin_readahead",
  "do_swap_page",
  "__remove_mapping",
  "__swap_duplicate",
  "add_swap_count_continuation",
  "swapcache_prepare",
  "swapcache_clear",
  "free_swap_slot",
  "swapcache_free_entries",
  "split_swap_cluster",
  "swap_cache_get_folio",
  "get_swap_device",
] as const;

/** Functions whose calls the model counts. A kernel has some of them; the rest it has inlined, renamed or never had. */
export const modelledCalls: readonly string[] = [...new Set([...commonCalls, ...Object.values(kernelNames).flatMap((names) => Object.values(names))])].filter(
  (name) => name !== null,
);

/** Functions whose return values the model predicts. */
export const modelledReturns = ["__try_to_reclaim_swap"] as const;

/**
 * Plays a workload on the model. Nothing of the guest but the facts goes in. `afterStep` may look at the machine as it
 * stands after each step.
 */
export function predict(workload: Workload, facts: MachineFacts, afterStep?: (machine: Machine) => void): PredictedRun {
  const machine = new Machine(facts, workload);
  const steps: Prediction[] = [];
  let beyond = "";
  const note = (step: Prediction): void => {
    steps.push(step);
    afterStep?.(machine);
  };
  try {
    note(machine.start());
    for (const op of workload.ops) note(machine.execute(op));
  } catch (error) {
    if (!(error instanceof BeyondModel)) throw error;
    beyond = error.message;
  }
  return { steps, assumptions: [...machine.assumptions], beyond };
}

/** The prediction as text, one step after the other, for the run's folder. */
export function traceText(workload: Workload, run: PredictedRun): string {
  const titles = [`swapon ${workload.areas[0]!.name}`, ...workload.ops.map(opText)];
  const blocks = run.steps.map((step, index) => {
    const lines = [
      ...Object.entries(step.calls).map(([name, count]) => `  call   ${name} ${count}`),
      ...Object.entries(step.costs).map(([name, count]) => `  cost   ${name} ${count}`),
      ...Object.entries(step.vmstat).map(([name, count]) => `  event  ${name} ${count}`),
      ...Object.entries(step.folioStats).flatMap(([kb, stats]) => Object.entries(stats).map(([name, count]) => `  folio  ${kb}kB ${name} ${count}`)),
      ...step.swapAreas.map((area) => `  swap${area.swapType}  ${area.name}, ${area.usedKb} of ${area.sizeKb} kB used`),
      ...step.placements.flatMap(({ process, region, runs }) =>
        runs.map((pages) => `  pages  ${process}.${region} ${pages.firstPage}+${pages.pageCount} ${pages.kind === "swap" ? `slot ${pages.swapType}:${pages.offset}` : pages.kind}`),
      ),
    ];
    return [`step ${index}  ${titles[index]}`, ...lines].join("\n");
  });
  if (run.beyond !== "") blocks.push(`beyond the model: ${run.beyond}`);
  return `${blocks.join("\n")}\n`;
}
