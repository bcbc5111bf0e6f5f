import { describe, expect, test } from "vitest";
import { openExperiment, parseExperiment } from "../../src/lab/experiments.ts";
import type { Result } from "../../src/report/result.ts";
import { useOwnFolder } from "./places.ts";
import { type Asked, checksOf, differing, hasMemory, lab, runExperiment, story } from "./runs.ts";

useOwnFolder();

const leastChecks = 20;
/** Those that lie where they are asked to; the others have tests of their own. */
const names = lab
  .listExperiments()
  .map(({ name }) => name)
  .filter((name) => parseExperiment(openExperiment(name), { own: {}, device: "nvme" }).workload.areas.every(({ device }) => device === "nvme"));

/** The folio sizes that make this experiment another one: some choose all their sizes themselves. */
function distinctFolios(experiment: string, folios: readonly string[]): string[] {
  const source = openExperiment(experiment);
  const opsWith = (folio: string): string => JSON.stringify(parseExperiment(source, { own: {}, folio }).workload.ops);
  return folios.filter((folio, index) => folios.findIndex((other) => opsWith(other) === opsWith(folio)) === index);
}

/** What says that model and kernel agree, and that what they were asked is what the test asked. */
const agreement = ({ kernel, folio, device }: Asked): object => ({
  ...{ verdict: "pass", differingCount: 0, hasEnoughChecks: true, hasMemory: true, folio, device, rotational: false },
  ...{ generation: kernel, model: { generation: kernel, forced: false } },
});

function seen(result: Result): object {
  const { verdict, experiment, kernel, model } = result;
  const { device, rotational, parameters } = experiment;
  return {
    ...{ verdict, differingCount: differing(result).length, hasEnoughChecks: checksOf(result).length >= leastChecks, hasMemory: hasMemory(result), folio: parameters["folio"], device, rotational },
    ...{ generation: kernel.generation, model },
  };
}

test("there are at least eight experiments", () => {
  expect(names.length).toBeGreaterThanOrEqual(8);
});

describe.each([
  ["6.1", ["4kB", "2048kB"]],
  ["6.12", ["4kB", "64kB", "2048kB"]],
  ["6.18", ["4kB", "64kB", "2048kB"]],
  ["7.3", ["4kB", "64kB", "2048kB"]],
])("model and kernel %s agree on nvme", (kernel, folios) => {
  const cases = names.filter((name) => name !== "zswap").flatMap((experiment) => distinctFolios(experiment, folios).map((folio) => [experiment, folio] as const));
  test.each(cases)("%s, %s", async (experiment, folio) => {
    const asked = { experiment, kernel, folio, device: "nvme" };
    const { result } = await runExperiment(asked);
    expect(seen(result), story(result)).toEqual(agreement(asked));
  });
});

test("zswap is named as missing where the kernel has none", async () => {
  const { result } = await runExperiment({ experiment: "zswap", kernel: "6.12", device: "nvme" });
  expect(result.verdict).toBe("invalid");
  expect(result.reason).toContain("CONFIG_ZSWAP");
});

test.each(["4kB", "64kB", "2048kB"])("model and kernel agree on zswap, %s", async (folio) => {
  const asked = { experiment: "zswap", kernel: "7.3", folio, device: "nvme" };
  const { result } = await runExperiment(asked);
  expect(seen(result), story(result)).toEqual(agreement(asked));
});

/** Where the kind of device matters: when folios leave the swap cache, and what a fault then finds. */
const deviceExperiments = ["munmap-after-pageout", "partial-unmap", "fork-refault-unmap", "write-after-pageout", "read-back", "evict-and-read", "pinned-pages", "split-cached", "swapoff-with-pages-out", "zero-pages", "brim", "shared-large-folios", "shared-no-room"];

describe.each(["scsi-ssd", "brd", "zram"])("model and kernel agree on %s", (device) => {
  const guests = [["6.1", "2048kB"], ["6.12", "64kB"]] as const;
  test.each(guests.flatMap((guest) => deviceExperiments.map((experiment) => [...guest, experiment] as const)))("%s, %s, %s", async (kernel, folio, experiment) => {
    const asked = { experiment, kernel, folio, device };
    const { result } = await runExperiment(asked);
    expect(seen(result), story(result)).toEqual(agreement(asked));
  });
});
