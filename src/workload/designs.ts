import type { CostCounts } from "../model/costs.ts";
import type { Design } from "../model/designs.ts";
import type { Geometry } from "../model/geometry.ts";
import { Machine, type MachineFacts } from "./machine.ts";
import { onlyArea, type Op, type Workload } from "./ops.ts";
import { predict } from "./predict.ts";

/** What one step costs under a design. */
export interface DesignCost extends CostCounts {
  /** Times the device was pinned. */
  readonly devicePins: number;
  /** Slots in use afterwards, those that only the slots cache keeps left out. */
  readonly slotsLeft: number;
  /** The workload has folios that this design cannot store whole: they were split first. */
  readonly splitFirst: boolean;
}

const factsFor = (design: Design, geometry: Geometry): MachineFacts => ({ generation: design, geometry, scanStarts: [] });

/** Which step of a workload is looked at: the n-th with this op, from 0. */
export interface StepChoice {
  readonly op: Op["op"];
  readonly nth: number;
}

/** Index of the step, step 0 being the swapon before the ops. Throws when the workload has no such op. */
export function stepIndex(workload: Workload, { op, nth }: StepChoice): number {
  const indexes = workload.ops.flatMap((candidate, index) => (candidate.op === op ? [index + 1] : []));
  const index = indexes[nth];
  if (index === undefined) throw new Error(`workload ${workload.name} has ${indexes.length} ops ${op}, number ${nth + 1} was asked for`);
  return index;
}

/** Plays the workload under the design and gives what the chosen step cost. */
export function designCost(design: Design, workload: Workload, step: StepChoice, geometry: Geometry): DesignCost {
  const slotsLeft: number[] = [];
  const { steps, beyond } = predict(workload, factsFor(design, geometry), (machine) => slotsLeft.push(slotsInUse(machine)));
  if (beyond !== "") throw new Error(`${design.name} cannot play ${workload.name}: ${beyond}`);
  const index = stepIndex(workload, step);
  const { costs, calls } = steps[index]!;
  const orders = workload.ops.flatMap((op) => (op.op === "map" ? [op.folioOrder] : []));
  const splitFirst = design.features.wholeFolioOrders === "pmd" && orders.some((order) => order > 0 && order < geometry.pmdOrder);
  return { ...costs, devicePins: calls["get_swap_device"] ?? 0, slotsLeft: slotsLeft[index]!, splitFirst };
}

function slotsInUse({ core }: Machine): number {
  const kept = core.slotsCache.contents.cpus.reduce((sum, { ready, returned }) => sum + ready.length + returned.length, 0);
  return core.areas.reduce((sum, area) => sum + (area?.inusePages ?? 0), 0) - kept;
}

/** Bytes that a design keeps for an area of so many slots, beside what every kernel keeps. */
export function metadataBytes(design: Design, slotCount: number, geometry: Geometry): number {
  const area = { name: onlyArea, device: "nvme", pageCount: slotCount, priority: null } as const;
  const machine = new Machine(factsFor(design, geometry), { areas: [area], cpuCount: 1 });
  machine.start();
  return machine.core.areas[0]?.slotOrders?.sizeBytes ?? 0;
}
