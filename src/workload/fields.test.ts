import { expect, test } from "vitest";
import { fieldsOfTable } from "./fields.ts";
import { deviceNames } from "./ops.ts";

const names = (header: string, op = ""): string[] => fieldsOfTable(header, op).map(({ name }) => name);
const values = (header: string, op: string, field: string): readonly string[] | undefined => fieldsOfTable(header, op).find(({ name }) => name === field)?.values;

test("tables have the fields of the schema, and an op those of its kind", () => {
  expect(names("")).toEqual(["name", "title", "about", "parameters", "area", "op"]);
  expect(names("area")).toEqual(["name", "device", "size", "priority"]);
  expect(names("op", "map")).toEqual(["op", "in", "cpu", "region", "size", "folio", "share"]);
  expect(names("op", "evict")).toEqual(["op", "in", "cpu"]);
  expect(names("op", "repeat")).toEqual(["op", "times", "ops"]);
  expect(names("op", "nonsense")).toEqual(["op"]);
  expect(names("nonsense")).toEqual([]);
});

test("values are those of the schema, as the file writes them", () => {
  expect(values("parameters", "", "device")).toEqual(deviceNames.map((name) => `"${name}"`));
  expect(values("op", "map", "share")).toEqual(['"private"', '"shared"']);
  expect(values("op", "zswap", "enabled")).toEqual(["true", "false"]);
  expect(values("op", "", "op")).toEqual(expect.arrayContaining(['"map"', '"pageout"', '"repeat"', '"swapoff"']));
  expect(values("op.ops", "", "op")).not.toContain('"repeat"');
  expect(values("op", "storm", "threads")).toContain('"pageout"');
  expect(fieldsOfTable("op", "fill").find(({ name }) => name === "pieces")?.fields.map(({ name }) => name)).toEqual(["count", "size", "seed"]);
});
