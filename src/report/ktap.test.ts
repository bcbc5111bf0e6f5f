import fc from "fast-check";
import { expect, test } from "vitest";
import { actedUpon, hostileResult } from "../../test/hostile.ts";
import { failResult, invalidResult, lostResult, passResult } from "../../test/sample-results.ts";
import { resultKtap } from "./ktap.ts";
import type { Result } from "./result.ts";

/** A strict reader of the protocol: gives the outcome of every test by its path, or throws where a line is out of place. */
function readKtap(lines: readonly string[]): Map<string, string> {
  const outcomes = new Map<string, string>();
  let next = 0;
  const readBlock = (indent: string, path: string): void => {
    expect(lines[next]).toBe(`${indent}KTAP version 1`);
    const count = Number(/^1\.\.(\d+)$/.exec((lines[next + 1] ?? "").slice(indent.length))?.[1]);
    expect(count).toBeGreaterThan(0);
    next += 2;
    for (let number = 1; number <= count; number += 1) {
      const place = `${path}/${number}`;
      if (lines[next]?.startsWith(`${indent}  KTAP`)) readBlock(`${indent}  `, place);
      while (lines[next]?.startsWith(`${indent}# `)) next += 1;
      const line = (lines[next] ?? "").slice(indent.length);
      const match = /^(ok|not ok) (\d+)(?: [^#]*)?(?: # (?:(SKIP|ERROR) )?.*)?$/.exec(line);
      if (match === null || Number(match[2]) !== number) throw new Error(`line ${next + 1}: ${lines[next]}`);
      outcomes.set(place, match[3] ?? match[1] ?? "");
      next += 1;
    }
  };
  readBlock("", "");
  expect(next).toBe(lines.length);
  return outcomes;
}

/** As parsers do it: the outcome of a test is that of its innermost subtests. */
const failures = (result: Result): string[] =>
  [...readKtap(resultKtap(result))].filter(([, outcome]) => outcome === "not ok" || outcome === "ERROR").map(([place]) => place);

test("a pass", () => {
  expect(resultKtap({ ...passResult(), steps: passResult().steps.slice(3, 4) })).toMatchInlineSnapshot(`
    [
      "KTAP version 1",
      "1..1",
      "  KTAP version 1",
      "  1..1",
      "    KTAP version 1",
      "    1..8",
      "    ok 1 placement.main.a # model="512 @ 16384" kernel="512 @ 16384" (8 runs)",
      "    ok 2 swap0.used_kb # model=16384 kernel=16384",
      "    ok 3 gauge.nr_swapcached # model=4096 kernel=4096",
      "    ok 4 vmstat.pswpout # model=4096 kernel=4096",
      "    ok 5 vmstat.pswpin # model=0 kernel=0",
      "    ok 6 vmstat.thp_swpout # model=0 kernel=0",
      "    ok 7 folio.64kB.swpout # model=256 kernel=256",
      "    ok 8 folio.64kB.swpout_fallback # model=0 kernel=0",
      "  ok 1 pageout a pages 0..4095",
      "# kernel 6.12.117+deb12-cloud-amd64 (per-order clusters, batched free)",
      "# nvme, not rotating, 1 vCPU, TCG",
      "# model 6.12",
      "# run 2026-11-23-1",
      "ok 1 munmap-after-pageout",
    ]
  `);
  expect(failures(passResult())).toEqual([]);
  expect(readKtap(resultKtap(passResult())).size).toBe(1 + 5 + 31);
});

test("a fail fails in its checks, their steps and the experiment", () => {
  expect(failures(failResult())).toEqual(["/1/4/1", "/1/4/7", "/1/4", "/1/5/5", "/1/5/6", "/1/5/8", "/1/5", "/1"]);
});

test("a lost run has a subtest that fails: parsers look no further than those", () => {
  expect(failures(lostResult())).toEqual(["/1/4", "/1"]);
  expect(resultKtap(lostResult()).slice(-9)).toMatchInlineSnapshot(`
    [
      "  ok 3 fill a pages 0..4095 with words",
      "  not ok 4 lost # ERROR The guest stopped answering during step 3 (pageout): nothing came for 30 s.",
      "# kernel 6.12.117+deb12-cloud-amd64 (per-order clusters, batched free)",
      "# nvme, not rotating, 1 vCPU, TCG",
      "# model 6.12",
      "# run 2026-11-23-3",
      "# console: [    2.104031] BUG: kernel NULL pointer dereference, address: 0000000000000008",
      "# console: [    2.104502] ^[[31mKernel panic^[[0m - not syncing: Fatal exception",
      "not ok 1 munmap-after-pageout",
    ]
  `);
  expect(failures({ ...lostResult(), steps: [] })).toEqual(["/1/1", "/1"]);
});

test("an invalid run is skipped", () => {
  expect(resultKtap(invalidResult())).toMatchInlineSnapshot(`
    [
      "KTAP version 1",
      "1..1",
      "# kernel 6.1.0-56-cloud-amd64",
      "# nvme, 1 vCPU, TCG",
      "# model 6.12",
      "# run 2026-11-23-4",
      "ok 1 munmap-after-pageout # SKIP The kernel has no 64 kB folios: it lacks /sys/kernel/mm/transparent_hugepage/hugepages-64kB. Choose --folio 2048kB or a kernel from 6.8 on.",
    ]
  `);
  expect(readKtap(resultKtap(invalidResult()))).toEqual(new Map([["/1", "SKIP"]]));
});

test("whatever is in a result, its lines keep to the protocol and nothing in them is acted upon", () => {
  fc.assert(
    fc.property(hostileResult, (result) => {
      const lines = resultKtap(result);
      for (const line of lines) expect(line).not.toMatch(actedUpon);
      readKtap(lines);
    }),
    { numRuns: 200 },
  );
});

test("a run that could not be kept says so", () => {
  expect(resultKtap({ ...invalidResult(), run: "" })).toContain("# run not kept");
});
