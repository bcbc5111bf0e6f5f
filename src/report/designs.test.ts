import { describe, expect, test } from "vitest";
import { sampleDesigns, sampleMeasurements } from "../../test/sample-designs.ts";
import { designsTable } from "./designs.ts";
import { measuredTable, stepCounts } from "./designs-measured.ts";
import { mailLook } from "./look.ts";
import { displayWidth } from "./text.ts";

/** Wrapped texts as one. */
const flat = (lines: readonly string[]): string => lines.join(" ").replaceAll(/ +/g, " ");
const table = (all = false): string[] => designsTable(sampleDesigns(), mailLook, all);

describe("designs", () => {
  test("a table for each folio size: a row a design, the metadata of 512 slots last", () => {
    const lines = table();
    const start = lines.indexOf("512 entries of 64 kB folios");
    expect(lines.slice(start, start + 8)).toEqual([
      "512 entries of 64 kB folios",
      "                    lookups refs trylocks freed locks pins scanned bytes",
      "before *                512  512      512   512  2496  512     512     0",
      "seed-v3                 512  512      512    32  2048  512    4832     0",
      "batched                  32   32       32    32    97    1    1536     0",
      "min-order-in-header      32   32       32    32  2080  512    5344     1",
      "min-order-reset         497  497      497    32  2545  512    5344     1",
      "order-bits               32   32       32    32  2080  512    5344   256",
    ]);
  });

  test("situations: look-ups, and the folios freed where they are fewer", () => {
    const lines = table();
    expect(lines).toContain("64 kB, one split          496*  496/31      31    496/31    496/31    31");
  });

  test("slots that nobody frees any more are named, those that somebody refers to are not", () => {
    const text = flat(table());
    expect(text).toContain("strays in 64 kB slots: slots that stay in use when nobody refers to them any more: order-bits 6");
    expect(text).not.toContain("half of a 2 MiB folio: slots");
  });

  test("--all adds what each design is and the command behind each line", () => {
    const text = flat(table(true));
    expect(text).toContain("batched: first all counts of a range");
    expect(text).toContain("step 4 of npm start -- run munmap-after-pageout");
    expect(flat(table())).not.toContain("step 4 of");
  });

  test("no line is wider than a mail's", () => {
    for (const line of [...table(true), ...measuredTable(sampleDesigns().cases, sampleMeasurements(), mailLook)]) {
      expect(displayWidth(line), line).toBeLessThanOrEqual(mailLook.columns);
    }
  });
});

describe("measured", () => {
  const lines = measuredTable(sampleDesigns().cases, sampleMeasurements(), mailLook);

  test("a block a kernel; both values where they differ", () => {
    expect(lines.slice(0, 3)).toEqual([
      "measured on 6.12.117+deb12-cloud-amd64",
      "                                  calls      pins   lookups     freed",
      "512 entries of 64 kB folios           1         1        32        32 =",
    ]);
    expect(lines[3]).toBe("64 kB, one split                      2         2    31!=33        31 !=");
  });

  test("what was not measured has its reason, once, and a run that fails otherwise is named", () => {
    const text = flat(lines);
    expect(text).toContain("not measured on 6.1: the kernel has not been fetched");
    expect(text).toContain("64 kB, one split: the run as a whole is fail; open: npm start -- show 2026-11-24-2");
  });
});

test("the counts of a step", () => {
  const check = (name: string, model: number | string, real: number | string) => ({ name, kind: "exact" as const, model, real, ok: model === real });
  const step = {
    index: 4,
    op: "unmap",
    text: "unmap a",
    durationMs: 1,
    checks: [
      check("calls.swap_put_entries_direct", 2, 2),
      check("calls.__try_to_reclaim_swap", 35, 36),
      check("returns.__try_to_reclaim_swap", "-512:1 0:2 16:32", "-512:1 0:3 16:32"),
    ],
  };
  expect(stepCounts(step)).toEqual({ calls: { model: 2, kernel: 2 }, lookups: { model: 35, kernel: 36 }, freed: { model: 32, kernel: 32 } });
});
