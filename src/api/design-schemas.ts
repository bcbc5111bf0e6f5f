import * as v from "valibot";
import { designNames } from "../model/designs.ts";
import { count, flag, line, list } from "./pieces.ts";

/** What the designs cost; see `report/designs.ts` and `report/designs-measured.ts`. */

const designName = v.picklist(designNames);

const costSchema = v.object({
  lookUps: count,
  references: count,
  tryLocks: count,
  folioFreed: count,
  folioKept: count,
  clusterLocks: count,
  slotsScanned: count,
  devicePins: count,
  slotsLeft: count,
  splitFirst: flag,
});

const costs = v.object(v.entriesFromList(designNames, costSchema));

export const designsSchema = v.object({
  schema: v.literal("swaplab.designs/1"),
  designs: list(v.object({ name: designName, summary: line, kernel: line, metadata: v.object({ perClusterBytes: count, perGibBytes: count }) })),
  cases: list(
    v.object({
      name: line,
      title: line,
      kind: v.picklist(["folio", "situation"]),
      lastUser: flag,
      command: list(line),
      step: count,
      costs,
    }),
  ),
  encodings: list(v.object({ architecture: line, offsetBits: count, slots: line, slotsWithOrder: line })),
});

const counted = v.exactOptional(v.object({ model: count, kernel: count }));

export const designMeasurementSchema = v.object({
  name: line,
  kernel: line,
  release: line,
  verdict: v.picklist(["pass", "fail", "lost", "invalid", "none"]),
  reason: line,
  run: line,
  counts: v.object({ calls: counted, pins: counted, lookups: counted, freed: counted }),
});
