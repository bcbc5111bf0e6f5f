import { describe, expect, test } from "vitest";
import type { GenerationName } from "../../src/model/features.ts";
import { useOwnFolder } from "./places.ts";
import { type Asked, checksOf, differing, runExperiment, story } from "./runs.ts";

useOwnFolder();

interface Guest {
  readonly kernel: GenerationName;
  readonly folio: string;
}

/** The older ones split large folios and search the map; the newest treats a rotating area nearly like any other. */
const guests: readonly Guest[] = [
  { kernel: "6.1", folio: "2048kB" },
  { kernel: "6.12", folio: "64kB" },
  { kernel: "7.3", folio: "64kB" },
];

const experiments = ["rotating-disk", "rotating-holes", "rotating-read-ahead", "evict-and-read", "swapoff-with-pages-out", "shared-memory", "shared-large-folios", "brim", "refill-holes"];

async function judged(asked: Asked): Promise<{ seen: unknown; told: string }> {
  const { result } = await runExperiment(asked);
  return { seen: [result.verdict, differing(result).length, result.experiment.rotational], told: story(result) };
}

describe.each(guests)("model and kernel $kernel agree on a disk that says it rotates", ({ kernel, folio }) => {
  test.each(experiments)("%s", async (experiment) => {
    const { seen, told } = await judged({ kernel, folio, experiment, device: "scsi-hdd" });
    expect(seen, told).toEqual(["pass", 0, true]);
  });
});

test.each(guests)("a rotating area of $kernel takes turns with another, and read-ahead goes by slot on both", async ({ kernel, folio }) => {
  const { seen, told } = await judged({ kernel, folio, experiment: "rotating-and-not" });
  expect(seen, told).toEqual(["pass", 0, true]);
});

/** Where the kernel goes on is one place for all CPUs, which older kernels keep as a slot and a count. */
test.each([
  { kernel: "6.1", folio: "2048kB", cursors: ["cluster_next", "cluster_nr"], clusters: false },
  { kernel: "6.12", folio: "64kB", cursors: ["cluster_next", "cluster_nr"], clusters: false },
  { kernel: "7.3", folio: "64kB", cursors: ["next.0", "next.4"], clusters: true },
])("the memory of kernel $kernel shows the place where it goes on", async ({ kernel, folio, cursors, clusters }) => {
  const { result } = await runExperiment({ kernel, folio, experiment: "mixed-orders", device: "scsi-hdd" });
  const names = new Set(checksOf(result).map(({ name }) => name));
  for (const cursor of cursors) expect(names, cursor).toContain(`memory.swap0.cursor.${cursor}`);
  expect(names.has("memory.swap0.clusters")).toBe(clusters);
  expect(result.verdict, story(result)).toBe("pass");
});

describe.each(guests)("what the disk says of itself is all that matters to $kernel", ({ kernel, folio }) => {
  test.each([
    ["virtio", true],
    ["virtio-ssd", false],
    ["nvme-hdd", true],
    ["scsi-ssd", false],
  ])("%s", async (device, rotational) => {
    const { seen, told } = await judged({ kernel, folio, experiment: "rotating-disk", device });
    expect(seen, told).toEqual(["pass", 0, rotational]);
  });
});

describe("the model of a release that treats rotating devices otherwise is caught", () => {
  test.each([
    { kernel: "6.12", model: "7.3" },
    { kernel: "7.3", model: "6.12" },
  ])("$model beside a $kernel guest", async ({ kernel, model }) => {
    const { result } = await runExperiment({ kernel, model, folio: "64kB", experiment: "rotating-disk", device: "nvme-hdd" });
    expect(result.verdict, story(result)).toBe("fail");
    const names = differing(result).map(({ name }) => name);
    expect(names, story(result)).toContain("placement.main.a");
    expect(names, story(result)).toContain("folio.64kB.swpout_fallback");
  });
});
