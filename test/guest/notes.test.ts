import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { useOwnFolder } from "./places.ts";
import { differing, runExperiment, story } from "./runs.ts";

const folder = useOwnFolder();

/** The agent's notes of the region fill several pages. The parent alone writes them, and then it ends. */
const ops = [
  `op = "map"\nregion = "a"\nsize = "6M"\nfolio = "4kB"\nshare = "shared"`,
  `op = "remove"\nregion = "a"`,
  `op = "fork"\nchild = "child"`,
  `op = "exit"`,
  `op = "evict"\nin = "child"`,
];

test.each(["6.1", "6.18", "7.3"])("evict leaves the agent's notes of shared memory alone when the process that wrote them has ended (%s)", async (kernel) => {
  const path = join(folder, "notes.toml");
  const head = `name = "notes"\ntitle = "an evict by the child of a process that has ended"\n[parameters]\nswap-size = "4M"\n`;
  await writeFile(path, head + ops.map((op) => `[[op]]\n${op}\n`).join(""));
  const { result } = await runExperiment({ experiment: path, kernel, device: "nvme" });
  expect([result.verdict, differing(result)], story(result)).toEqual(["pass", []]);
  const used = result.steps.at(-1)?.checks.find(({ name }) => name === "swap0.used_kb");
  expect(used?.real).toBe(0);
});
