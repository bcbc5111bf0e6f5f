import { type DesignName, designNames, designs } from "../src/model/designs.ts";
import { type DesignCase, type DesignsReport, designsSchemaName } from "../src/report/designs.ts";
import type { DesignMeasurement } from "../src/report/designs-measured.ts";
import type { DesignCost } from "../src/workload/designs.ts";

/** What `designs` has to show, for tests of the faces. Numbers by design in the order of `designNames`. */

const zero: DesignCost = {
  lookUps: 0,
  references: 0,
  tryLocks: 0,
  folioFreed: 0,
  folioKept: 0,
  clusterLocks: 0,
  slotsScanned: 0,
  devicePins: 0,
  slotsLeft: 0,
  splitFirst: false,
};

/** By design: look-ups, folios freed, cluster locks, device pins, slots scanned, slots left. */
type Row = readonly [lookUps: number, freed: number, locks?: number, pins?: number, scanned?: number, left?: number];

function costs(rows: readonly Row[], splitFirst: boolean): DesignCase["costs"] {
  const entries = designNames.map((name, index): [DesignName, DesignCost] => {
    const [lookUps, folioFreed, clusterLocks = 0, devicePins = 0, slotsScanned = 0, slotsLeft = 0] = rows[index]!;
    const found = { references: lookUps, tryLocks: lookUps, folioKept: lookUps - folioFreed };
    return [name, { ...zero, ...found, lookUps, folioFreed, clusterLocks, devicePins, slotsScanned, slotsLeft, splitFirst: splitFirst && name === "before" }];
  });
  return Object.fromEntries(entries) as DesignCase["costs"];
}

const command = ["run", "munmap-after-pageout", "--kernel", "6.12", "--device", "nvme", "--folio", "64kB", "--size", "2M"];

export const sampleDesigns = (): DesignsReport => ({
  schema: designsSchemaName,
  designs: designNames.map((name, index) => ({
    name,
    summary: designs[name].summary,
    kernel: designs[name].kernel,
    metadata: { perClusterBytes: [0, 0, 0, 1, 1, 256][index]!, perGibBytes: [0, 0, 0, 512, 512, 131072][index]! },
  })),
  cases: [
    {
      name: "last user",
      title: "512 entries of 64 kB folios",
      kind: "folio",
      lastUser: true,
      command,
      step: 4,
      costs: costs([[512, 512, 2496, 512, 512], [512, 32, 2048, 512, 4832], [32, 32, 97, 1, 1536], [32, 32, 2080, 512, 5344], [497, 32, 2545, 512, 5344], [32, 32, 2080, 512, 5344]], true),
    },
    {
      name: "half",
      title: "half of a 2 MiB folio",
      kind: "situation",
      lastUser: false,
      command,
      step: 4,
      costs: costs([[0, 0, 0, 0, 0, 512], [256, 0, 0, 0, 0, 512], [1, 0, 0, 0, 0, 512], [0, 0, 0, 0, 0, 512], [0, 0, 0, 0, 0, 512], [0, 0, 0, 0, 0, 512]], false),
    },
    { name: "split", title: "64 kB, one split", kind: "situation", lastUser: true, command, step: 6, costs: costs([[496, 496], [496, 31], [31, 31], [496, 31], [496, 31], [31, 31]], true) },
    {
      name: "strays",
      title: "strays in 64 kB slots",
      kind: "situation",
      lastUser: true,
      command,
      step: 7,
      costs: costs([[7, 7], [7, 7], [7, 7], [7, 7], [7, 7], [1, 1, 0, 0, 0, 6]], false),
    },
  ],
  encodings: [{ architecture: "MIPS", offsetBits: 17, slots: "131072", slotsWithOrder: "65536" }],
});

const measured = { kernel: "6.12", release: "6.12.117+deb12-cloud-amd64", reason: "" };
const unmeasured = { kernel: "6.1", release: "", verdict: "none", reason: "the kernel has not been fetched", run: "", counts: {} } as const;
const same = (count: number) => ({ model: count, kernel: count });

/** 6.12 with one case that differs; 6.1 is not there. */
export const sampleMeasurements = (): DesignMeasurement[] => [
  { ...measured, name: "last user", verdict: "pass", run: "2026-11-24-1", counts: { calls: same(1), pins: same(1), lookups: same(32), freed: same(32) } },
  { ...measured, name: "split", verdict: "fail", run: "2026-11-24-2", counts: { calls: same(2), pins: same(2), lookups: { model: 31, kernel: 33 }, freed: same(31) } },
  ...sampleDesigns().cases.map(({ name }) => ({ ...unmeasured, name })),
];
