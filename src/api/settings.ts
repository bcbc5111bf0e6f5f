import * as v from "valibot";
import { line, list } from "./pieces.ts";

/** What a person has chosen once for every face, as it is kept in settings.json. */
export const settingsSchema = v.strictObject({
  schema: v.literal("swaplab.settings/1"),
  /** Build trees, or folders that hold some: their kernels are listed beside the catalogue. */
  kernelFolders: list(line, 32),
  /** `auto`: whichever works here. For runs that do not say. */
  accelerator: v.picklist(["auto", "tcg", "kvm"]),
  theme: v.picklist(["system", "light", "dark"]),
});

export type Settings = v.InferOutput<typeof settingsSchema>;

export const defaultSettings: Settings = { schema: "swaplab.settings/1", kernelFolders: [], accelerator: "auto", theme: "system" };
