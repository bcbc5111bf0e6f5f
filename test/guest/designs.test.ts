import { expect, test } from "vitest";
import { defaultMemoryMb } from "../../src/api/request.ts";
import { designs } from "../../src/model/designs.ts";
import { useOwnFolder } from "./places.ts";
import { lab } from "./runs.ts";

useOwnFolder();

/** Look-ups while 512 entries are unmapped, as a program of its own measured them that knows no model. */
const measuredLookUps: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  before: {
    "512 entries of a 2 MiB folio": 1,
    "512 entries of single pages": 512,
    "half of a 2 MiB folio": 0,
    "then its other half": 1,
    "2 MiB, a child lives": 0,
    "2 MiB, RAM disk": 0,
    "stray single pages": 7,
  },
  batched: {
    "512 entries of a 2 MiB folio": 1,
    "512 entries of 64 kB folios": 32,
    "512 entries of single pages": 512,
    "half of a 2 MiB folio": 1,
    "then its other half": 1,
    "2 MiB, a child lives": 0,
    "2 MiB, RAM disk": 0,
  },
};

test.each([designs.before, designs.batched])("$name costs a guest of $kernel what it costs the model", async ({ name, kernel }) => {
  const report = lab.designs();
  const request = { kernels: [kernel], fetch: true, memoryMb: defaultMemoryMb, cold: false };
  const measurements = await lab.measureDesigns(request, { signal: new AbortController().signal, progress: () => undefined });
  expect(measurements.map((measurement) => measurement.name)).toEqual(report.cases.map((found) => found.name));
  const measuredTitles: string[] = [];
  for (const [index, { title, costs }] of report.cases.entries()) {
    const { reason, verdict, counts, run } = measurements[index]!;
    // Folios of 64 kB came after 6.1.
    if (costs[name].splitFirst) {
      expect(reason, title).toContain("has no folios of 64 kB");
      continue;
    }
    measuredTitles.push(title);
    expect([reason, verdict], `${title}, ${run}`).toEqual(["", "pass"]);
    const { lookUps, folioFreed, devicePins } = costs[name];
    expect([counts.lookups?.kernel, counts.freed?.kernel, counts.pins?.kernel], `${title}, ${run}`).toEqual([lookUps, folioFreed, devicePins]);
    const golden = measuredLookUps[name]![title];
    if (golden !== undefined) expect(counts.lookups?.kernel, title).toBe(golden);
  }
  expect(measuredTitles).toEqual(expect.arrayContaining(Object.keys(measuredLookUps[name]!)));
});
