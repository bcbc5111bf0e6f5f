import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { actedUpon, hostileResult } from "../../test/hostile.ts";
import { failResult, invalidResult, lostResult, passResult } from "../../test/sample-results.ts";
import { ansiPaint, asciiSymbols, noPaint, unicodeSymbols, type Look } from "./look.ts";
import type { Check, Result } from "./result.ts";
import { narrowestColumns, resultTable } from "./table.ts";
import { displayWidth } from "./text.ts";

const look: Look = { columns: 80, symbols: unicodeSymbols, paint: noPaint };
const table = (result: Result, all = false): string => resultTable(result, { look, all, sayHowToOpen: true }).join("\n");

describe("golden text", () => {
  test("of a pass: calm, the most telling rows", () => {
    expect(table(passResult())).toMatchInlineSnapshot(`
      "munmap-after-pageout   16 MiB in 64 kB folios, paged out, then unmapped
      kernel 6.12.117+deb12-cloud-amd64 (per-order clusters, batched free)
      nvme, not rotating   1 vCPU   TCG
      restored 0.3 s   fill 0.2 s   pageout 96 ms   unmap 0.1 s   in all 1.4 s

        step       metric                        model         kernel
        pageout    pswpout                        4096           4096 =
                   swpout 64kB                     256            256 =
                   placement a           512 @ 16384 …  512 @ 16384 … =  8 runs
        unmap      free_swap_and_cache_nr            8              8 =
                   __try_to_reclaim_swap           256            256 =
                   used, kB                          0              0 =
        and 25 more checks that hold: --all shows them

      pass   31 checks, 31 exact   run 2026-11-23-1
             open: npm start -- show 2026-11-23-1"
    `);
  });

  test("of a fail: where the two part, then the rows that differ", () => {
    expect(table(failResult())).toMatchInlineSnapshot(`
      "munmap-after-pageout   16 MiB in 64 kB folios, paged out, then unmapped
      kernel 6.12.117+deb12-cloud-amd64 (per-order clusters, batched free)
      nvme, not rotating   1 vCPU   TCG   model 6.1 (forced, the guest is 6.12)
      restored 0.3 s   fill 0.2 s   pageout 96 ms   unmap 0.1 s   in all 1.4 s

      Model and kernel first differ in step 3 (pageout a pages 0..4095), in placement
      a. The model has page 1024 in slot 512, the kernel in slot 49152.

        step       metric                          model       kernel
        pageout    placement a                 512 @ 512  512 @ 49152 ≠  page 1024
                   swpout 64kB                         0          256 ≠  +256
        unmap      free_swap_and_cache_nr              0            8 ≠  +8
                   __try_to_reclaim_swap               8          256 ≠  +248
                   __try_to_reclaim_swap returns  512 ×8      16 ×256 ≠
        and 26 more checks that hold: --all shows them

      fail   31 checks, 26 exact, 5 differ   run 2026-11-23-2
             open: npm start -- show 2026-11-23-2"
    `);
  });

  test("of a lost run: its last words", () => {
    expect(table(lostResult())).toMatchInlineSnapshot(`
      "munmap-after-pageout   16 MiB in 64 kB folios, paged out, then unmapped
      kernel 6.12.117+deb12-cloud-amd64 (per-order clusters, batched free)
      nvme, not rotating   1 vCPU   TCG
      restored 0.3 s   fill 0.2 s   in all 1.4 s

      The guest stopped answering during step 3 (pageout): nothing came for 30 s.

      The guest's last words:
        [    2.104031] BUG: kernel NULL pointer dereference, address: 0000000000000008
        [    2.104502] ^[[31mKernel panic^[[0m - not syncing: Fatal exception

      note: 2 damaged lines on the wire were skipped

      lost   14 checks, 14 exact   run 2026-11-23-3
             open: npm start -- show 2026-11-23-3"
    `);
  });

  test("of an invalid run: what is missing", () => {
    expect(table(invalidResult())).toMatchInlineSnapshot(`
      "munmap-after-pageout   16 MiB in 64 kB folios, paged out, then unmapped
      kernel 6.1.0-56-cloud-amd64   nvme   1 vCPU   TCG

      The kernel has no 64 kB folios: it lacks
      /sys/kernel/mm/transparent_hugepage/hugepages-64kB. Choose --folio 2048kB or a
      kernel from 6.8 on.

      invalid   run 2026-11-23-4   open: npm start -- show 2026-11-23-4"
    `);
  });
});

