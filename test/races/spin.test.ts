import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { Exploration } from "../../src/races/explorer.ts";
import { mutants } from "../../src/races/mutants.ts";
import { scenarios } from "../../src/races/scenarios.ts";
import { defaultSwitches, type Variant } from "../../src/races/switches.ts";
import { buildSpin, searchWithSpin } from "./spin.ts";

/**
 * The race with swapoff, modelled a second time in SPIN's language and searched by SPIN: the same states, one for one, the same steps
 * between them and the same verdicts.
 */

const folder = mkdtempSync(join(tmpdir(), "swaplab-spin-"));
const spin = { source: join(import.meta.dirname, "swapoff.pml"), folder };
afterAll(() => rmSync(folder, { recursive: true }));

const variant = (given: Partial<Variant>): Variant => ({ ...defaultSwitches, without: null, ...given });

/** What is compared. `failedAt`: steps to the first failure. */
interface Search {
  readonly stateCount: number;
  readonly stepCount: number;
  readonly fails: boolean;
  readonly failedAt: number | null;
}

function ours(asked: Variant): Search {
  const model = scenarios.find(({ name }) => name === "swapoff")!.build(asked);
  const exploration = new Exploration(model, { stateLimit: 1_000_000, goOn: true });
  while (exploration.advance(10_000));
  if (!exploration.isExhausted) throw new Error("not exhausted");
  const depths = exploration.findings().flatMap(({ property, holds, depth }) => (property.kind === "never" && holds === "no" ? [depth!] : []));
  return { stateCount: exploration.stateCount, stepCount: exploration.stepCount, fails: depths.length > 0, failedAt: depths.length === 0 ? null : Math.min(...depths) };
}

/** SPIN counts the start as a transition, and in each failed state the assertion that says so. */
async function theirs(asked: Variant, flags: readonly string[]): Promise<Search> {
  const { stateCount, transitionCount, failedCount, depth } = await searchWithSpin(await buildSpin(asked, flags, spin), spin);
  return { stateCount, stepCount: transitionCount - failedCount - 1, fails: failedCount > 0, failedAt: depth };
}

const both = [false, true];
const callers = ["anon", "shmem"] as const;
const main = callers.flatMap((caller) => both.flatMap((fix) => both.flatMap((rcu) => both.map((earlyExit) => ({ caller, fix, rcu, earlyExit })))));
const rest = callers.flatMap((caller) => both.flatMap((fix) => [{ shortcut: false }, { swapoffReclaims: true }, { clusterLock: true }, { swapon: true }].map((one) => ({ caller, fix, ...one }))));
const sizes = [1, 3, 4].flatMap((processes) => both.map((fix) => ({ processes, fix, swapoffReclaims: true })));
const all = { rcu: true, shortcut: false, swapoffReclaims: true, earlyExit: false, clusterLock: true, processes: 3 };
const together = callers.flatMap((caller) => both.map((fix) => ({ ...all, caller, fix })));

const depthFirst = ["-O0"];
const breadthFirst = ["-O0", "-DBFS"];

test.each<Partial<Variant>>([...main, ...rest, ...sizes, ...together])("%o", async (given) => {
  const own = ours(variant(given));
  // Depth first what is met first is seldom the shortest.
  expect({ ...(await theirs(variant(given), depthFirst)), failedAt: null }).toEqual({ ...own, failedAt: null });
});

test.each(mutants.filter(({ scenario }) => scenario === "swapoff"))("$switches without $without", async ({ switches, without }) => {
  const asked = variant({ ...switches, without });
  expect({ ...(await theirs(asked, depthFirst)), failedAt: null }).toEqual({ ...ours(asked), failedAt: null });
});

const broken: Partial<Variant>[] = [{}, { rcu: true, caller: "shmem" }, { clusterLock: true }, { processes: 1, swapoffReclaims: true }, { processes: 4 }];

test.each(broken)("breadth first, the shortest way to the failure is as long: %o", async (given) => {
  const own = ours(variant(given));
  expect(own.failedAt).not.toBeNull();
  expect(await theirs(variant(given), breadthFirst)).toEqual(own);
});
