/**
 * Everything that a face (the window, the browser, a test) can ask of the lab, by name, each with the schemas of what
 * goes there and of what comes back. Both ends check both.
 *
 * How a face uses it:
 *
 *     const client = connectClient(transport);          // client.ts; in a browser: socketTransport(socket), once it is open
 *     const { runs } = await client.call("runs.list", { newestCount: 20 });
 *
 *     const outcome = await client.call("run", { run: request, keepGuest: false }, {
 *       signal,                                          // an AbortSignal; after an abort the call rejects with kind "stopped"
 *       onProgress: (event) => { … },                    // by event.kind: "stage", "step", "ready"
 *       onOutput: (bytes, skippedBytes) => { … },        // the guest's console. May return a promise: more comes when it settles
 *     });
 *
 *     const shell = client.start("console", request, { onOutput });
 *     await shell.send(typedBytes);                      // settles when there is room for more
 *     shell.endInput();                                  // leaves: the guest ends
 *     await shell.done;
 *
 *     const { bytes } = await callForBytes(client, "runs.file", { run, file: "slot-maps.bin", fromByte: 0, byteCount });
 *     SlotMaps.of(bytes).at(step)                        // report/slot-maps; live ones: `append(event.map)` of every "step"
 *
 *     const forget = client.on("changed", ({ what }) => { … });   // "runs", "experiments", "kernels", "settings": read them again
 *
 * A call that fails rejects with an `ApiError`: kind, what, where, next (`failure.ts`). When the connection ends, so do
 * the calls on it, and their guests.
 */

import * as v from "valibot";
import { compareRequestSchema, comparisonSchema } from "./compare-schemas.ts";
import { designMeasurementSchema, designsSchema } from "./design-schemas.ts";
import { exportFormats } from "./lab.ts";
import { count, flag, line, list, text } from "./pieces.ts";
import { raceListSchema, raceMutantsSchema, raceReportSchema, raceRequestSchema } from "./race-schemas.ts";
import {
  doctorItemSchema,
  experimentCheckSchema,
  experimentSchema,
  experimentTextSchema,
  kernelSchema,
  matrixSchema,
  readyEventSchema,
  runListSchema,
  runOutcomeSchema,
  runSummarySchema,
  stageEventSchema,
  stepEventSchema,
  whoCatchesSchema,
} from "./reply-schemas.ts";
import {
  consoleRequestSchema,
  designMeasureRequestSchema,
  fileRequestSchema,
  matrixRequestSchema,
  nothing,
  programRequestSchema,
  runJobSchema,
  runQuerySchema,
  runRequestSchema,
  visitRequestSchema,
  workloadText,
} from "./request-schemas.ts";
import { settingsSchema } from "./settings.ts";
import { stopVisitSchema, tourStopSchema } from "./tour-schemas.ts";

/** Raised whenever a face of the old form would misread or be misread. */
export const contractVersion = 1;

const runName = v.strictObject({ run: line });

/** A call that answers at once. */
const ask = <const Request extends v.GenericSchema, const Reply extends v.GenericSchema>(request: Request, reply: Reply) =>
  ({ request, reply, progress: v.never(), takesInput: false }) as const;

/** A call that takes its time: it says what it is doing, and can be stopped. */
const job = <const Request extends v.GenericSchema, const Reply extends v.GenericSchema, const Progress extends v.GenericSchema, const Input extends boolean = false>(
  request: Request,
  reply: Reply,
  progress: Progress,
  takesInput: Input = false as Input,
) => ({ request, reply, progress, takesInput }) as const;

