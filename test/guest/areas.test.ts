import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { useOwnFolder } from "./places.ts";
import { differing, runExperiment, story } from "./runs.ts";

/** Two swap areas beyond the shipped experiments, which are in experiments.test.ts. */

const folder = useOwnFolder();

describe("a disk and memory that take turns", () => {
  const path = join(folder, "mixed.toml");
  const op = (fields: Readonly<Record<string, string>>): string => ["[[op]]", ...Object.entries(fields).map(([key, value]) => `${key} = "${value}"`)].join("\n");

  beforeAll(async () => {
    const areas = '[[area]]\nname = "disk"\npriority = 5\n[[area]]\nname = "memory"\ndevice = "brd"\npriority = 5\n';
    const ops = [
      op({ op: "swapon", area: "memory" }),
      op({ op: "map", region: "a", size: "8M", folio: "$folio" }),
      ...["fill", "pageout"].map((name) => op({ op: name, region: "a" })),
      op({ op: "fork", child: "child" }),
      op({ op: "read", region: "a", in: "child", length: "50%" }),
      op({ op: "read", region: "a" }),
      op({ op: "exit", in: "child" }),
      op({ op: "swapoff", area: "memory" }),
      op({ op: "unmap", region: "a" }),
    ];
    await writeFile(path, `name = "mixed"\ntitle = "a disk and memory"\n${areas}${ops.join("\n")}\n`);
  });

  test.each([
    ["6.12", "4kB"],
    ["6.12", "64kB"],
    ["7.3", "64kB"],
  ])("on %s in folios of %s", async (kernel, folio) => {
    const { result } = await runExperiment({ experiment: path, kernel, folio });
    expect([result.verdict, result.experiment.device], story(result)).toEqual(["pass", "nvme and brd"]);
  });
});

test.each([
  ["6.18", "6.19", "swapoff-one-of-two-areas", "swap1.priority"],
  ["7.3", "6.18", "swapoff-one-of-two-areas", "swap1.priority"],
  ["6.16", "6.12", "two-areas-by-priority", "placement.main.a"],
  ["6.12", "6.16", "two-areas-equal-priority", "placement.main.a"],
])("a %s guest beside the model of %s is caught by %s, in %s", async (kernel, model, experiment, metric) => {
  const { result } = await runExperiment({ experiment, kernel, model });
  expect(result.verdict, story(result)).toBe("fail");
  expect(differing(result).map(({ name }) => name), story(result)).toContain(metric);
});
