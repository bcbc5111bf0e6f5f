import { describe, expect, test } from "vitest";
import type { Observation } from "../workload/observation.ts";
import { endChecks, endRemarks, endText, isSkip, type ProgramEnd, readingsOf } from "./program.ts";

const end = (change: Partial<ProgramEnd>): ProgramEnd => ({ how: "exit", value: 0, leftBehind: 0, stuck: 0, oomKills: 0, ...change });

describe("an end in words, and whether it is as it must be", () => {
  test.each<[Partial<ProgramEnd>, string, boolean]>([
    [{}, "exited with 0", true],
    [{ value: 1 }, "exited with 1", false],
    [{ value: 127 }, "exited with 127", false],
    [{ how: "signal", value: 11 }, "was killed by SIGSEGV (invalid memory reference)", false],
    [{ how: "signal", value: 40 }, "was killed by signal 40", false],
    [{ how: "signal", value: 9 }, "was killed by SIGKILL (kill)", false],
    [{ how: "signal", value: 9, oomKills: 1 }, "was killed by the kernel because memory ran out", false],
    [{ how: "timeout" }, "did not end within 2.5 s and was killed", false],
    [{ leftBehind: 3 }, "exited with 0", true],
  ])("%j", (change, text, ok) => {
    expect(endText(end(change), 2500)).toBe(text);
    expect(endChecks(end(change), 2500).map(({ name, ok: holds }) => [name, holds])).toEqual([["program.end", ok]]);
  });

  test("a program that says it cannot be run, or could not be, is not judged", () => {
    expect([isSkip(end({ value: 4 })), isSkip(end({ how: "signal", value: 4 })), isSkip(end({ value: 1 }))]).toEqual([true, false, false]);
    expect([...endChecks(end({ value: 4 }), 1), ...endChecks(end({ how: "refused", value: 8 }), 1)]).toEqual([]);
  });

  test("what cannot be killed is wrong whatever the program says", () => {
    expect(endChecks(end({ stuck: 2 }), 1).filter(({ ok }) => !ok)).toMatchObject([{ name: "program.unkillable", model: 0, real: 2 }]);
  });
});

test("what is no reason to fail is told", () => {
  expect(endRemarks(end({}))).toEqual([]);
  expect(endRemarks(end({ leftBehind: 1 }))[0]).toMatch(/^a process lived on/);
  expect(endRemarks(end({ leftBehind: 3 }))[0]).toMatch(/^3 processes lived on/);
  expect(endRemarks(end({ oomKills: 2 }))[0]).toMatch(/killed 2 processes that the program had started/);
  expect(endRemarks(end({ how: "signal", value: 9, oomKills: 1 }))).toEqual([]);
});

test("readings are what happened, by the names of checks", () => {
  const observation: Observation = {
    step: 1,
    vmstat: { pswpout: 4096, pswpin: 0 },
    gauges: { nr_swapcached: 0, nr_writeback: 0 },
    folioStats: { 64: { swpout: 2, split: 0 } },
    calls: { folio_free_swap: 8, swap_free: 0 },
    returns: { __try_to_reclaim_swap: { "16": 2, "-1": 1 }, other: {} },
    swapAreas: [{ name: "swap", swapType: 0, sizeKb: 1020, usedKb: 64, priority: -2 }, { name: "", swapType: -1, sizeKb: 1020, usedKb: 4, priority: -3 }],
    placements: [],
    wrongPages: 0,
    errno: "",
  };
  expect(readingsOf(observation)).toEqual([
    { name: "swap0.used_kb", value: 64 },
    { name: "gauge.nr_swapcached", value: 0 },
    { name: "vmstat.pswpout", value: 4096 },
    { name: "folio.64kB.swpout", value: 2 },
    { name: "calls.folio_free_swap", value: 8 },
    { name: "returns.__try_to_reclaim_swap", value: "-1:1 16:2" },
  ]);
});
