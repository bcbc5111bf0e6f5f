import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { useOwnFolder } from "./places.ts";
import { differing, runExperiment, story } from "./runs.ts";

const folder = useOwnFolder();

/** Half of the slots are held by the cache alone when the area runs full in the midst of the second pageout. */
const ops = [
  `op = "map"\nregion = "a"\nsize = "1M"\nfolio = "4kB"`,
  `op = "fill"\nregion = "a"`,
  `op = "pageout"\nregion = "a"`,
  `op = "read"\nregion = "a"`,
  `op = "pageout"\nregion = "a"\nfrom = "512kB"\nlength = "512kB"`,
];

test.each(["6.12", "6.18", "7.3"])("the worker that frees slots of a full area has its turn when pageout is over (%s)", async (kernel) => {
  const path = join(folder, "full-area.toml");
  const head = `name = "full-area"\ntitle = "an area that runs full while the cache holds slots"\n[parameters]\nswap-size = "256kB"\n`;
  await writeFile(path, head + ops.map((op) => `[[op]]\n${op}\n`).join(""));
  const { result } = await runExperiment({ experiment: path, kernel, device: "nvme" });
  expect([result.verdict, differing(result)], story(result)).toEqual(["pass", []]);
  const pagedOut = result.steps.at(-1)?.checks.find(({ name }) => name === "vmstat.pswpout");
  expect(pagedOut?.real).toBe(32);
});
