/**
 * Placements in checks are text: items joined by commas, each `first+count@offset` for swapped pages
 * (`@type:offset` where there are several areas), `first+count:present` or `first+count:none`. Here they are read back,
 * so that a table can show the part that tells most.
 */

export interface PlacementRun {
  readonly firstPage: number;
  readonly pageCount: number;
  readonly state: "swap" | "present" | "none";
  /** Null where it is not said: the workload has but one area. */
  readonly swapType: number | null;
  /** Swap offset of the first page; 0 when the pages are not swapped. */
  readonly offset: number;
}

const item = /^(\d{1,12})\+(\d{1,12})(?:@(?:(\d{1,3}):)?(\d{1,15})|:(present|none))$/;

/** The runs in ascending page order, or null when the text is no placement. */
export function parsePlacement(text: string): PlacementRun[] | null {
  const runs: PlacementRun[] = [];
  let nextPage = 0;
  for (const part of text.split(",")) {
    const match = item.exec(part);
    if (match === null) return null;
    const [, firstPage = "", pageCount = "", swapType, offset = "0", state] = match;
    const run: PlacementRun = {
      firstPage: Number(firstPage),
      pageCount: Number(pageCount),
      state: state === "present" || state === "none" ? state : "swap",
      swapType: swapType === undefined ? null : Number(swapType),
      offset: Number(offset),
    };
    if (run.pageCount === 0 || run.firstPage < nextPage) return null;
    nextPage = run.firstPage + run.pageCount;
    runs.push(run);
  }
  return runs;
}

/** `512 @ 16384`, `512 @ 1:16384` on swap type 1 of several, `512 present`, `512 none`; `nothing` where a side ends. */
export function showRun(run: PlacementRun | undefined): string {
  if (run === undefined) return "nothing";
  if (run.state !== "swap") return `${run.pageCount} ${run.state}`;
  return `${run.pageCount} @ ${run.swapType === null ? "" : `${run.swapType}:`}${run.offset}`;
}

/** The first page whose state is not the same on both sides, with what each side has from there on. */
export interface PlacementDifference {
  readonly page: number;
  readonly model: PlacementRun | undefined;
  readonly real: PlacementRun | undefined;
}

export function firstPlacementDifference(
  model: readonly PlacementRun[],
  real: readonly PlacementRun[],
): PlacementDifference | null {
  const modelEdges = model.flatMap((run) => [run.firstPage, run.firstPage + run.pageCount]);
  const realEdges = real.flatMap((run) => [run.firstPage, run.firstPage + run.pageCount]);
  const pages = [...new Set([...modelEdges, ...realEdges])].sort((a, b) => a - b);
  const modelFrom = cursor(model);
  const realFrom = cursor(real);
  // Between two neighbouring edges both sides go on evenly, so they can only part at one.
  for (const page of pages) {
    const ours = modelFrom(page);
    const theirs = realFrom(page);
    const alike =
      ours?.state === theirs?.state && ours?.swapType === theirs?.swapType && ours?.offset === theirs?.offset;
    if (!alike) return { page, model: ours, real: theirs };
  }
  return null;
}

/** Gives for ascending pages the part of the run that begins at the page. */
function cursor(runs: readonly PlacementRun[]): (page: number) => PlacementRun | undefined {
  let index = 0;
  return (page) => {
    let run = runs[index];
    while (run !== undefined && run.firstPage + run.pageCount <= page) {
      index += 1;
      run = runs[index];
    }
    if (run === undefined || run.firstPage > page) return undefined;
    const skipped = page - run.firstPage;
    const offset = run.state === "swap" ? run.offset + skipped : run.offset;
    return { ...run, firstPage: page, pageCount: run.pageCount - skipped, offset };
  };
}
