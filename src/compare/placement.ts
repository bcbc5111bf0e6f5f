import type { PageRun, Placement } from "../workload/observation.ts";

/**
 * A placement as one comparable text: `first+count@offset` for swapped runs (`@type:offset` on areas after the first),
 * `first+count:present` and `first+count:none` for others, joined by commas.
 */
export const placementText = (runs: readonly PageRun[]): string => runs.map(runText).join(",");

function runText(run: PageRun): string {
  const pages = `${run.firstPage}+${run.pageCount}`;
  if (run.kind !== "swap") return `${pages}:${run.kind}`;
  return run.swapType === 0 ? `${pages}@${run.offset}` : `${pages}@${run.swapType}:${run.offset}`;
}

export const placementName = (placement: Pick<Placement, "process" | "region">): string => `placement.${placement.process}.${placement.region}`;