test("a run that could not be kept is not offered to be opened", () => {
  const text = table({ ...invalidResult(), run: "" });
  expect(text.split("\n").at(-1)).toBe("invalid   run not kept");
});

/** A passing result whose pageout step has these checks beside an otherwise empty run. */
function withChecks(checks: Check[]): Result {
  const result = passResult();
  const step = { index: 0, op: "pageout", text: "pageout main.a", durationMs: 10, checks };
  return { ...result, steps: [step], verdict: checks.every((check) => check.ok) ? "pass" : "fail" };
}

test("--all shows every check and every assumption", () => {
  const rows = table(passResult(), true).split("\n").filter((line) => line.endsWith("=") || line.includes("= "));
  expect(rows).toHaveLength(31);
  expect(table(passResult(), true)).toContain("assumed: one vCPU");
  expect(table(passResult(), true)).not.toContain("--all");
});

test("a run that differs in hundreds of places is no wall", () => {
  const checks = Array.from({ length: 300 }, (_, n): Check => ({ name: `calls.f${n}`, kind: "exact", model: 1, real: 2, ok: false }));
  const text = table(withChecks(checks));
  expect(text.split("\n").length).toBeLessThan(36);
  expect(text).toContain("and 280 more that differ: --all shows them");
});

test("a bounded check shows its bounds and the reason for them", () => {
  const check: Check = { name: "vmstat.pswpin", kind: "bounded", model: 8, real: 9, ok: true, low: 4, high: 12, reason: "read-ahead depends on timing" };
  const text = table(withChecks([check]));
  expect(text).toMatch(/pswpin +8 +9 ~ {2}4\.\.12$/m);
  expect(text).toContain("~ bounded: read-ahead depends on timing");
  expect(text).toContain("1 check, 0 exact, 1 bounded");
});

test("an op that comes twice is told by its number", () => {
  const result = passResult();
  const again = result.steps.map((step) => (step.op === "pageout" ? { ...step, index: 9 } : step));
  const text = table({ ...result, steps: [...result.steps, ...again.filter((step) => step.index === 9)] });
  expect(text).toMatch(/^ {2}3 pageout {2}/m);
  expect(text).toMatch(/^ {2}9 pageout {2}/m);
});

test("the placements of a process are told from those of another", () => {
  const run = "0+16@512";
  const checks = ["placement.main.a", "placement.c1.a"].map((name): Check => ({ name, kind: "exact", model: run, real: run, ok: true }));
  const text = table(withChecks(checks));
  expect(text).toMatch(/placement a +16 @ 512 +16 @ 512 =/);
  expect(text).toMatch(/placement c1\.a +16 @ 512 +16 @ 512 =/);
});

test("colour only adds", () => {
  const plain = resultTable(failResult(), { look, all: false, sayHowToOpen: true });
  const painted = resultTable(failResult(), { look: { ...look, paint: ansiPaint }, all: false, sayHowToOpen: true });
  expect(painted).not.toEqual(plain);
  const afterColour = (part: string): string => part.slice(part.indexOf("m") + 1);
  const withoutColour = (line: string): string => afterColour(line.split("\x1b[").map((part, n) => (n === 0 ? `m${part}` : afterColour(part))).join(""));
  expect(painted.map(withoutColour)).toEqual(plain);
});

test("ASCII symbols leave nothing but ASCII in a result of ASCII", () => {
  const ascii: Look = { ...look, symbols: asciiSymbols };
  for (const result of [passResult(), failResult(), lostResult(), invalidResult()]) {
    expect(resultTable(result, { look: ascii, all: true, sayHowToOpen: true }).join("")).toMatch(/^[\x20-\x7e]*$/);
  }
});

test("no line is wider than asked for, and nothing in it is acted upon", () => {
  const width = fc.integer({ min: narrowestColumns, max: 100 });
  const symbols = fc.constantFrom(unicodeSymbols, asciiSymbols);
  fc.assert(
    fc.property(hostileResult, width, symbols, fc.boolean(), fc.boolean(), (result, columns, symbolSet, all, sayHowToOpen) => {
      const lines = resultTable(result, { look: { columns, symbols: symbolSet, paint: noPaint }, all, sayHowToOpen });
      for (const line of lines) {
        expect(displayWidth(line)).toBeLessThanOrEqual(columns);
        expect(line).not.toMatch(actedUpon);
      }
    }),
    { numRuns: 200 },
  );
}, 60_000);
