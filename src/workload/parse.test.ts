import { readdirSync, readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { opLists } from "../../test/random/op-lists.ts";
import { workloadToml } from "../../test/random/workload-file.ts";
import { x86_64 } from "../model/geometry.ts";
import { type Overrides, parseWorkload, WorkloadError } from "./parse.ts";

const context = { file: "my.toml", pageSizeBytes: 4096, pmdOrder: 9 };
const nothing: Overrides = { own: {} };

const parse = (text: string, overrides: Overrides = nothing) => parseWorkload(text, overrides, context);

function errorOf(text: string, overrides: Overrides = nothing): WorkloadError {
  try {
    parse(text, overrides);
  } catch (error) {
    if (error instanceof WorkloadError) return error;
    throw error;
  }
  throw new Error("no error");
}

const head = 'name = "x"\ntitle = "a title"\n';
const area = (name: string, fields = ""): string => `[[area]]\nname = "${name}"\n${fields}`;
const map = '[[op]]\nop = "map"\nregion = "a"\nsize = "1M"\n';

describe("a good file", () => {
  test("sizes become pages, folios become orders, ranges cover the region", () => {
    const { workload } = parse(`${head}${map}folio = "64kB"\n[[op]]\nop = "pageout"\nregion = "a"\nfrom = "25%"\nlength = "256kB"\n`);
    expect(workload.ops).toEqual([
      { op: "map", in: "main", region: "a", pageCount: 256, folioOrder: 4, share: "private" },
      { op: "pageout", in: "main", region: "a", range: { firstPage: 64, pageCount: 64 } },
    ]);
  });

  test("parameters are filled in, and the command line wins", () => {
    const text = `${head.replace("a title", "$size of it")}[parameters]\nsize = "2M"\n[[op]]\nop = "map"\nregion = "a"\nsize = "$size"\n`;
    expect(parse(text).workload.title).toBe("2M of it");
    expect(parse(text, { size: "4M", own: {} }).workload.ops[0]).toMatchObject({ pageCount: 1024 });
  });

  test("an exit with times of a process that no fork has numbered says what times stands for", () => {
    const text = `${head}[[op]]\nop = "fork"\nchild = "c"\n[[op]]\nop = "exit"\nin = "c"\ntimes = 2\n`;
    expect(errorOf(text).message).toMatch(/op 2 in: there is no process "c1" here;.*; times = 2 is for the processes that a fork with times = 2 has made/);
  });

  test("fork and exit with times are as many ops, with numbered children", () => {
    const text = `${head}[[op]]\nop = "fork"\nchild = "c"\ntimes = 2\n[[op]]\nop = "exit"\nin = "c"\ntimes = 2\n`;
    const fork = { op: "fork", in: "main" };
    expect(parse(text).workload.ops).toEqual([{ ...fork, child: "c1" }, { ...fork, child: "c2" }, { op: "exit", in: "c1" }, { op: "exit", in: "c2" }]);
    expect(errorOf(`${text}[[op]]\nop = "exit"\nin = "c2"\n`)).toMatchObject({ line: 13, field: "op 3 in" });
  });

  test("what is repeated stands as often as it says, and draws other pieces in every round", () => {
    const repeat = '[parameters.own]\nrounds = "2"\n' + map + '[[op]]\nop = "repeat"\ntimes = "$rounds"\n[[op.ops]]\nop = "dontneed"\nregion = "a"\nlength = "50%"\npieces = { count = 3, size = "64kB", seed = 7 }\n[[op.ops]]\nop = "pageout"\nregion = "a"\n';
    const { ops } = parse(head + repeat).workload;
    expect(ops.map(({ op }) => op)).toEqual(["map", "dontneed", "pageout", "dontneed", "pageout"]);
    expect([ops[1], ops[3]]).toMatchObject([7, 8].map((seed) => ({ range: { firstPage: 0, pageCount: 128 }, pieces: { count: 3, pageCount: 16, seed } })));
    expect(parse(head + repeat, { own: { rounds: "5" } }).workload.ops).toHaveLength(11);
    expect(errorOf(head + repeat, { own: { rounds: "0" } }).message).toBe("my.toml:11: op 2 times: must be a whole number from 1 to 1000, not $rounds");
    expect(errorOf(head + repeat, { own: { rounds: "600" } }).message).toContain("comes to 1201 steps, which is more than 1000");
    expect(errorOf((head + repeat).replace('[[op.ops]]\nop = "pageout"\nregion = "a"', '[[op.ops]]\nop = "pageout"\nregion = "b"')).message).toBe('my.toml:19: op 2 ops 2 region: no op before this one maps a region "b"');
    expect(errorOf((head + repeat).replace("64kB", "80kB")).message).toBe("my.toml:16: op 2 ops 1 pieces: a range of 128 pages cannot be cut into pieces of 20");
  });

  test("an op keeps the CPU that it names, and the guest has as many as the file or the command line says", () => {
    const text = `${head}[parameters]\ncpus = 2\n${map}cpu = 1\n[[op]]\nop = "note"\ntext = "anywhere"\n`;
    const { workload, parameters } = parse(text);
    expect([workload.cpuCount, parameters["cpus"]]).toEqual([2, "2"]);
    expect(workload.ops.map(({ cpu }) => cpu)).toEqual([1, undefined]);
    expect(parse(text, { cpus: 4, own: {} }).workload.cpuCount).toBe(4);
    expect(parse(head + map).workload.cpuCount).toBe(1);
  });

  test("a workload that declares no area has one, as the parameters say", () => {
    const { areas, ops } = parse(`${head}[parameters]\ndevice = "brd"\n${map}[[op]]\nop = "swapoff"\n`, { swapSize: "8M", own: {} }).workload;
    expect(areas).toEqual([{ name: "swap", device: "brd", pageCount: 2048, priority: null }]);
    expect(ops[1]).toEqual({ op: "swapoff", in: "main", area: "swap" });
  });

  test("areas have what they say, and what they do not say from the parameters", () => {
    const text = `${head}[parameters.own]\nother = "brd"\n${area("a", 'size = "8M"\npriority = 3\n')}${area("b", 'device = "$other"\n')}${map}[[op]]\nop = "swapon"\narea = "b"\n`;
    const { areas, ops } = parse(text, { device: "zram", swapSize: "4M", own: {} }).workload;
    expect(areas).toEqual([
      { name: "a", device: "zram", pageCount: 2048, priority: 3 },
      { name: "b", device: "brd", pageCount: 1024, priority: null },
    ]);
    expect(ops[1]).toEqual({ op: "swapon", in: "main", area: "b" });
  });

  test("JSON says the same as TOML", () => {
    const json = '{"name":"x","title":"a title","op":[{"op":"map","region":"a","size":"1M"}]}';
    expect(parse(json)).toEqual(parse(head + map));
  });
});

/** What is written, the line and the field that the error must name, and a part of what it says. */
const bad: [what: string, text: string, line: number, field: string, says: string][] = [
  ["an unknown op", `${head}${map}[[op]]\nop = "melt"\n`, 8, "op 2 op", '"melt" is not an op'],
  ["an unknown field", `${head}${map}speed = 3\n`, 7, "op 1 speed", "not a field"],
  ["a size of zero", `${head}[[op]]\nop = "map"\nregion = "a"\nsize = "0M"\n`, 6, "op 1 size", "zero"],
  ["a size that is none", `${head}[[op]]\nop = "map"\nregion = "a"\nsize = "lots"\n`, 6, "op 1 size", "is not a size"],
  ["half a page", `${head}[[op]]\nop = "map"\nregion = "a"\nsize = "6kB"\n`, 6, "op 1 size", "whole number"],
  ["a folio of two pages", `${head}${map}folio = "8kB"\n`, 7, "op 1 folio", "two pages"],
  ["a folio that is no power of two", `${head}${map}folio = "48kB"\n`, 7, "op 1 folio", "power of two"],
  ["a folio larger than a PMD", `${head}${map}folio = "4M"\n`, 7, "op 1 folio", "larger than the largest folio"],
  ["a region that nobody mapped", `${head}${map}[[op]]\nop = "fill"\nregion = "b"\n`, 9, "op 2 region", 'maps a region "b"'],
  ["a range beyond the region", `${head}${map}[[op]]\nop = "fill"\nregion = "a"\nfrom = "75%"\nlength = "50%"\n`, 11, "op 2 length", "256 pages"],
  ["a process that is not there", `${head}${map}[[op]]\nop = "exit"\nin = "c"\n`, 9, "op 2 in", 'no process "c"'],
  ["pages that are gone", `${head}${map}[[op]]\nop = "unmap"\nregion = "a"\n[[op]]\nop = "read"\nregion = "a"\n`, 12, "op 3 region", "unmapped already"],
  ["a byte without its pattern", `${head}${map}[[op]]\nop = "fill"\nregion = "a"\nbyte = 3\n`, 10, "op 2 byte", "same-byte"],
  ["a parameter nobody defined", `${head}[[op]]\nop = "map"\nregion = "a"\nsize = "$many"\n`, 6, "op 1 size", "$many"],
  ["anything but an end after a storm", `${head}${map}[[op]]\nop = "storm"\nregion = "a"\nthreads = ["read"]\npieces = { count = 1, size = "64kB" }\n[[op]]\nop = "read"\nregion = "a"\n`, 13, "op 3 op", "after a storm nobody can say what read would do"],
  ["a storm on shared memory", `${head}${map}share = "shared"\n[[op]]\nop = "storm"\nregion = "a"\nthreads = ["read"]\npieces = { count = 1, size = "64kB" }\n`, 10, "op 2 region", "needs private memory"],
  ["a storm of nobody", `${head}${map}[[op]]\nop = "storm"\nregion = "a"\nthreads = []\npieces = { count = 1, size = "64kB" }\n`, 10, "op 2 threads", "has no threads"],
  ["a role that is none", `${head}${map}[[op]]\nop = "storm"\nregion = "a"\nthreads = ["sleep"]\npieces = { count = 1, size = "64kB" }\n`, 10, "op 2 threads 1", '"sleep" is not one of'],
  ["pieces of an op that is done once", `${head}${map}[[op]]\nop = "unmap"\nregion = "a"\npieces = { count = 1, size = "64kB" }\n`, 10, "op 2 pieces", "not a field"],
  ["no ops", head, 0, "op", "missing"],
  ["broken TOML", `${head}[[op\n`, 3, "", "not well-formed TOML"],
  ["a CPU that the guest lacks", `${head}${map}cpu = 1\n`, 7, "op 1 cpu", "no CPU 1"],
  ["a CPU that is no number", `${head}${map}cpu = "1"\n`, 7, "op 1 cpu", "number"],
  ["half a CPU", `${head}${map}cpu = 0.5\n`, 7, "op 1 cpu", "whole number"],
  ["no CPU at all", `${head}[parameters]\ncpus = 0\n${map}`, 4, "parameters.cpus", "at least 1"],
  ["too many CPUs", `${head}[parameters]\ncpus = 100\n${map}`, 4, "parameters.cpus", "at most 8"],
  ["an area declared twice", `${head}${area("a")}${area("a")}${map}`, 6, "area 2 name", "declared already"],
  ["too many areas", `${head}${["a", "b", "c", "d", "e"].map((name) => area(name)).join("")}${map}`, 3, "area", "more than 4"],
  ["a priority that is too high", `${head}${area("a", "priority = 40000\n")}${map}`, 5, "area 1 priority", "32767"],
  ["an area that is no list", `${head}[area]\nname = "a"\n${map}`, 3, "area", "two pairs of brackets"],
  ["a table without an op", `${head}${map}[[op]]\nregion = "a"\n`, 7, "op 2 op", "is missing"],
  ["a negative priority", `${head}${area("a", "priority = -1\n")}${map}`, 5, "area 1 priority", "0"],
  ["an area of one page", `${head}${area("a", 'size = "4kB"\n')}${map}`, 5, "area 1 size", "two pages"],
  ["an area on no device", `${head}${area("a", 'device = "floppy"\n')}${map}`, 5, "area 1 device", "floppy"],
  ["an unknown field of an area", `${head}${area("a", "speed = 1\n")}${map}`, 5, "area 1 speed", "not a field"],
  ["an area that is not said", `${head}${area("a")}${area("b")}${map}[[op]]\nop = "swapoff"\n`, 11, "op 2 area", "is needed where there are several areas: a, b"],
  ["an area that is not there", `${head}${area("a")}${map}[[op]]\nop = "swapoff"\narea = "b"\n`, 11, "op 2 area", 'no area "b"'],
  ["the first area switched on again", `${head}${area("a")}${area("b")}${map}[[op]]\nop = "swapon"\narea = "a"\n`, 12, "op 2 op", "is on already"],
  ["an area that is off", `${head}${area("a")}${area("b")}${map}[[op]]\nop = "swapoff"\narea = "b"\n`, 12, "op 2 op", "is off already"],
  ["an unknown device", `${head}[parameters]\ndevice = "floppy"\n${map}`, 4, "parameters.device", "floppy"],
];

test.each(bad)("%s is named with its line and field", (_what, text, line, field, says) => {
  const error = errorOf(text);
  expect(error.line).toBe(line);
  expect(error.field).toBe(field);
  expect(error.message).toContain(says);
  expect(error.message.startsWith("my.toml")).toBe(true);
});

test("shared memory may ask for large folios, and --folio changes them", () => {
  const shared = (folio: string): string => `${head}${map}share = "shared"\nfolio = "${folio}"\n`;
  expect(parse(shared("64kB")).workload.ops).toMatchObject([{ folioOrder: 4, share: "shared" }]);
  expect(parse(shared("$folio"), { folio: "2M", own: {} }).workload.ops).toMatchObject([{ folioOrder: 9, share: "shared" }]);
});

test("a JSON error names its line", () => {
  const text = '{\n "name": "x",\n "title": "t",\n "op": [\n  {"op": "map", "region": "a",\n   "size": "0M"}\n ]\n}\n';
  expect(errorOf(text).line).toBe(6);
});

test("--cpus can be too small for an op", () => {
  const { message, line } = errorOf(`${head}[parameters]\ncpus = 2\n${map}cpu = 1\n`, { cpus: 1, own: {} });
  expect([line, message]).toEqual([9, expect.stringContaining("one CPU, number 0")]);
});

test("--set with an unknown name says what there is", () => {
  expect(errorOf(head + map, { own: { speed: "1" } }).message).toContain("none of its own");
});

test("every shipped experiment can be read and is named after its file", () => {
  const folder = new URL("../../vm-images/experiments/", import.meta.url);
  const files = readdirSync(folder);
  expect(files.length).toBeGreaterThanOrEqual(8);
  for (const file of files) {
    const { workload } = parseWorkload(readFileSync(new URL(file, folder), "utf8"), nothing, { ...context, file });
    expect(`${workload.name}.toml`).toBe(file);
    expect(workload.title.length).toBeLessThanOrEqual(100);
  }
});

test("a workload written as a file is read back as it was", () => {
  fc.assert(
    fc.property(opLists({ folioOrders: [0, 2, 9], opCountMax: 20, cpuCount: 2, device: "brd" }), (list) => {
      const workload = { name: "random-1", title: "a list", cpuCount: 2, ...list };
      expect(parse(workloadToml(workload, x86_64)).workload).toEqual(workload);
    }),
  );
});
