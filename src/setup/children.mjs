// @ts-check
// Programs that the set-up and the tests run: with a deadline, and ended within a second by Ctrl-C.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";

/** Between asking a program to end and making it. */
const termGraceMs = 400;
const outputKeptChars = 64 * 1024;
const setpriv = "/usr/bin/setpriv";

/** A set-up that cannot go on: what is wrong and what to do, for a person. */
export class SetupError extends Error {}

/**
 * @typedef {object} ChildOptions
 * @property {number} deadlineMs
 * @property {Record<string, string>} [env] added to our own environment
 * @property {string} [cwd]
 * @property {boolean} [isShown] prints to our own output; otherwise what it prints is handed back
 * @property {boolean} [isPatient] is never killed outright: a package manager would leave packages half installed
 */

/** @type {Map<import("node:child_process").ChildProcess, boolean>} */
const running = new Map();

/**
 * @param {import("node:child_process").ChildProcess} child
 * @param {NodeJS.Signals} signal
 */
function signalGroup(child, signal) {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // It ended between the look and the kill.
  }
}

/** @param {import("node:child_process").ChildProcess} child */
function end(child) {
  signalGroup(child, "SIGTERM");
  if (running.get(child) === true) return;
  setTimeout(() => signalGroup(child, "SIGKILL"), termGraceMs).unref();
}

/**
 * Runs a program to its end. Its exit status is for the caller to judge.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {ChildOptions} options
 * @returns {Promise<{ exitCode: number, output: string }>}
 */
export function runChild(command, args, { deadlineMs, env = {}, cwd, isShown = false, isPatient = false }) {
  // A program that is tied to us dies with us even by SIGKILL.
  const isTied = !isPatient && existsSync(setpriv);
  const [program, ...rest] = isTied ? [setpriv, "--pdeathsig", "KILL", "--", command, ...args] : [command, ...args];
  return new Promise((resolve, reject) => {
    const child = spawn(/** @type {string} */ (program), rest, {
      cwd,
      env: { ...process.env, ...env },
      stdio: isShown ? ["ignore", "inherit", "inherit"] : ["ignore", "pipe", "pipe"],
      detached: true,
    });
    running.set(child, isPatient);
    let output = "";
    /** @param {Buffer} chunk */
    const keep = (chunk) => {
      output = (output + chunk.toString("utf8")).slice(-outputKeptChars);
    };
    child.stdout?.on("data", keep);
    child.stderr?.on("data", keep);
    let isLate = false;
    const deadline = setTimeout(() => {
      isLate = true;
      end(child);
    }, deadlineMs);
    const settle = () => {
      clearTimeout(deadline);
      running.delete(child);
    };
    child.on("error", (error) => {
      settle();
      reject(new SetupError(`${command} could not be started: ${error.message}`));
    });
    child.on("close", (exitCode) => {
      settle();
      if (isLate) reject(new SetupError(`${[command, ...args].join(" ")} did not end within ${deadlineMs / 1000} s.\n${lastLines(output)}`));
      else resolve({ exitCode: exitCode ?? 1, output });
    });
  });
}

/**
 * The end of what a program printed, for showing why it failed.
 *
 * @param {string} output
 */
export function lastLines(output) {
  return output.trimEnd().split("\n").slice(-15).map((line) => `  ${line}`).join("\n");
}

/**
 * The start of what a program printed: npm says what is wrong first and explains itself at length afterwards.
 *
 * @param {string} output
 */
export function firstLines(output) {
  return output.trim().split("\n").slice(0, 10).map((line) => `  ${line}`).join("\n");
}

/** @type {readonly NodeJS.Signals[]} */
const endingSignals = ["SIGINT", "SIGTERM", "SIGHUP"];

/**
 * Makes Ctrl-C end every running program and then us. Returns a function that takes this back.
 *
 * @returns {() => void}
 */
export function endChildrenWithUs() {
  /** @param {NodeJS.Signals} signal */
  const onSignal = (signal) => {
    for (const child of running.keys()) end(child);
    const exitCode = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 }[/** @type {"SIGHUP" | "SIGINT" | "SIGTERM"} */ (signal)];
    const waitMs = 50;
    let leftMs = 2 * termGraceMs;
    setInterval(() => {
      leftMs -= waitMs;
      if (running.size === 0 || leftMs <= 0) process.exit(exitCode);
    }, waitMs);
  };
  for (const signal of endingSignals) process.once(signal, onSignal);
  return () => {
    for (const signal of endingSignals) process.off(signal, onSignal);
  };
}
