import { describe, expect, test } from "vitest";
import { Agreement } from "../../test/naive/agreement.ts";
import { type GenerationName, generationNames, generations } from "./features.ts";

const seeds = [1001, 1002, 1003];
const opsPerSeed = 1_000;

describe("a naive core, of objects and arrays", () => {
  test.each(generationNames)("agrees with the fast one of %s, result by result and state by state", (name) => {
    for (const seed of seeds) {
      const agreement = new Agreement(generations[name], seed);
      agreement.run(opsPerSeed);
      expect(agreement.opCount).toBeGreaterThan(opsPerSeed / 2);
    }
  });

  const neighbours: [GenerationName, GenerationName][] = [
    ["6.1", "6.10"],
    ["6.10", "6.12"],
    ["6.12", "6.14"],
    ["6.14", "6.16"],
    ["6.16", "6.18"],
    ["6.18", "6.19"],
    ["6.19", "7.0"],
    ["7.0", "7.1"],
  ];

  test.each(neighbours)("of %s is told from the fast one of %s", (naive, fast) => {
    expect(() => {
      for (const seed of seeds) new Agreement(generations[fast], seed, generations[naive].features).run(opsPerSeed);
    }).toThrow(new RegExp(`^generation ${fast}, seed \\d+, op \\d+ \\(.*\\): `));
  });
});
