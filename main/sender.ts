import type { WebFrameMain } from "electron";
import { isOwnAddress } from "./address.ts";

/** What of a frame tells whose it is. A frame that is gone is null. */
export type Frame = Pick<WebFrameMain, "url"> & { readonly parent: object | null };

/** True for the window's own document: not for what it might embed, nor for what it might have been led to. */
export function isOwnFrame(frame: Frame | null): boolean {
  return frame !== null && frame.parent === null && isOwnAddress(frame.url);
}
