import type { PageRun } from "../workload/observation.ts";

function continues(before: PageRun, next: PageRun): boolean {
  if (before.kind !== "swap" || next.kind !== "swap") return before.kind === next.kind;
  return before.swapType === next.swapType && before.offset + before.pageCount === next.offset;
}

/** Neighbouring runs that are one run become one, so that equal placements have equal lists. */
export function mergeRuns(runs: readonly PageRun[]): PageRun[] {
  const merged: PageRun[] = [];
  for (const run of runs) {
    const before = merged.at(-1);
    if (before !== undefined && before.firstPage + before.pageCount === run.firstPage && continues(before, run)) {
      merged[merged.length - 1] = { ...before, pageCount: before.pageCount + run.pageCount };
    } else {
      merged.push(run);
    }
  }
  return merged;
}

/** Whether the runs follow each other from page 0 on without a gap or an overlap. */
export function areContiguous(runs: readonly PageRun[]): boolean {
  let nextPage = 0;
  return runs.every((run) => {
    const follows = run.firstPage === nextPage;
    nextPage = run.firstPage + run.pageCount;
    return follows;
  });
}
