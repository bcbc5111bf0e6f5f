import { expect, test } from "vitest";
import { laneRange, moveStep } from "./lanes.ts";

const step = (lane: number) => ({ lane, name: "", does: "", touches: "", values: [], changed: [], broken: [] });

test("an actor's line is thick from its first step to its last, and an actor without steps has none", () => {
  const steps = [0, 1, 0, 1].map(step);
  expect([0, 1, 2, 3].map((index) => laneRange({ steps }, 0, index))).toEqual(["within", "within", "within", "after"]);
  expect([0, 1, 2, 3].map((index) => laneRange({ steps }, 1, index))).toEqual(["before", "within", "within", "within"]);
  expect(laneRange({ steps }, 2, 3)).toBe("before");
});

test("keys stay among the steps, and others lead nowhere", () => {
  expect(moveStep("ArrowDown", 3, 5)).toBe(4);
  expect(moveStep("ArrowDown", 4, 5)).toBe(4);
  expect(moveStep("ArrowUp", 0, 5)).toBe(0);
  expect(moveStep("End", 0, 5)).toBe(4);
  expect(moveStep("Home", 4, 5)).toBe(0);
  expect(moveStep("x", 2, 5)).toBeNull();
  expect(moveStep("End", 0, 0)).toBeNull();
});
