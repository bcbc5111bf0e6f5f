import { expect, test } from "vitest";
import { generationNames, generations } from "../../src/model/features.ts";
import { Agreement } from "./agreement.ts";

/** In all a million. */
const opsPerGeneration = 1_000_000 / generationNames.length;
/** Then everything begins anew, with other areas. */
const opsPerSeed = 5_000;

test.each(generationNames)("the fast core of %s and a naive one agree on its part of a million random ops", (name) => {
  let done = 0;
  for (let seed = 1; done < opsPerGeneration; seed++) {
    const agreement = new Agreement(generations[name], seed);
    agreement.run(opsPerSeed);
    done += agreement.opCount;
  }
  expect(done).toBeGreaterThanOrEqual(opsPerGeneration);
});
