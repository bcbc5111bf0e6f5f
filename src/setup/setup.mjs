// @ts-check
// Makes a fresh clone ready to run, with Node's own modules only: nothing else is there yet.
import { fileURLToPath } from "node:url";
import { endChildrenWithUs, SetupError } from "./children.mjs";
import { ensureNodeModules } from "./node-modules.mjs";
import { ensurePrograms } from "./programs.mjs";

/** The repository's folder. */
export const root = fileURLToPath(new URL("../..", import.meta.url));

/** This machine cannot run the lab: a bisection skips it. */
const cannotRunExitCode = 125;
const oldestNode = [20, 19];

function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = oldestNode;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return;
  throw new SetupError(`Node ${process.versions.node} is too old: ${oldestNode.join(".")} or newer is needed.`);
}

/**
 * Brings everything that is missing, then does `more`; ends the process with what to do when it cannot.
 * Quick when nothing is missing.
 *
 * @param {(root: string) => Promise<void>} more
 */
export async function setUp(more = async () => {}) {
  const release = endChildrenWithUs();
  try {
    requireNode();
    await ensurePrograms();
    await ensureNodeModules(root);
    await more(root);
  } catch (error) {
    process.stderr.write(`set-up: ${error instanceof SetupError ? error.message : error instanceof Error ? error.stack : String(error)}\n`);
    process.exit(cannotRunExitCode);
  } finally {
    release();
  }
}
