import { BeyondModel } from "../model/swap-core.ts";
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

/** Functions whose calls the model counts. A kernel has some of them; the rest it has inlined, renamed or never had. */
export const modelledCalls = [
  "free_swap_and_cache",
  "free_swap_and_cache_nr",
  "__swap_entry_free",
  "swap_page_trans_huge_swapped",
  "__try_to_reclaim_swap",
  "folio_free_swap",
  "put_swap_folio",
  "get_swap_pages",
  "folio_alloc_swap",
  "scan_swap_map_slots",
  "scan_swap_map_try_ssd_cluster",
  "alloc_swap_scan_cluster",
  "swap_reclaim_full_clusters",
  "swap_writepage",
  "__swap_writepage",
  "swap_readpage",
  "swap_read_folio",
  "swapin_readahead",
  "do_swap_page",
  "add_to_swap",
  "add_to_swap_cache",
  "delete_from_swap_cache",
  "__delete_from_swap_cache",
  "__remove_mapping",
  "swap_duplicate",
  "__swap_duplicate",
  "add_swap_count_continuation",
  "swapcache_prepare",
  "swapcache_clear",
  "swap_free",
  "swap_free_nr",
  "cluster_swap_free_nr",
  "free_swap_slot",
  "swapcache_free_entries",
  "swap_range_free",
  "swap_entry_range_free",
  "split_swap_cluster",
  "swap_cache_get_folio",
  "get_swap_device",
  "swap_writeout",
  "folio_dup_swap",
  "folio_put_swap",
  "swap_dup_entry_direct",
  "swap_put_entries_direct",
  "swap_put_entries_cluster",
  "swap_cache_del_folio",
  "__swap_cluster_free_entries",
  "cluster_alloc_swap_entry",
] as const;

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
  const titles = ["swapon", ...workload.ops.map(opText)];
  const blocks = run.steps.map((step, index) => {
    const lines = [
      ...Object.entries(step.calls).map(([name, count]) => `  call   ${name} ${count}`),
      ...Object.entries(step.vmstat).map(([name, count]) => `  event  ${name} ${count}`),
      ...step.swapAreas.map((area) => `  swap${area.swapType}  ${area.usedKb} of ${area.sizeKb} kB used`),
      ...step.placements.flatMap(({ process, region, runs }) =>
        runs.map((pages) => `  pages  ${process}.${region} ${pages.firstPage}+${pages.pageCount} ${pages.kind === "swap" ? `slot ${pages.offset}` : pages.kind}`),
      ),
    ];
    return [`step ${index}  ${titles[index]}`, ...lines].join("\n");
  });
  if (run.beyond !== "") blocks.push(`beyond the model: ${run.beyond}`);
  return `${blocks.join("\n")}\n`;
}
