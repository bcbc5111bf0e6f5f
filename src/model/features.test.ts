import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { generations } from "./features.ts";

/** The features that ARCHITECTURE.md's table of features has a row for, by name. */
function featuresWithRow(): string[] {
  const lines = readFileSync(new URL("../../ARCHITECTURE.md", import.meta.url), "utf8").split("\n");
  const header = lines.findIndex((line) => line.startsWith("| feature (`features.ts`) |"));
  const rows = lines.slice(header + 2);
  const rowCount = rows.findIndex((line) => !line.startsWith("|"));
  return rows.slice(0, rowCount).map((row) => /^\| `(\w+)`/.exec(row)?.[1] ?? row);
}

// `slotOrders` is no kernel's, so no generation has it and the table does not either.
test("ARCHITECTURE.md's table has a row for every feature of the generations, and for nothing else", () => {
  const features = new Set(Object.values(generations).flatMap((generation) => Object.keys(generation.features)));
  expect(featuresWithRow().sort()).toEqual([...features].sort());
});
