import { join } from "node:path";
import { fitEnd, sanitize } from "../report/text.ts";
import { readSmallFile } from "./bundle-files.ts";

/** In a run's folder, beside its bundle. */
export const labelFile = "label";
const labelColumnsMax = 120;

export const cleanLabel = (text: string): string => fitEnd(sanitize(text.trim()), labelColumnsMax, "…");

/** What a person calls a run; empty when it has only its name. */
export async function labelOf(folder: string): Promise<string> {
  try {
    return cleanLabel((await readSmallFile(join(folder, labelFile), 4096)).toString("utf8"));
  } catch {
    return "";
  }
}
