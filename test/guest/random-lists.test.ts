import { expect, test } from "vitest";
import { openSetting, runList } from "../random/list-run.ts";
import { testedSeries, useOwnFolder } from "./places.ts";
import { story } from "./runs.ts";

const folder = useOwnFolder();
const task = { signal: new AbortController().signal, progress: () => {} };
const firstSeeds = [1, 2, 3, 4, 5];

/** `npm run random` draws as many as one likes, and makes one that fails here shorter. */
test.each(testedSeries.flatMap((kernel) => firstSeeds.map((seed) => [kernel, seed] as const)))(
  "model and kernel %s agree on the random list of seed %i",
  async (kernel, seed) => {
    const setting = await openSetting({ kernel, device: "nvme", opCountMax: 40, cpuCount: 1, shrinkMs: 0 }, folder, task);
    const { drawn } = await runList(seed, setting, task, () => {});
    expect(drawn.result.verdict, story(drawn.result)).toBe("pass");
  },
);

test("a list with which they part is made shorter, and the short one parts them too", async () => {
  const setting = await openSetting({ kernel: "6.12", device: "nvme", model: "6.1", opCountMax: 12, cpuCount: 1, shrinkMs: 60_000 }, folder, task);
  const { drawn, shortest } = await runList(8, setting, task, () => {});
  expect(drawn.result.verdict, story(drawn.result)).toBe("fail");
  expect(shortest?.result.verdict).toBe("fail");
  expect(shortest?.workload.ops.length).toBeLessThan(drawn.workload.ops.length);
});
