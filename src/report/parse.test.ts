import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hostileResult } from "../../test/hostile.ts";
import { failResult, passResult } from "../../test/sample-results.ts";
import { toJson } from "./json.ts";
import { parseResult } from "./parse.ts";
import { resultLimits } from "./result.ts";

function problemOf(value: unknown): string {
  const parsed = parseResult(typeof value === "string" ? value : JSON.stringify(value));
  if (parsed.ok) throw new Error("it was accepted");
  return parsed.problem;
}

test("a result reads back as it was written", () => {
  for (const result of [passResult(), failResult()]) expect(parseResult(toJson(result))).toEqual({ ok: true, result });
});

test("whatever strings are in it, its JSON shows nothing that a terminal acts upon and reads back the same", () => {
  fc.assert(
    fc.property(hostileResult, (result) => {
      const text = toJson(result);
      expect(text.replaceAll("\n", "")).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(result)));
    }),
  );
});

describe("a wrong field is named by its path", () => {
  test("a missing one", () => {
    const { reason: _, ...rest } = passResult();
    expect(problemOf(rest)).toBe("reason is missing");
  });

  test("a wrong one deep inside", () => {
    const text = toJson(passResult()).replace('"kind": "exact"', '"kind": "nearly"');
    expect(problemOf(text)).toBe('steps[0].checks[0].kind should be ("exact" | "bounded" | "invariant"), not "nearly"');
  });

  test("a number beyond all numbers", () => {
    const text = toJson(passResult()).replace(/"bootMs": \d+/, '"bootMs": 1e999');
    expect(problemOf(text)).toMatch(/^timings\.bootMs /);
  });

  test("a document that is something else", () => {
    expect(problemOf("[]")).toBe("schema is missing");
    expect(problemOf("null")).toBe("the whole document should be Object, not null");
    expect(problemOf("{")).toMatch(/^not JSON: /);
  });
});

test("another schema version is said to be one", () => {
  expect(problemOf({ ...passResult(), schema: "swaplab.result/9" })).toBe(
    'its schema is "swaplab.result/9"; this version reads "swaplab.result/1"',
  );
});

test("what is longer than any result of ours is refused", () => {
  expect(problemOf({ ...passResult(), reason: "x".repeat(resultLimits.lineLength + 1) })).toBe(
    `reason is longer than ${resultLimits.lineLength}`,
  );
  const steps = Array.from({ length: resultLimits.stepCount + 1 }, () => ({ index: 0, op: "", text: "", durationMs: 0, checks: [] }));
  expect(problemOf({ ...passResult(), steps })).toBe(`steps is longer than ${resultLimits.stepCount}`);
  expect(problemOf(" ".repeat(resultLimits.textBytes + 1))).toBe("more than 32 MiB of text");
});

test("a problem quotes nothing that a terminal acts upon", () => {
  expect(problemOf({ ...passResult(), schema: "\x1b[2J" })).toContain("^[[2J");
  expect(problemOf("\x1b]0;x\x07")).not.toContain("\x1b");
});
