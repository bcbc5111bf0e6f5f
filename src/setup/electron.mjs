// @ts-check
// The desktop app's Electron, where there is one to be had.
import { existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { firstLines, runChild, SetupError } from "./children.mjs";
import { say } from "./say.mjs";

/** As much as a slow line needs for a hundred megabytes. */
const fetchDeadlineMs = 900_000;
/** A fetch that failed is not tried again for so long, so that every start is quick. */
const retryAfterMs = 86_400_000;

/**
 * Whether somebody sits in front of this machine's desktop, rather than of a script or a remote terminal.
 *
 * @param {{ readonly environment: Readonly<Record<string, string | undefined>>, readonly isTerminal: boolean }} surroundings
 */
export const hasDesktop = ({ environment, isTerminal }) =>
  isTerminal && [environment["DISPLAY"], environment["WAYLAND_DISPLAY"]].some((display) => (display ?? "") !== "");

/**
 * The path of Electron's program, fetched when it is not there yet; or, with the reason, null where the browser has to do.
 *
 * @param {string} root
 * @returns {Promise<{ path: string } | { path: null, reason: string }>}
 */
export async function findElectron(root) {
  const override = process.env["ELECTRON_OVERRIDE_DIST_PATH"];
  if (override !== undefined) return { path: join(override, "electron") };
  if (process.getuid?.() === 0) return { path: null, reason: "Electron does not run as root" };
  const program = join(root, "node_modules/electron/dist/electron");
  if (existsSync(program)) return { path: program };
  const failed = join(root, "dist/electron-not-fetched");
  const lastFailureMs = statSync(failed, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (Date.now() - lastFailureMs < retryAfterMs) return { path: null, reason: `Electron could not be fetched; remove ${failed} to try again` };
  say("fetching Electron, about 120 MB, once");
  try {
    const { exitCode, output } = await runChild(process.execPath, [join(root, "node_modules/electron/install.js")], { deadlineMs: fetchDeadlineMs });
    if (exitCode === 0 && existsSync(program)) return { path: program };
    throw new SetupError(firstLines(output));
  } catch (error) {
    mkdirSync(dirname(failed), { recursive: true });
    writeFileSync(failed, "");
    return { path: null, reason: `Electron could not be fetched:\n${error instanceof Error ? error.message : String(error)}\n` };
  }
}
