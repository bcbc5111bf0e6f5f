import { readFile } from "node:fs/promises";
import * as v from "valibot";
import { defaultSettings, type Settings, settingsSchema } from "../api/settings.ts";
import { LabError } from "./errors.ts";
import { settingsPath } from "./paths.ts";
import { replaceFile } from "./safe-file.ts";

/** What a person has chosen. A file that cannot be read counts as none: nothing in it is worth not starting for. */
export async function readSettings(): Promise<Settings> {
  const text = await readFile(settingsPath(), "utf8").catch(() => "");
  try {
    const parsed = v.safeParse(settingsSchema, JSON.parse(text));
    return parsed.success ? parsed.output : defaultSettings;
  } catch {
    return defaultSettings;
  }
}

/** @throws LabError `usage` for a folder that is not named by a whole path, `host` when it cannot be written */
export async function writeSettings(settings: Settings): Promise<void> {
  const strange = settings.kernelFolders.find((folder) => !folder.startsWith("/") && !folder.startsWith("~/"));
  if (strange !== undefined) throw new LabError("usage", { what: "it is not a whole path", where: strange, next: "Begin it with / or ~/." });
  await replaceFile(settingsPath(), `${JSON.stringify(settings, null, 2)}\n`);
}
