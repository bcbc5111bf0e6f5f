import fc from "fast-check";
import type { Check, ProgramResult, Reading, Result, Step } from "../src/report/result.ts";
import { passResult, programResult } from "./sample-results.ts";

/** Results as somebody with bad intentions would make them: well-formed, with anything in every string. */

const escapes = ["\x1b]0;title\x07", "\x1b[2J", "\u009b31m", "\r\n", "\u202e", "\u2028", "\x7f", "\u200b", "漢字", "🐧", "e\u0301\u0301\u0301\u0301\u0301\u0301"];
const nasty: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.array(fc.oneof(fc.constantFrom(...escapes), fc.string({ maxLength: 8 })), { maxLength: 30 }).map((parts) => parts.join("")),
  fc.string({ minLength: 90, maxLength: 300 }),
);

const placement = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 600 }), fc.nat(70_000), fc.constantFrom("swap", "present", "none")), { minLength: 1, maxLength: 8 })
  .map((runs) => {
    let page = 0;
    return runs
      .map(([count, offset, state]) => {
        const first = page;
        page += count;
        return state === "swap" ? `${first}+${count}@${offset}` : `${first}+${count}:${state}`;
      })
      .join(",");
  });

const value = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer(), nasty, placement);
const metric = fc.oneof(
  nasty,
  fc.constantFrom("placement.main.a", "returns.__try_to_reclaim_swap", "vmstat.pswpout", "swap0.used_kb", "calls.swap_page_trans_huge_swapped", "errno"),
);

const check: fc.Arbitrary<Check> = fc.record(
  {
    name: metric,
    kind: fc.constantFrom("exact" as const, "bounded" as const, "invariant" as const),
    model: value,
    real: value,
    ok: fc.boolean(),
    low: fc.integer(),
    high: fc.integer(),
    reason: nasty,
  },
  { requiredKeys: ["name", "kind", "model", "real", "ok"] },
);

const readings: fc.Arbitrary<Reading[]> = fc.array(fc.record({ name: metric, value }), { maxLength: 4 });
const stream = fc.record({ sizeBytes: fc.nat(), keptBytes: fc.nat(), lines: fc.array(nasty, { maxLength: 14 }) });
const program: fc.Arbitrary<ProgramResult> = fc.record({ path: nasty, endText: nasty, stdout: stream, stderr: stream }).map((parts) => ({ ...programResult().program!, ...parts }));

const steps: fc.Arbitrary<Step[]> = fc
  .array(fc.record({ op: fc.oneof(nasty, fc.constant("pageout")), text: nasty, durationMs: fc.double({ noNaN: true, noDefaultInfinity: true }), checks: fc.array(check, { maxLength: 6 }), readings }), { maxLength: 5 })
  .map((list) => list.map((step, index) => ({ index, ...step })));

export const hostileResult: fc.Arbitrary<Result> = fc
  .record({
    run: nasty,
    verdict: fc.constantFrom("pass" as const, "fail" as const, "lost" as const, "invalid" as const),
    text: fc.array(nasty, { minLength: 12, maxLength: 12 }),
    command: fc.array(nasty, { maxLength: 6 }),
    lists: fc.tuple(fc.array(nasty, { maxLength: 5 }), fc.array(nasty, { maxLength: 5 }), fc.array(nasty, { maxLength: 20 })),
    forced: fc.boolean(),
    steps,
    program: fc.option(program),
    divergence: fc.option(fc.record({ step: fc.nat(6), op: nasty, metric, model: value, real: value })),
  })
  .map(({ run, verdict, text, command, lists, forced, steps: stepList, program: ofProgram, divergence }): Result => {
    const base = passResult();
    const [reason = "", name = "", title = "", device = "", release = "", features = "", generation = "", accelerator = "", qemu = "", version = "", sha256 = "", parameter = ""] = text;
    return {
      ...base,
      run,
      verdict,
      reason,
      command,
      experiment: { ...base.experiment, name, title, device, parameters: { [parameter]: parameter } },
      kernel: { ...base.kernel, release, features, generation, packageVersion: version, sha256 },
      model: { generation, forced },
      host: { ...base.host, accelerator, qemu },
      assumptions: lists[0],
      remarks: lists[1],
      lastWords: lists[2],
      steps: stepList,
      ...(ofProgram !== null && { program: ofProgram }),
      firstDivergence: divergence,
    };
  });

/** Anything that a terminal might act upon. */
export const actedUpon = /[\p{C}\p{Zl}\p{Zp}]/u;
