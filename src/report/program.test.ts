import { expect, test } from "vitest";
import { programResult } from "../../test/sample-results.ts";
import { toJson } from "./json.ts";
import { resultKtap } from "./ktap.ts";
import { noPaint, unicodeSymbols } from "./look.ts";
import { resultMail } from "./mail.ts";
import { parseResult } from "./parse.ts";
import { resultTable } from "./table.ts";

const table = (all: boolean): string => resultTable(programResult(), { look: { columns: 80, symbols: unicodeSymbols, paint: noPaint }, all, sayHowToOpen: false }).join("\n");

test("a program is shown with its end, the last of what it printed, and what was counted", () => {
  expect(table(false)).toMatchInlineSnapshot(`
    "my_test   ./my_test -v 'a b'
    kernel 6.12.117+deb12-cloud-amd64 (per-order clusters, batched free)
    nvme, not rotating   1 vCPU   TCG
    restored 0.3 s   program 1.8 s   in all 1.4 s

    The program exited with 3.

    program: exited with 3; memory looked at 2 times while it ran
    stdout: 45031436 bytes, 327680 of them kept, the last 10 lines:
      line 2
      line 3
      line 4
      line 5
      line 6
      line 7
      line 8
      line 9
      line 10
      line 11
    stderr: 10 bytes
      not as it

      step       metric                        model      kernel
      program    pswpout                           –        4096
                 folio_free_swap                   –        8192
                 __try_to_reclaim_swap returns     –     16 ×256
                 used, kB                          –         256
      and 3 more checks that hold, 1 more reading: --all shows them

    fail   3 checks, 2 invariants, 1 differs   run 2026-11-23-5"
  `);
});

test("with --all everything that is in the result", () => {
  const text = table(true);
  expect(text).toContain("line 0\n");
  expect(text).toMatch(/memory: used slots +64 +64 =/);
  expect(text).toMatch(/program end +exited with 0 +exited with 3 ≠/);
});

test("as mail without a model", () => {
  const text = resultMail(programResult(), false).join("\n");
  expect(text).toContain("The program exited with 3.");
  expect(text).toMatch(/^ *program +pswpout +- +4096$/m);
  expect(text).toContain("npm start -- run --program ./my_test --kernel 6.12 -- -v 'a b'");
  expect(text).not.toMatch(/^model/m);
});

test("as KTAP its end is a test, what it printed and what was counted are remarks", () => {
  const lines = resultKtap(programResult());
  expect(lines).toContain("# stderr: not as it");
  expect(lines).toContain("# vmstat.pswpout 4096");
  expect(lines.find((line) => line.includes("program.end"))).toMatch(/^ +not ok 2 program\.end # model="exited with 0" kernel="exited with 3"/);
  expect(lines.some((line) => line.startsWith("# model"))).toBe(false);
});

test("a broken invariant is named with what it says", () => {
  const result = programResult();
  const [first, second] = result.steps as [(typeof result.steps)[0], (typeof result.steps)[0]];
  const broken = { ...second.checks[0]!, model: 65, ok: false };
  const divergence = { step: 1, op: "program", metric: broken.name, model: 65, real: 64 };
  const lines = resultTable({ ...result, steps: [first, { ...second, checks: [broken] }], firstDivergence: divergence }, { look: { columns: 200, symbols: unicodeSymbols, paint: noPaint }, all: false, sayHowToOpen: false });
  expect(lines).toContain("After step 1 (./my_test -v 'a b') something does not hold that must: the area's count is the number of slots that are in use. memory: used slots must be 65 and is 64.");
});

test("the result reads back as it was written", () => {
  const result = programResult();
  expect(parseResult(toJson(result))).toEqual({ ok: true, result });
});
