import * as v from "valibot";
import { failureSchema } from "./failure.ts";
import { bytes } from "./pieces.ts";

/** What goes over a connection. Faces use `client.ts`, which hides it. */

/** Chosen by the face, one a call; never used again on the same connection. */
const id = v.pipe(v.number(), v.integer(), v.minValue(1));
const byteCount = v.pipe(v.number(), v.integer(), v.minValue(0));
const name = v.pipe(v.string(), v.maxLength(64));
/** Of one message. Longer streams are cut. */
export const chunkBytesMax = 64 * 1024;
const chunk = v.pipe(bytes, v.maxLength(chunkBytesMax));

/** From a face to the lab. */
export const faceMessageSchema = v.variant("type", [
  v.strictObject({ type: v.literal("call"), id, name, request: v.unknown() }),
  /** Bytes for a call that takes some: what a person types, a file. */
  v.strictObject({ type: v.literal("input"), id, bytes: chunk }),
  v.strictObject({ type: v.literal("input-end"), id }),
  /** So many bytes of the call's output have been dealt with. */
  v.strictObject({ type: v.literal("ack"), id, byteCount }),
  v.strictObject({ type: v.literal("stop"), id }),
]);

/** From the lab to a face. */
export const labMessageSchema = v.variant("type", [
  v.strictObject({ type: v.literal("progress"), id, event: v.unknown() }),
  /** Bytes that come out of a call. `skippedBytes` before them were dropped, because the face did not keep up. */
  v.strictObject({ type: v.literal("output"), id, bytes: chunk, skippedBytes: byteCount }),
  v.strictObject({ type: v.literal("ack"), id, byteCount }),
  /** The last message of a call is one of these two. */
  v.strictObject({ type: v.literal("reply"), id, reply: v.unknown() }),
  v.strictObject({ type: v.literal("failed"), id, failure: failureSchema }),
  v.strictObject({ type: v.literal("event"), name, event: v.unknown() }),
]);

export type FaceMessage = v.InferOutput<typeof faceMessageSchema>;
export type LabMessage = v.InferOutput<typeof labMessageSchema>;
