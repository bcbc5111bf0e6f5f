import { expect, test } from "vitest";
import { generationOf, readBtf } from "../../src/lab/generation.ts";
import { openKernel } from "../../src/lab/kernels/open.ts";
import { type GenerationName, generationNamed } from "../../src/model/features.ts";
import { lab } from "./runs.ts";

const fetched = (await lab.kernels()).filter((kernel) => kernel.fetched).map(({ series }) => series);

test("there are kernels to look at", () => {
  expect(fetched.length).toBeGreaterThanOrEqual(2);
});

/** Nothing is booted: types and functions tell, and nobody looks at the version. */
test.each(fetched)("a kernel of the series %s is known for what it is", async (series) => {
  const { vmlinuxPath, release } = await openKernel(series, {});
  const generation = generationOf(await readBtf(vmlinuxPath, release), "of an unknown release");
  expect(generation.name).toBe<GenerationName | undefined>(generationNamed(series)?.name);
  expect(generation.booted).toBe(true);
});
