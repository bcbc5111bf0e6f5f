import { folioFreeSwap, pageOut, swapCount, swapIn } from "./callers.ts";
import { Device } from "./device.ts";
import { freeingProcess, type Surroundings } from "./freeing.ts";
import { freeingRange, rangeSlots } from "./freeing-range.ts";
import { type Actor, type Model, type Property, StateLayout } from "./model.ts";
import { PageTables } from "./page-tables.ts";
import { swapoff } from "./swapoff.ts";
import type { Ordering, SwitchName, Variant } from "./switches.ts";

export interface Scenario {
  readonly name: string;
  /** One line. */
  readonly title: string;
  /** Switches that make a difference here. */
  readonly switches: readonly SwitchName[];
  /** Orderings that can be taken away here. */
  readonly orderings: readonly Ordering[];
  readonly build: (variant: Variant) => Model;
}

const ofSwapoff = ["kill-before-wait", "wait-for-users", "grace-period", "unused-before-free"] as const;

export const scenarios: readonly Scenario[] = [
  {
    name: "swapoff",
    title: "free_swap_and_cache against swapoff",
    switches: ["fix", "rcu", "caller", "shortcut", "swapoffReclaims", "earlyExit", "clusterLock", "swapon", "processes"],
    orderings: ["reference-before-drop", "put-after-use", ...ofSwapoff, "visit-takes-lock", "counts-before-reclaim", "page-table-lock"],
    build: (variant) => assemble(variant, variant.processes, variant.processes, (surroundings) => processes(variant).map((process) => freeingProcess(surroundings, variant, process, process))),
  },
  {
    name: "shared-slot",
    title: "the same with one slot for all processes, as after fork",
    switches: ["fix", "rcu", "shortcut", "swapoffReclaims", "clusterLock", "processes"],
    orderings: ["cluster-lock"],
    build: (variant) => assemble(variant, variant.processes, 1, (surroundings) => processes(variant).map((process) => freeingProcess(surroundings, variant, process, 0))),
  },
  {
    name: "range",
    title: "free_swap_and_cache_nr of two slots each, against swapoff",
    switches: ["fix", "rcu", "caller", "swapoffReclaims", "swapon", "processes"],
    orderings: [],
    build: (variant) => {
      const slotCount = rangeSlots * variant.processes;
      return assemble(variant, variant.processes, slotCount, (surroundings) => processes(variant).map((process) => freeingRange(surroundings, variant, process)));
    },
  },
  {
    name: "folio-free-swap",
    title: "folio_free_swap under the folio's lock, against swapoff",
    switches: ["rcu"],
    orderings: ["folio-lock"],
    build: (variant) => besideOne(variant, (device) => folioFreeSwap(device), "delete_from_swap_cache"),
  },
  {
    name: "swp-swapcount",
    title: "swp_swapcount under a page-table lock, against swapoff",
    switches: ["fix", "rcu"],
    orderings: ["page-table-lock"],
    build: (variant) => besideOne(variant, (device, tables) => swapCount(device, tables, 0), "swp_swapcount"),
  },
  {
    name: "swap-in",
    title: "a fault whose entry was read without a lock",
    switches: ["fix", "rcu"],
    orderings: ofSwapoff,
    build: (variant) => besideOne(variant, (device, tables) => swapIn(device, tables, 0), "swapcache_prepare"),
  },
  {
    name: "page-out",
    title: "a page-out that asks for a slot as swapoff begins",
    switches: ["rcu"],
    orderings: ["writeok-cleared"],
    build: (variant) => besideOne(variant, (device) => pageOut(device), "free_swap_and_cache"),
  },
];

const processes = ({ processes: count }: Variant): number[] => Array.from({ length: count }, (_, process) => process);

/**
 * Another caller beside one process that frees its entry, holding a reference of the device: it is the caller that is asked about. `comesTo`
 * is the step that must be possible at all. swapoff gives cached folios back, as the caller may hold the folio's lock when the process tries.
 */
function besideOne(asked: Variant, caller: (device: Device, tables: PageTables) => Actor, comesTo: string): Model {
  const variant = { ...asked, processes: 1, swapoffReclaims: true };
  return assemble(
    variant,
    2,
    1,
    (surroundings) => [freeingProcess(surroundings, { ...variant, fix: true, without: null }, 0, 0), caller(surroundings.device, surroundings.tables)],
    (actors) => [canRun(1, actors[1]!, comesTo)],
  );
}

type ActorsOf = (surroundings: Surroundings) => readonly Actor[];

/** So many actors in their order, and swapoff as the last one. */
function assemble(variant: Variant, actorCount: number, slotCount: number, actorsOf: ActorsOf, more: (actors: readonly Actor[]) => readonly Property[] = () => []): Model {
  const layout = new StateLayout(actorCount + 1);
  const device = new Device(layout, slotCount, variant);
  const tables = new PageTables(layout, variant.processes);
  const actors = [...actorsOf({ layout, device, tables }), swapoff(device, tables)];
  // One reference each, or all of them to one slot.
  const counts = Array.from({ length: slotCount }, () => Math.max(1, variant.processes / slotCount));
  return {
    actors,
    byteCount: layout.byteCount,
    start: (state) => {
      device.start(state, counts);
      tables.start(state);
    },
    properties: [...device.properties(), ...more(actors), { kind: "can", name: "everybody comes to an end", test: (state) => actors.every(({ end }, index) => state[index] === end) }],
    shown: [...tables.shown(variant.caller), ...device.shown()],
  };
}

/** Somebody stands before the step. */
function canRun(actor: number, { name, steps }: Actor, stepName: string): Property {
  const { at } = steps.find((step) => step.name === stepName)!;
  return { kind: "can", name: `${name} comes to ${stepName}`, test: (state) => state[actor] === at };
}
