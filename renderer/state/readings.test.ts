import { expect, test } from "vitest";
import { failResult, passResult } from "../../test/sample-results.ts";
import { liveReading, resultReadings, runningValues, usedName } from "./readings.ts";

test("a run that is over is read from its checks", () => {
  const readings = resultReadings(failResult());
  expect(readings.map(({ op }) => op)).toEqual(["swapon", "map", "fill", "pageout", "unmap"]);
  expect(readings[3]!.atMs).toBe(12 + 1 + 210 + 96);
  expect(readings[4]!.values.get("calls.__try_to_reclaim_swap")).toEqual({ model: 8, kernel: 256 });
  expect(runningValues(readings, usedName).kernel).toEqual([0, 0, 0, 16384, 0]);
});

test("counters add up, gauges do not", () => {
  const readings = resultReadings(passResult());
  expect(runningValues(readings, "vmstat.pswpout").model).toEqual([0, 0, 0, 4096, 4096]);
  expect(runningValues(readings, "gauge.nr_swapcached").model).toEqual([0, 0, 0, 4096, 0]);
});

test("a live step has the same names", () => {
  const side = { usedKb: 64, vmstat: { pswpout: 16 }, gauges: { nr_swapcached: 4 }, folioStats: { "64kB": { swpout: 1 } }, calls: { swap_free: 2 } };
  const reading = liveReading({ index: 1, op: "pageout", atMs: 5, model: side, kernel: { ...side, usedKb: 60 } });
  expect([...reading.values.keys()]).toEqual([usedName, "vmstat.pswpout", "gauge.nr_swapcached", "calls.swap_free", "folio.64kB.swpout"]);
  expect(reading.values.get(usedName)).toEqual({ model: 64, kernel: 60 });
});
