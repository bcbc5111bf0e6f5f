import { expect, test } from "vitest";
import { bestMatches, matchLetters } from "./match.ts";

const names = ["munmap-after-pageout", "fork-then-unmap", "partial-unmap", "two-cpus-free-on-the-other", "kernel 6.12"];
const best = (letters: string): string | undefined => bestMatches(letters, names, (name) => name, 5)[0]?.item;

test.each([
  ["map", "munmap-after-pageout"],
  ["ftu", "fork-then-unmap"],
  ["pun", "partial-unmap"],
  ["k612", "kernel 6.12"],
  ["TWO", "two-cpus-free-on-the-other"],
])("%s finds %s", (letters, name) => {
  expect(matchLetters(letters, name)).not.toBeNull();
  if (letters !== "map") expect(best(letters)).toBe(name);
});

test("letters out of order do not fit", () => {
  expect(matchLetters("kf", "fork")).toBeNull();
});

test("without letters everything stays in its order", () => {
  expect(bestMatches("", names, (name) => name, 3).map(({ item }) => item)).toEqual(names.slice(0, 3));
});

test("the places are those of the letters", () => {
  expect(matchLetters("fu", "fork-then-unmap")?.places).toEqual([0, 10]);
});
