import { expect, test } from "vitest";
import { designNames } from "../model/designs.ts";
import { playDesigns } from "./designs.ts";

const { cases } = playDesigns();

test("the cases are there once each, short enough for their table, and played under every design", () => {
  expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
  for (const { kind, title, costs, command } of cases) {
    if (kind === "situation") expect(title.length, title).toBeLessThanOrEqual(22);
    expect(Object.keys(costs)).toEqual(designNames);
    expect(command[0]).toBe("run");
  }
});

test("what a folio of each size costs: look-ups by design", () => {
  const folios = cases.filter(({ kind }) => kind === "folio");
  expect(folios.map(({ costs }) => designNames.map((name) => costs[name].lookUps))).toEqual([
    [1, 512, 1, 1, 1, 1],
    [512, 512, 32, 32, 497, 32],
    [512, 512, 512, 512, 512, 512],
  ]);
});
