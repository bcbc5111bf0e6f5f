import { homedir } from "node:os";
import { join } from "node:path";
import { LabError } from "./errors.ts";

/** Node's own answer throws, or is empty, where neither HOME nor the password file knows one. */
function home(variable: string): string {
  let path = "";
  try {
    path = homedir();
  } catch {
    // Told below.
  }
  if (path.startsWith("/")) return path;
  throw new LabError("host", { where: variable, what: "it is not set, and there is no home folder", next: "Set it, or HOME, to a folder that you can write to." });
}

function xdg(variable: string, fallback: string): string {
  const value = process.env[variable];
  // The base directory specification: a relative path in these variables is invalid and ignored.
  const base = value !== undefined && value.startsWith("/") ? value : join(home(variable), fallback);
  return join(base, "swaplab");
}

/** Kernels, guest images and saved states: all of it can be made again. */
export const cacheDir = (): string => xdg("XDG_CACHE_HOME", ".cache");
/** Run bundles: results that cannot be made again. */
export const stateDir = (): string => xdg("XDG_STATE_HOME", ".local/state");
/** One folder per run. */
export const runsDir = (): string => join(stateDir(), "runs");
/** Runs that a person threw away, until it is too late to take that back. */
export const trashDir = (): string => join(stateDir(), "trash");
/** A person's own experiments. */
export const ownExperimentsDir = (): string => join(xdg("XDG_DATA_HOME", ".local/share"), "experiments");
/** What a person has chosen. */
export const settingsPath = (): string => join(xdg("XDG_CONFIG_HOME", ".config"), "settings.json");
