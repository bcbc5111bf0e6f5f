import { expect, test } from "vitest";
import type { RaceReport } from "../../../src/report/race.ts";
import { verdictWords } from "./race-words.ts";

const report: RaceReport = {
  schema: "swaplab.race/1",
  scenario: "swapoff",
  title: "",
  switches: {},
  without: null,
  verdict: "holds",
  stoppedBy: "",
  stateCount: 1234,
  stepCount: 5678,
  depth: 19,
  stateLimit: 5_000_000,
  walks: null,
  properties: [],
  counterexample: null,
  explanation: [],
  assumptions: [],
};

test("found, exhausted and not exhausted are told apart in words", () => {
  expect(verdictWords(report)).toEqual({ headline: "Exhausted: every order of steps was tried, and nothing fails", size: "1,234 states, 5,678 steps tried, 19 deep" });
  const trace = { lanes: [], variables: [], start: [], steps: [{ lane: 0, name: "", does: "", touches: "", values: [], changed: [], broken: [] }] };
  expect(verdictWords({ ...report, verdict: "broken", counterexample: { property: "freed structures are used", isShortest: true, trace } })).toEqual({
    headline: "Found: freed structures are used, after 1 step",
    size: "1,234 states, 5,678 steps tried",
  });
  const open = { ...report, verdict: "not-exhausted" as const, stoppedBy: "deadline" };
  expect(verdictWords(open).headline).toBe("Not exhausted: the time was up; nothing was found until then");
  expect(verdictWords({ ...open, walks: { seed: 7, count: 2000 } }).headline).toContain("nor on 2,000 random walks from seed 7");
});

test("a failure that no single state decides is named by the property", () => {
  const waits = { kind: "never" as const, name: "somebody waits for ever", holds: "no" as const, depth: null };
  expect(verdictWords({ ...report, verdict: "broken", properties: [waits] }).headline).toBe("Found: somebody waits for ever");
});
