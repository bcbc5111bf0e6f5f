// @ts-check
// What `npm test` runs, one stage after the other.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureBundle } from "./bundle.mjs";
import { runChild } from "./children.mjs";
import { ensurePage } from "./page.mjs";
import { ensurePrograms, pagePrograms, racePrograms } from "./programs.mjs";

const minuteMs = 60_000;

/**
 * @typedef {object} Outcome
 * @property {boolean} isOk
 * @property {number} passed tests, 0 for a stage that has none
 * @property {number} failed
 * @property {number} skipped
 * @property {string} summary shown behind the stage's name
 * @property {string} details shown when it is not ok
 *
 * @typedef {object} Stage
 * @property {string} name
 * @property {(root: string) => Promise<Outcome>} run
 * @property {boolean} [onlyByName] not among the stages that run when none is named
 */

/**
 * @param {boolean} isOk
 * @param {string} summary
 * @param {string} details
 * @returns {Outcome}
 */
function checked(isOk, summary, details) {
  return { isOk, passed: 0, failed: isOk ? 0 : 1, skipped: 0, summary, details };
}

/**
 * Runs a program of node_modules.
 *
 * @param {string} root
 * @param {string} name
 * @param {readonly string[]} args
 * @param {{ deadlineMs: number, isShown?: boolean }} options
 */
function tool(root, name, args, options) {
  return runChild(join(root, "node_modules/.bin", name), args, { ...options, cwd: root });
}

/** @param {string} root */
function typeConfigs(root) {
  return ["src", "main", "renderer", "test", "test/electron-host/page"].flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((name) => /^tsconfig.*\.json$/.test(name))
      .map((name) => join(folder, name)),
  );
}

/**
 * @param {string} root
 * @returns {Promise<Outcome>}
 */
async function checkTypes(root) {
  const configs = typeConfigs(root);
  let details = "";
  for (const config of configs) {
    const { exitCode, output } = await tool(root, "tsc", ["-p", config], { deadlineMs: 5 * minuteMs });
    if (exitCode !== 0) details += `${config}:\n${output}\n`;
  }
  return checked(details === "", `${configs.length} configurations`, details);
}

/**
 * @param {string} root
 * @returns {Promise<Outcome>}
 */
async function build(root) {
  await ensureBundle(root);
  await ensurePage(root);
  return checked(true, "", "");
}

/**
 * Our own sources, counted to hold against what the linter says that it read.
 *
 * @param {string} folder
 */
function sourceCount(folder) {
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => /\.(?:tsx?|mjs)$/.test(name)).length;
}

/**
 * @param {string} root
 * @returns {Promise<Outcome>}
 */
async function lint(root) {
  const { exitCode, output } = await tool(root, "oxlint", ["--type-aware", "--deny-warnings"], { deadlineMs: 5 * minuteMs });
  const readCount = Number(/on (\d+) files/.exec(output)?.[1] ?? 0);
  const ownCount = ["src", "main", "renderer", "test"].reduce((sum, folder) => sum + sourceCount(join(root, folder)), 0);
  if (readCount < ownCount) return checked(false, `${readCount} files`, `The linter read ${readCount} of at least ${ownCount} files.\n${output}`);
  return checked(exitCode === 0, `${readCount} files`, output);
}

/**
 * @param {string} root
 * @returns {Promise<Outcome>}
 */
async function findDeadCode(root) {
  const { exitCode, output } = await tool(root, "knip", [], { deadlineMs: 5 * minuteMs });
  return checked(exitCode === 0, "", output);
}

/**
 * @param {"unit" | "process" | "model" | "page" | "app" | "guest" | "ladder"} project
 * @param {number} deadlineMs
 * @returns {(root: string) => Promise<Outcome>}
 */
function vitest(project, deadlineMs) {
  return async (root) => {
    const folder = mkdtempSync(join(tmpdir(), "swaplab-test-"));
    const reportPath = join(folder, "report.json");
    try {
      const args = ["run", "--config", "vitest.config.ts", "--project", project, "--reporter=default", "--reporter=json", `--outputFile.json=${reportPath}`];
      const { exitCode } = await tool(root, "vitest", args, { deadlineMs, isShown: true });
      return countTests(exitCode, reportPath);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };
}

/**
 * @param {number} exitCode
 * @param {string} reportPath
 * @returns {Outcome}
 */
function countTests(exitCode, reportPath) {
  /** @type {{ numPassedTests: number, numFailedTests: number, numPendingTests: number, numTodoTests: number }} */
  let report;
  try {
    report = JSON.parse(readFileSync(reportPath, "utf8"));
  } catch {
    return checked(false, "", "vitest ended without a report.");
  }
  const { numPassedTests: passed, numFailedTests, numPendingTests, numTodoTests } = report;
  const skipped = numPendingTests + numTodoTests;
  // A file that does not load, or an error outside any test, fails the run without a failed test.
  const failed = numFailedTests === 0 && exitCode !== 0 ? 1 : numFailedTests;
  return { isOk: exitCode === 0, passed, failed, skipped, summary: `${passed} passed, ${failed} failed`, details: "" };
}

/**
 * @param {string} root
 * @returns {Promise<Outcome>}
 */
async function testPage(root) {
  await ensurePrograms(pagePrograms);
  await ensurePage(root);
  return vitest("page", 5 * minuteMs)(root);
}

/**
 * @param {string} root
 * @returns {Promise<Outcome>}
 */
async function testModel(root) {
  await ensurePrograms(racePrograms);
  return vitest("model", 15 * minuteMs)(root);
}

/** @type {readonly Stage[]} */
export const stages = [
  { name: "types", run: checkTypes },
  { name: "build", run: build },
  { name: "lint", run: lint },
  { name: "dead-code", run: findDeadCode },
  { name: "unit", run: vitest("unit", 5 * minuteMs) },
  { name: "process", run: vitest("process", 5 * minuteMs) },
  { name: "model", run: testModel },
  { name: "page", run: testPage },
  { name: "app", run: vitest("app", 10 * minuteMs) },
  { name: "guest", run: vitest("guest", 50 * minuteMs) },
  { name: "ladder", run: vitest("ladder", 120 * minuteMs), onlyByName: true },
];

/**
 * Runs stages and prints how each went. A check that is not a test counts as one failed test when it fails, so
 * that the last line never looks better than the run was.
 *
 * @param {string} root
 * @param {readonly Stage[]} chosen
 */
export async function runStages(root, chosen) {
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const { name, run } of chosen) {
    process.stdout.write(`== ${name}\n`);
    const started = performance.now();
    const outcome = await run(root).catch((error) => checked(false, "", error instanceof Error ? error.message : String(error)));
    total.passed += outcome.passed;
    total.failed += outcome.failed;
    total.skipped += outcome.skipped;
    if (!outcome.isOk && outcome.details !== "") process.stdout.write(`${outcome.details.trimEnd()}\n`);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    process.stdout.write(`== ${name}: ${outcome.isOk ? "ok" : "FAILED"}${outcome.summary === "" ? "" : `, ${outcome.summary}`}, ${seconds} s\n`);
  }
  return total;
}
