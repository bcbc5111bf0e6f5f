import * as v from "valibot";
import { areasMax, cpuCountMax, deviceNames, piecesOpNames, priorityMax, stormRoles, stormThreadsMax } from "./ops.ts";

/** Shape of a workload file, before parameters are filled in. Unknown fields are errors: they are mostly typing slips. */

const name = v.pipe(
  v.string(),
  v.regex(/^[a-z][a-z0-9-]{0,47}$/, "must be 1 to 48 lower-case letters, digits and dashes, and start with a letter"),
);
const handle = v.pipe(v.string(), v.regex(/^[a-z][a-z0-9]{0,14}$/, "must be 1 to 15 lower-case letters and digits, and start with a letter"));
const text = v.pipe(v.string(), v.maxLength(400, "is longer than 400 characters"));
const size = v.pipe(v.string(), v.maxLength(32, "is longer than a size can be"));

const cpu = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(cpuCountMax - 1));
/** Which process does it, and on which CPU. */
const doer = { in: v.optional(handle, "main"), cpu: v.optional(cpu) };
/** More processes than there can be are refused where the op stands. */
const times = v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1000)));
const range = { ...doer, region: handle, from: v.optional(size), length: v.optional(size) };

/** Pieces of the range in place of all of it, drawn at random. */
const pieces = v.strictObject({
  count: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_536)),
  size,
  seed: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(2 ** 31 - 1)), 1),
});

const ops = [
  v.strictObject({
    op: v.literal("map"),
    ...doer,
    region: handle,
    size,
    folio: v.optional(size, "4kB"),
    share: v.optional(v.picklist(["private", "shared"]), "private"),
  }),
  v.strictObject({
    op: v.literal("fill"),
    ...range,
    pieces: v.optional(pieces),
    pattern: v.optional(v.picklist(["words", "same-byte", "zero", "random"]), "words"),
    byte: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(255))),
    seed: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(2 ** 31 - 1))),
  }),
  v.strictObject({ op: v.picklist(piecesOpNames), ...range, pieces: v.optional(pieces) }),
  v.strictObject({ op: v.picklist(["unmap", "remove", "pin", "split"]), ...range }),
  v.strictObject({
    op: v.literal("storm"),
    ...range,
    threads: v.pipe(v.array(v.picklist(stormRoles)), v.minLength(1, "has no threads"), v.maxLength(stormThreadsMax, `has more than ${stormThreadsMax} threads`)),
    pieces,
  }),
  v.strictObject({ op: v.literal("unpin"), ...doer, region: handle }),
  v.strictObject({ op: v.literal("fork"), ...doer, child: handle, times }),
  v.strictObject({ op: v.literal("exit"), ...doer, times }),
  v.strictObject({ op: v.literal("zswap"), ...doer, enabled: v.boolean() }),
  v.strictObject({ op: v.literal("evict"), ...doer }),
  v.strictObject({ op: v.picklist(["swapoff", "swapon"]), ...doer, area: v.optional(handle) }),
  v.strictObject({ op: v.literal("note"), ...doer, text }),
] as const;

/** What a file may say in one place, repeated or not. */
const singleOpSchema = v.variant("op", ops);
const opSchema = v.variant("op", [
  ...ops,
  v.strictObject({
    op: v.literal("repeat"),
    /** A number, or a parameter that is one. */
    times: v.union([v.number(), size]),
    ops: v.pipe(v.array(singleOpSchema), v.minLength(1, "has no ops"), v.maxLength(100, "has more than 100 ops")),
  }),
]);

const areaSchema = v.strictObject({
  name: handle,
  device: v.optional(size),
  size: v.optional(size),
  priority: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(priorityMax))),
});

export const fileSchema = v.strictObject({
  name,
  title: text,
  about: v.optional(v.pipe(v.string(), v.maxLength(4000, "is longer than 4000 characters"))),
  parameters: v.optional(
    v.strictObject({
      device: v.optional(v.picklist(deviceNames)),
      size: v.optional(size),
      folio: v.optional(size),
      "swap-size": v.optional(size),
      cpus: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(cpuCountMax))),
      own: v.optional(v.record(handle, size)),
    }),
    {},
  ),
  area: v.optional(v.pipe(v.array(areaSchema), v.minLength(1, "has no areas"), v.maxLength(areasMax, `has more than ${areasMax} areas`))),
  op: v.pipe(v.array(opSchema), v.minLength(1, "has no ops"), v.maxLength(400, "has more than 400 ops")),
});

export type WorkloadFile = v.InferOutput<typeof fileSchema>;
/** An op of the file that is not a repetition of others. */
export type FileOp = v.InferOutput<typeof singleOpSchema>;
