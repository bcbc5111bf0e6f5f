import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CommandError, launch } from "../lab/process.ts";

/** An opener that has not failed by then has found a browser. */
const watchMs = 3000;

/**
 * Asks the desktop to show an address. It goes there through a file in `folder`, which only we can read: arguments of
 * programs can be seen by everybody on this machine. What goes wrong is told, and no more.
 */
export async function showInBrowser(url: string, folder: string, tell: (problem: string) => void): Promise<void> {
  const path = join(folder, "open.html");
  await writeFile(path, `<!doctype html><meta http-equiv="refresh" content="0; url=${url}"><title>Swaplab</title>\n`, { mode: 0o600 });
  try {
    const exitCode = await launch("xdg-open", [path], watchMs);
    if (exitCode !== null && exitCode !== 0) tell("xdg-open could not show it.");
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    tell(error.message);
  }
}
