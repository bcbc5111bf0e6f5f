// @ts-check
// The programs the lab needs from the host, and how a Debian host gets those that are missing.
import { accessSync, constants, existsSync, readFileSync, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { lastLines, runChild, SetupError } from "./children.mjs";
import { say } from "./say.mjs";

const updateDeadlineMs = 300_000;
const installDeadlineMs = 1_200_000;
const sudoDeadlineMs = 10_000;

/**
 * @typedef {object} Program
 * @property {string} name
 * @property {string} program looked for in PATH; "" when `files` says where to look
 * @property {string[]} files one of them is enough
 * @property {boolean} isStatic only a statically linked one will do, because the guest has no libraries
 * @property {string} package the Debian package that brings it
 * @property {string} use
 */

/**
 * @param {string} file
 * @returns {Program[]}
 */
const readPrograms = (file) => JSON.parse(readFileSync(new URL(file, import.meta.url), "utf8"));

/** What a run needs; what else the page's tests and pictures do, and the races' tests and bench. */
const runPrograms = readPrograms("programs.json");
export const pagePrograms = readPrograms("page-programs.json");
export const racePrograms = readPrograms("race-programs.json");

/** @param {string} name */
function findInPath(name) {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin"];
  for (const folder of folders) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      if (statSync(path).isFile()) return path;
    } catch {
      // Not here: the next folder.
    }
  }
  return undefined;
}

/**
 * True for an ELF that names no dynamic loader.
 *
 * @param {string} path
 */
function isStaticElf(path) {
  const programHeaderInterpreter = 3;
  const elf = readFileSync(path);
  if (elf.length < 64 || elf.readUInt32BE(0) !== 0x7f454c46) return false;
  const offset = Number(elf.readBigUInt64LE(32));
  const entryBytes = elf.readUInt16LE(54);
  const count = elf.readUInt16LE(56);
  for (let i = 0; i < count; i++) {
    if (elf.readUInt32LE(offset + i * entryBytes) === programHeaderInterpreter) return false;
  }
  return true;
}

/** @param {Program} program */
function isPresent({ program, files, isStatic }) {
  if (program === "") return files.some((file) => existsSync(file));
  const path = findInPath(program);
  return path !== undefined && (!isStatic || isStaticElf(path));
}

/** How to become root: nothing to do, sudo without a password, or not at all. */
async function rootPrefix() {
  if (process.getuid?.() === 0) return [];
  if (findInPath("sudo") === undefined) return null;
  const { exitCode } = await runChild("sudo", ["-n", "true"], { deadlineMs: sudoDeadlineMs });
  return exitCode === 0 ? ["sudo", "-n"] : null;
}

/**
 * @param {readonly string[]} prefix
 * @param {readonly string[]} args
 * @param {number} deadlineMs
 */
function aptGet(prefix, args, deadlineMs) {
  // sudo drops the environment, so env sets what apt must know behind it.
  const [command, ...rest] = [...prefix, "env", "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C", "apt-get", "-q", "-y", ...args];
  return runChild(/** @type {string} */ (command), rest, { deadlineMs, isPatient: true });
}

/**
 * @param {readonly string[]} prefix
 * @param {readonly string[]} packages
 */
async function install(prefix, packages) {
  const args = ["install", "--no-install-recommends", ...packages];
  const first = await aptGet(prefix, args, installDeadlineMs);
  if (first.exitCode === 0) return;
  // Lists that are missing or older than the mirror are the one failure that an update mends.
  if (!/Unable to locate|no installation candidate|404 |Failed to fetch|Hash Sum/.test(first.output)) throw installFailure(packages, first.output);
  say("apt-get update (the package lists are missing or old)");
  const update = await aptGet(prefix, ["update"], updateDeadlineMs);
  const second = await aptGet(prefix, args, installDeadlineMs);
  if (second.exitCode !== 0) throw installFailure(packages, `${update.exitCode === 0 ? "" : update.output}\n${second.output}`);
}

/**
 * @param {readonly string[]} packages
 * @param {string} output
 */
function installFailure(packages, output) {
  return new SetupError(`apt-get could not install ${packages.join(" ")}:\n${lastLines(output)}`);
}

/** Brings the programs that are missing. Looks at files only when none is. */
export async function ensurePrograms(programs = runPrograms) {
  const missing = programs.filter((program) => !isPresent(program));
  if (missing.length === 0) return;
  const packages = missing.map((program) => program.package);
  say("missing on this machine:");
  for (const { name, package: packageName, use } of missing) say(`  ${name} (${packageName}): ${use}`);
  if (findInPath("apt-get") === undefined) {
    throw new SetupError(`This machine has no apt-get. Install with its own package manager: ${missing.map(({ name }) => name).join(", ")}.`);
  }
  const prefix = await rootPrefix();
  if (prefix === null) {
    throw new SetupError(`Installing them takes root. Run this, then start again:\n  sudo apt-get install --no-install-recommends ${packages.join(" ")}`);
  }
  const started = performance.now();
  say(`installing: apt-get install ${packages.join(" ")}`);
  await install(prefix, packages);
  const still = missing.filter((program) => !isPresent(program));
  if (still.length > 0) {
    throw new SetupError(`Still missing after apt-get install: ${still.map(({ name }) => name).join(", ")}. Run:\n  apt-get install --reinstall ${still.map((program) => program.package).join(" ")}`);
  }
  say(`installed in ${((performance.now() - started) / 1000).toFixed(1)} s`);
}
