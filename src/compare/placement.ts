import type { PageRun, Placement } from "../workload/observation.ts";

/**
 * A placement as one comparable text: `first+count@offset` for swapped runs (`@type:offset` where there are several areas),
 * `first+count:present` and `first+count:none` for others, joined by commas.
 */
export const placementText = (runs: readonly PageRun[], severalAreas: boolean): string => runs.map((run) => runText(run, severalAreas)).join(",");

function runText(run: PageRun, severalAreas: boolean): string {
  const pages = `${run.firstPage}+${run.pageCount}`;
  if (run.kind !== "swap") return `${pages}:${run.kind}`;
  return severalAreas || run.swapType > 0 ? `${pages}@${run.swapType}:${run.offset}` : `${pages}@${run.offset}`;
}

export const placementName = (placement: Pick<Placement, "process" | "region">): string => `placement.${placement.process}.${placement.region}`;