export const calls = {
  /** What the lab is: to be asked first. */
  about: ask(nothing, v.object({ contractVersion: v.number() })),

  /** Progress: stages, every step as it is done, and `ready` when the guest is kept. Output: the guest's console. Input: what is typed to a kept guest's shell. */
  run: job(runJobSchema, runOutcomeSchema, v.variant("kind", [stageEventSchema, stepEventSchema, readyEventSchema]), true),
  /** A person's own program. Output: what it prints. */
  runProgram: job(programRequestSchema, runOutcomeSchema, stageEventSchema),
  /** When it is stopped it replies with what there is. */
  matrix: job(matrixRequestSchema, matrixSchema, stageEventSchema),
  /** When it is stopped it replies with what there is. */
  whoCatches: job(matrixRequestSchema, whoCatchesSchema, stageEventSchema),
  /** When it is stopped after both sides were seen it replies with what there is. */
  compare: job(compareRequestSchema, comparisonSchema, stageEventSchema),
  dryRun: job(runRequestSchema, v.object({ text }), stageEventSchema),
  designs: ask(nothing, designsSchema),
  /** When it is stopped it replies with what there is. */
  measureDesigns: job(designMeasureRequestSchema, v.object({ measurements: list(designMeasurementSchema) }), stageEventSchema),
  "races.list": ask(nothing, raceListSchema),
  /** When it is stopped it replies with what there is. */
  race: job(raceRequestSchema, raceReportSchema, stageEventSchema),
  raceMutants: job(nothing, raceMutantsSchema, stageEventSchema),
  /** A guest without a workload. Output: its console. Input: what is typed; its end ends the guest. */
  console: job(consoleRequestSchema, nothing, stageEventSchema, true),

  "tour.stops": ask(nothing, v.object({ stops: list(tourStopSchema) })),
  /** When it is stopped it replies with what there is. */
  "tour.visit": job(visitRequestSchema, stopVisitSchema, stageEventSchema),

  /** The shipped ones, then the person's own. */
  "experiments.list": ask(nothing, v.object({ experiments: list(experimentSchema) })),
  "experiments.read": ask(v.strictObject({ name: line }), experimentTextSchema),
  /** Reads a text as the lab would, and says what it would do or the first mistake in it. */
  "experiments.check": ask(v.strictObject({ text: workloadText }), experimentCheckSchema),
  /** Among the person's own, mistakes and all. */
  "experiments.save": ask(v.strictObject({ name: line, text: workloadText, mayReplace: flag }), v.object({ path: line })),
  /** Of the person's own. To take it back, save the text again. */
  "experiments.remove": ask(v.strictObject({ name: line }), v.object({ text })),

  "runs.list": ask(runQuerySchema, runListSchema),
  /** `run` is a run's name; null for the newest. */
  "runs.open": ask(v.strictObject({ run: v.nullable(line) }), runOutcomeSchema),
  /** Output: the bytes. `slot-maps.bin` is for `SlotMaps.of`. Everything in a bundle may be somebody else's. */
  "runs.file": job(fileRequestSchema, v.object({ sizeBytes: count }), v.never()),
  /** What a person calls it, beside its name; empty to take that back. Replies with the label as it is shown. */
  "runs.rename": ask(v.strictObject({ run: line, label: line }), v.object({ label: line })),
  /** `runs.restore` takes it back, for a month. */
  "runs.remove": ask(runName, nothing),
  "runs.restore": ask(runName, nothing),
  /** Output: the file. */
  "runs.export": job(v.strictObject({ run: line, format: v.picklist(exportFormats) }), v.object({ fileName: line, mediaType: line }), v.never()),
  /** `path` of an archive or a folder where the lab is; null for an archive that comes as input. Its name here is new. */
  "runs.import": job(v.strictObject({ path: v.nullable(line) }), runSummarySchema, v.never(), true),

  "settings.read": ask(nothing, settingsSchema),
  "settings.write": ask(settingsSchema, nothing),
  "kernels.list": ask(nothing, v.object({ kernels: list(kernelSchema) })),
  "kernels.fetch": job(v.strictObject({ series: line }), kernelSchema, stageEventSchema),
  doctor: job(nothing, v.object({ items: list(doctorItemSchema) }), stageEventSchema),
} as const;

export const events = {
  /** What a list shows is no longer so. */
  changed: v.object({ what: v.picklist(["runs", "experiments", "kernels", "settings"]) }),
} as const;

export type CallName = keyof typeof calls;
export type RequestOf<Name extends CallName> = v.InferOutput<(typeof calls)[Name]["request"]>;
export type ReplyOf<Name extends CallName> = v.InferOutput<(typeof calls)[Name]["reply"]>;
export type ProgressOf<Name extends CallName> = v.InferOutput<(typeof calls)[Name]["progress"]>;
/** Calls that take input. */
export type InputCallName = { [Name in CallName]: (typeof calls)[Name]["takesInput"] extends true ? Name : never }[CallName];

export type EventName = keyof typeof events;
export type EventOf<Name extends EventName> = v.InferOutput<(typeof events)[Name]>;
