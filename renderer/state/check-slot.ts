import { parseDifference } from "../../src/compare/difference.ts";
import { firstPlacementDifference, parsePlacement, type PlacementRun } from "../../src/report/placement.ts";
import type { Check, Result } from "../../src/report/result.ts";

/** A place in a swap area that a check speaks of. */
export interface CheckSlot {
  readonly swapType: number;
  readonly slot: number;
}

/** Where a check looks: its first differing slot or cluster, or a placement's first slot. Null for one that speaks of none. */
export function checkSlot({ name, model, real }: Check, clusterSlots: number): CheckSlot | null {
  if (name.startsWith("placement.")) return placementSlot(String(model), String(real));
  const area = /^memory\.swap(\d+)\./.exec(name);
  const difference = area === null || typeof real !== "string" ? null : parseDifference(real);
  const place = difference === null ? null : /^(slot|cluster) (\d+)$/.exec(difference.place);
  if (area === null || place === null) return null;
  return { swapType: Number(area[1]), slot: Number(place[2]) * (place[1] === "cluster" ? clusterSlots : 1) };
}

/** A million pages in runs of some; a longer one is of no workload of ours. */
const placementCharsMax = 1_000_000;

function placementSlot(model: string, real: string): CheckSlot | null {
  if (model.length + real.length > placementCharsMax) return null;
  const ours = parsePlacement(model);
  const theirs = parsePlacement(real);
  if (ours === null || theirs === null) return null;
  const difference = firstPlacementDifference(ours, theirs);
  const candidates = difference === null ? theirs : [difference.real, difference.model];
  const run = candidates.find((candidate): candidate is PlacementRun => candidate?.state === "swap");
  return run === undefined ? null : { swapType: run.swapType ?? 0, slot: run.offset };
}

/** The first slot that differs, and after which step. */
export function firstDifferingSlot({ steps }: Result, clusterSlots: number): (CheckSlot & { readonly step: number }) | null {
  for (const { index, checks } of steps) {
    for (const check of checks) {
      const found = check.ok || !isOfSlots.test(check.name) ? null : checkSlot(check, clusterSlots);
      if (found !== null) return { ...found, step: index };
    }
  }
  return null;
}

const isOfSlots = /^memory\.swap\d+\.(?:slots|folios|zeroes)$/;
