import type { Observation, Prediction } from "../workload/observation.ts";
import { bounded, type Check, exact, invariant } from "./check.ts";
import { invariantChecks } from "./invariants.ts";
import { openChecks } from "./open.ts";
import { placementName, placementText } from "./placement.ts";

/** vmstat events that the model predicts. */
const vmstatEvents = [
  "pswpout",
  "pswpin",
  "thp_swpout",
  "thp_swpout_fallback",
  "swpout_zero",
  "swpin_zero",
  "swap_ra",
  "swap_ra_hit",
  "thp_split_page",
  "thp_file_alloc",
  "thp_file_mapped",
  "zswpout",
  "zswpin",
] as const;

/** Statistics of one folio size that the model predicts. */
const folioStatNames = ["anon_fault_alloc", "anon_fault_fallback", "shmem_alloc", "shmem_fallback", "swpout", "swpout_fallback", "split", "zswpout"] as const;

/** What the guest is able to report; a thing it does not have is not compared. */
export interface GuestView {
  /** Functions whose calls were counted. */
  readonly countedCalls: readonly string[];
  /** Functions whose return values were recorded. */
  readonly countedReturns: readonly string[];
  /** vmstat events that this kernel has. */
  readonly vmstat: readonly string[];
  /** The workload has more than one area, so that it must be said which one is meant. */
  readonly severalAreas: boolean;
}

/** The first check that did not hold. */
export interface Divergence {
  readonly step: number;
  readonly metric: string;
  readonly model: number | string;
  readonly real: number | string;
}

/** Lays one step's prediction beside what the guest did. */
export function compareStep(predicted: Prediction, real: Observation, guest: GuestView): Check[] {
  if (predicted.open !== undefined) return openChecks(real);
  return [
    exact("errno", predicted.errno, real.errno),
    ...comparePlacements(predicted, real, guest),
    ...compareAreas(predicted, real, guest),
    exact("gauge.nr_swapcached", predicted.gauges["nr_swapcached"] ?? 0, real.gauges["nr_swapcached"] ?? 0),
    ...vmstatEvents
      .filter((name) => guest.vmstat.includes(name))
      .map((name) => exact(`vmstat.${name}`, predicted.vmstat[name] ?? 0, real.vmstat[name] ?? 0)),
    ...compareFolioStats(predicted, real),
    ...guest.countedCalls.map((name) => compareCount(predicted, `calls.${name}`, predicted.calls[name] ?? 0, real.calls[name] ?? 0)),
    ...guest.countedReturns.map((name) => compareReturns(predicted, real, name)),
    invariant("wrong_pages", 0, real.wrongPages, "a page reads as what was last put there"),
    ...invariantChecks(real),
  ];
}

export function firstDivergence(steps: readonly (readonly Check[])[]): Divergence | null {
  for (const [step, checks] of steps.entries()) {
    const failed = checks.find((check) => !check.ok);
    if (failed !== undefined) return { step, metric: failed.name, model: failed.model, real: failed.real };
  }
  return null;
}

function compareCount(predicted: Prediction, name: string, model: number, real: number): Check {
  const bounds = predicted.bounds[name];
  return bounds === undefined ? exact(name, model, real) : bounded(name, model, real, bounds);
}

function comparePlacements(predicted: Prediction, real: Observation, { severalAreas }: GuestView): Check[] {
  const texts = ({ placements }: Observation): Map<string, string> =>
    new Map(placements.map((placement) => [placementName(placement), placementText(placement.runs, severalAreas)]));
  const seen = texts(real);
  const expected = texts(predicted);
  const names = new Set([...expected.keys(), ...seen.keys()]);
  return [...names].map((name) => exact(name, expected.get(name) ?? "absent", seen.get(name) ?? "absent"));
}

function compareAreas(predicted: Prediction, real: Observation, { severalAreas }: GuestView): Check[] {
  const checks = [exact("swap.areas", predicted.swapAreas.length, real.swapAreas.length)];
  for (const expected of predicted.swapAreas) {
    const seen = real.swapAreas.find((area) => area.swapType === expected.swapType);
    const name = `swap${expected.swapType}`;
    if (severalAreas) checks.push(exact(`${name}.area`, expected.name, seen?.name ?? "absent"));
    checks.push(exact(`${name}.size_kb`, expected.sizeKb, seen?.sizeKb ?? "absent"));
    checks.push(exact(`${name}.used_kb`, expected.usedKb, seen?.usedKb ?? "absent"));
    checks.push(exact(`${name}.priority`, expected.priority, seen?.priority ?? "absent"));
  }
  return checks;
}

/** Only sizes at which something happened on either side; a size that the kernel does not know counts as absent. */
function compareFolioStats(predicted: Prediction, real: Observation): Check[] {
  const sizes = new Set([...Object.keys(predicted.folioStats), ...Object.keys(real.folioStats)].map(Number));
  const checks: Check[] = [];
  for (const kb of [...sizes].sort((a, b) => a - b)) {
    const model = predicted.folioStats[kb] ?? {};
    const seen = real.folioStats[kb];
    const touched = folioStatNames.some((name) => (model[name] ?? 0) !== 0 || (seen?.[name] ?? 0) !== 0);
    if (!touched) continue;
    for (const name of folioStatNames) checks.push(exact(`folio.${kb}kB.${name}`, model[name] ?? 0, seen === undefined ? "absent" : (seen[name] ?? 0)));
  }
  return checks;
}

function compareReturns(predicted: Prediction, real: Observation, name: string): Check {
  const model = returnsText(predicted.returns[name]);
  const seen = returnsText(real.returns[name]);
  const bounds = predicted.bounds[`calls.${name}`];
  if (bounds === undefined) return exact(`returns.${name}`, model, seen);
  const hits = Object.values(real.returns[name] ?? {}).reduce((sum, count) => sum + count, 0);
  return { name: `returns.${name}`, kind: "bounded", model, real: seen, ok: hits >= bounds.low && hits <= bounds.high, ...bounds };
}

/** `-512:1 16:256`: return values in ascending order with their hits. */
export function returnsText(values: Readonly<Record<string, number>> | undefined): string {
  const entries = Object.entries(values ?? {}).filter(([, hits]) => hits > 0);
  if (entries.length === 0) return "none";
  return entries
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([value, hits]) => `${value}:${hits}`)
    .join(" ");
}
