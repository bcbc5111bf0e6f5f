// @ts-check
// The npm packages, as package-lock.json has them.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { firstLines, runChild, SetupError } from "./children.mjs";
import { say } from "./say.mjs";

const installDeadlineMs = 900_000;

/**
 * @typedef {{ version?: string, integrity?: string, optional?: boolean, devOptional?: boolean }} LockEntry
 */

/**
 * @param {string} path
 * @returns {Record<string, LockEntry> | undefined}
 */
function readPackages(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8")).packages;
  } catch {
    return undefined;
  }
}

/**
 * Compares the lock file with the one that npm leaves in node_modules when, and only when, an installation is
 * complete. Packages for other platforms are in the first and not in the second.
 *
 * @param {string} root
 */
function isInstalled(root) {
  const wanted = readPackages(join(root, "package-lock.json"));
  const present = readPackages(join(root, "node_modules/.package-lock.json"));
  if (wanted === undefined) throw new SetupError(`${join(root, "package-lock.json")} is missing or damaged. Get it back from version control.`);
  if (present === undefined) return false;
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === "") continue;
    const found = present[path];
    if (found === undefined ? entry.optional !== true && entry.devOptional !== true : found.version !== entry.version || found.integrity !== entry.integrity) {
      return false;
    }
  }
  return Object.keys(present).every((path) => path in wanted);
}

/**
 * Runs `npm ci` unless node_modules is what package-lock.json says.
 *
 * @param {string} root
 */
export async function ensureNodeModules(root) {
  if (isInstalled(root)) return;
  say("installing npm packages: npm ci");
  const started = performance.now();
  // Under npm its own program is named in the environment, and may be another than the one in PATH.
  const npm = process.env["npm_execpath"];
  const [command, ...prefix] = npm === undefined ? ["npm"] : [process.execPath, npm];
  const args = [...prefix, "ci", "--include=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  const { exitCode, output } = await runChild(/** @type {string} */ (command), args, { deadlineMs: installDeadlineMs, cwd: root });
  if (exitCode !== 0) throw new SetupError(`npm ci failed:\n${firstLines(output)}`);
  if (!isInstalled(root)) throw new SetupError("npm ci left node_modules other than package-lock.json says. Remove node_modules and start again.");
  say(`installed in ${((performance.now() - started) / 1000).toFixed(1)} s`);
}
