import { describe, expect, test } from "vitest";
import { failResult, invalidResult, lostResult, passResult } from "../../test/sample-results.ts";
import { bisectLine, type BisectRules, judgeForBisect, parseExpectation } from "./expectation.ts";

const rules = (...texts: readonly string[]): BisectRules => ({ pass: false, lost: "skip", expectations: texts.map((text) => parseExpectation(text)!) });

test.each([
  ["pageout/swpout 64kB=256", { step: "pageout", metric: "swpout 64kB", operator: "=", value: "256" }],
  ["4/calls.__try_to_reclaim_swap <= 300", { step: "4", metric: "calls.__try_to_reclaim_swap", operator: "<=", value: "300" }],
  ["unmap/error!=", { step: "unmap", metric: "error", operator: "!=", value: "" }],
  ["unmap/returns.f=-512:1 16:256", { step: "unmap", metric: "returns.f", operator: "=", value: "-512:1 16:256" }],
])("%s", (text, expectation) => {
  expect(parseExpectation(text)).toEqual(expectation);
});

test.each(["pswpout=1", "pageout/pswpout", "pageout/pswpout<many", "/a=1", ""])("%j is no expectation", (text) => {
  expect(parseExpectation(text)).toBeNull();
});

describe("the verdict, where nothing else is expected", () => {
  test.each([
    ["a pass", passResult, "good"],
    ["a fail", failResult, "bad"],
    ["a guest that was lost", lostResult, "skip"],
    ["a run that could not be judged", invalidResult, "skip"],
  ] as const)("%s is %s", (_name, result, says) => {
    expect(judgeForBisect(result(), rules()).says).toBe(says);
  });

  test("a lost guest is bad when a person says so", () => {
    expect(judgeForBisect(lostResult(), { ...rules(), lost: "bad" }).says).toBe("bad");
  });
});

describe("metrics", () => {
  test.each([
    ["pageout/swpout 64kB=256", "good"],
    ["pageout/folio.64kB.swpout=256", "good"],
    ["3/swpout 64kB=256", "good"],
    ["pageout/swpout 64kB=8", "bad"],
    ["unmap/__try_to_reclaim_swap<=255", "bad"],
    ["unmap/__try_to_reclaim_swap<257", "good"],
    ["unmap/__try_to_reclaim_swap>=256", "good"],
    ["unmap/__try_to_reclaim_swap>256", "bad"],
    ["unmap/__try_to_reclaim_swap returns=16:256", "good"],
    ["unmap/error=", "good"],
    ["unmap/error!=", "bad"],
    ["unmap/error=ENOMEM", "bad"],
    ["unmap/no_such_call=1", "skip"],
    ["read/pswpin=1", "skip"],
  ])("%s is %s", (text, says) => {
    expect(judgeForBisect(passResult(), rules(text)).says).toBe(says);
  });

  test("the model's opinion does not matter beside a metric, unless pass is asked for too", () => {
    const asked = rules("unmap/__try_to_reclaim_swap=256");
    expect([judgeForBisect(failResult(), asked).says, judgeForBisect(failResult(), { ...asked, pass: true }).says]).toEqual(["good", "bad"]);
  });

  test("all have to hold, and one that is not to be found keeps everything from being judged", () => {
    const [holds, fails, missing] = ["pageout/pswpout=4096", "pageout/pswpout=1", "pageout/nothing=1"];
    const says = (...texts: readonly string[]): string => judgeForBisect(passResult(), rules(...texts)).says;
    expect([says(holds!, holds!), says(holds!, fails!), says(fails!, missing!)]).toEqual(["good", "bad", "skip"]);
  });

  test("an op that a run has twice has to be said by number", () => {
    const result = passResult();
    const twice = { ...result, steps: [...result.steps, { ...result.steps[4]!, index: 5 }] };
    expect(judgeForBisect(twice, rules("unmap/error="))).toEqual({ says: "skip", reason: "there are 2 steps unmap; say which by its number: 4, 5" });
    expect(judgeForBisect(twice, rules("5/error=")).says).toBe("good");
  });
});

test("the line says what was seen and what was expected", () => {
  const line = (...texts: readonly string[]): string => bisectLine(judgeForBisect(passResult(), rules(...texts)), passResult());
  expect(line("pageout/swpout 64kB=8")).toBe("bad 6.12.117+deb12-cloud-amd64: pageout/swpout 64kB is 256, expected 8");
  expect(line("pageout/swpout 64kB=256", "unmap/error=")).toBe("good 6.12.117+deb12-cloud-amd64: pageout/swpout 64kB is 256, unmap/error is none");
  expect(line("unmap/__try_to_reclaim=1")).toMatch(/^skip 6\.12\S+: this kernel shows no __try_to_reclaim in unmap; near are .*calls\.__try_to_reclaim_swap/);
});

test("a line is one line, whatever the reason holds", () => {
  const result = { ...invalidResult(), reason: `two\nlines \x1b[31m ${"long ".repeat(100)}` };
  const line = bisectLine(judgeForBisect(result, rules()), result);
  expect(line).toMatch(/^skip [\x20-\x7e]{1,240}$/);
});
