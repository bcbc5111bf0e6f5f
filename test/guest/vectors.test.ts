import { describe, expect, test } from "vitest";
import { parsePlacement } from "../../src/report/placement.ts";
import type { Result, Step } from "../../src/report/result.ts";
import { useOwnFolder } from "./places.ts";
import { type Asked, checksOf, differing, lab, runExperiment, story } from "./runs.ts";

useOwnFolder();

/**
 * Where pages lie after each page-out, measured with a program of its own that knows no model: one run of slots after the
 * other in the order of the pages, `first slot+length`, or `length in memory`. A list that ends in `…` goes on.
 */
interface Vector {
  readonly name: string;
  readonly asked: Asked;
  /** By page-out, in order, the regions that are looked at. */
  readonly pageouts: readonly Readonly<Record<string, string>>[];
  /** What /proc/swaps calls used after a step, kB: the last step with this op. */
  readonly used: Readonly<Record<string, number>>;
  readonly fallbackCount: number;
}

const guests = { "6.1": { kernel: "6.1", device: "nvme" }, "6.12": { kernel: "6.12", device: "nvme" } };
const bothGuests = Object.values(guests);
/** The first 2048 slots of a fresh area of 256 MiB. */
const freshArea = "16384+512 32768+512 49152+512 512+512";

const vectors: Vector[] = [
  ...bothGuests.map((guest): Vector => ({
    name: "A: 2048 base pages",
    asked: { ...guest, experiment: "fresh-area", folio: "4kB" },
    pageouts: [{ a: freshArea }],
    // What the slots cache holds back of the freed slots is counted as used.
    used: { pageout: 8192, exit: 256 },
    fallbackCount: 0,
  })),
  ...bothGuests.map((guest): Vector => ({
    name: "B: 4 folios of 2 MiB",
    asked: { ...guest, experiment: "fresh-area", folio: "2048kB" },
    pageouts: [{ a: freshArea }],
    used: { pageout: 8192 },
    fallbackCount: 0,
  })),
  {
    name: "C: 128 folios of 64 kB",
    asked: { ...guests["6.12"], experiment: "fresh-area", folio: "64kB" },
    pageouts: [{ a: freshArea }],
    used: { pageout: 8192 },
    fallbackCount: 0,
  },
  {
    name: "C2: 64 kB folios, base pages, 64 kB folios; base pages all three",
    asked: { ...guests["6.1"], experiment: "mixed-orders", folio: "4kB" },
    pageouts: [{ a: "16384+64" }, { b: "16448+64" }, { a: "16384+64", b: "16448+64", c: "16512+64" }],
    used: {},
    fallbackCount: 0,
  },
  {
    name: "C2: 64 kB folios, base pages, 64 kB folios; a cluster for each order",
    asked: { ...guests["6.12"], experiment: "mixed-orders", folio: "64kB" },
    pageouts: [{ a: "16384+64" }, { b: "32768+64" }, { a: "16384+64", b: "32768+64", c: "16448+64" }],
    used: {},
    fallbackCount: 0,
  },
  ...["6.1", "6.12"].map((kernel): Vector => ({
    name: "D: 2048 base pages, rotating",
    asked: { kernel, device: "scsi-hdd", experiment: "fresh-area", folio: "4kB" },
    pageouts: [{ a: "1+2048" }],
    // Of the batches 12 slots are left over, and of the freed ones 64 are parked.
    used: { pageout: 8240, exit: 304 },
    fallbackCount: 0,
  })),
  ...["6.1", "6.12"].map((kernel): Vector => ({
    name: "D2: 2 folios of 2 MiB, rotating, split",
    asked: { kernel, device: "nvme-hdd", experiment: "fresh-area", folio: "2048kB", size: "4M" },
    pageouts: [{ a: "1+1024" }],
    used: {},
    fallbackCount: 2,
  })),
  {
    name: "D: 2048 base pages, rotating",
    asked: { kernel: "7.3", device: "nvme-hdd", experiment: "fresh-area", folio: "4kB" },
    pageouts: [{ a: "1+2048" }],
    used: { pageout: 8192, exit: 0 },
    fallbackCount: 0,
  },
  {
    name: "D2: 2 folios of 2 MiB, rotating, whole",
    asked: { kernel: "7.3", device: "nvme-hdd", experiment: "fresh-area", folio: "2048kB", size: "4M" },
    pageouts: [{ a: "512+1024" }],
    used: {},
    fallbackCount: 0,
  },
  ...bothGuests.map((guest): Vector => ({
    name: "E: a hole of 256 pages is not used again before new clusters",
    asked: { ...guest, experiment: "refill-holes" },
    pageouts: [{ a: "16384+512 32768+512" }, { b: "49152+512 512+512" }, { a: "16384+128 16768+128 32768+512", c: "16896+512 33280+88" }],
    // 64 of the 256 freed slots are parked.
    used: { unmap: 7424 },
    fallbackCount: 0,
  })),
  {
    name: "M1: base pages up to the brim, a region freed, and again",
    asked: { ...guests["6.1"], experiment: "brim-base-pages" },
    pageouts: [
      { a: "512+600" },
      { b: "1112+600" },
      { c: "1712+336 1+64 66+64 131+64 196+64 261+8" },
      {
        d: "269+56 326+64 391+64 456+56 1112+1 1114+64 1179+64 1244+64 1309+64 1374+64 1439+64 1504+64 1569+1 1634+1 1636+1 1638+1 1640+1 1642+1 1644+1 1646+1 1648+1 1650+1 1652+1",
      },
    ],
    used: { pageout: 7600 },
    fallbackCount: 0,
  },
  {
    name: "M1: base pages up to the brim, a region freed, and again",
    asked: { ...guests["6.12"], experiment: "brim-base-pages" },
    pageouts: [{ a: "512+600" }, { b: "1112+600" }, { c: "1712+336 1+264" }, { d: "265+247 1112+386 1561+67" }],
    used: { pageout: 7600 },
    fallbackCount: 0,
  },
  {
    name: "M2: 2 MiB folios among base pages up to the brim",
    asked: { ...guests["6.1"], experiment: "brim-mixed" },
    pageouts: [{ a: "512+512" }, { b: "1024+10" }, { c: "1536+512 1034+502 1+64 66+64 131+64 196+64 261+64 326+1 391+1 393+1 395+1 …" }],
    used: { pageout: 8188 },
    fallbackCount: 2,
  },
  {
    name: "M2: 2 MiB folios among base pages up to the brim",
    asked: { ...guests["6.12"], experiment: "brim-mixed" },
    pageouts: [{ a: "512+512" }, { b: "1024+10" }, { c: "1536+512 1034+502 1+321 385+127 322+63 11 in memory" }],
    used: { pageout: 8188 },
    fallbackCount: 2,
  },
];

/** Where the two families go that isolate clusters: free ones first until 6.17, holes first from 6.18 on. */
interface Family {
  readonly kernels: readonly string[];
  readonly fresh: string;
  readonly freshLarge: string;
  /** Of 64 kB folios, base pages and 64 kB folios again. */
  readonly mixed: readonly [string, string, string];
  readonly holes: Vector["pageouts"];
  readonly brim: readonly [string, string, string, string];
  readonly brimMixed: readonly [string, string, string];
  readonly brimMixedFallbacks: number;
}

const families: readonly Family[] = [
  {
    kernels: ["6.16", "6.17"],
    fresh: freshArea,
    freshLarge: freshArea,
    mixed: ["16384+64", "32768+64", "16448+64"],
    holes: [{ a: "16384+512 32768+512" }, { b: "49152+512 512+512" }, { a: "16384+128 16768+128 32768+512", c: "16896+512 33280+88" }],
    brim: ["512+600", "1112+600", "1712+336 1+264", "265+247 1112+453"],
    brimMixed: ["512+512", "1024+10", "1536+512 1034+1 10+1 9+1 8+1 7+1 6+1 5+1 4+1 3+1 2+1 1+1 1535+1 1534+1 …"],
    brimMixedFallbacks: 2,
  },
  {
    kernels: ["6.18", "7.0", "7.3"],
    fresh: "1+2048",
    freshLarge: "512+2048",
    mixed: ["512+64", "1+64", "576+64"],
    holes: [{ a: "1+1024" }, { b: "1025+1024" }, { a: "1+128 385+640", c: "2049+511 129+89" }],
    brim: ["1+600", "601+600", "1201+600", "1801+247 601+453"],
    brimMixed: ["512+512", "1+10", "1024+1024 11+1 11 in memory 511+1 510+1 509+1 …"],
    brimMixedFallbacks: 1,
  },
];

/** The same measurements on a kernel of a family; nothing is parked any more, so what is used is what is out. */
function familyVectors(kernel: string, { fresh, freshLarge, mixed, holes, brim, brimMixed, brimMixedFallbacks }: Family): Vector[] {
  const asked = { kernel, device: "nvme" };
  const [c0, c1, c2] = mixed;
  const [m0, m1, m2, m3] = brim;
  const [x0, x1, x2] = brimMixed;
  const base = { used: { pageout: 8192 }, fallbackCount: 0 };
  return [
    { ...base, name: "A: 2048 base pages", asked: { ...asked, experiment: "fresh-area", folio: "4kB" }, pageouts: [{ a: fresh }], used: { pageout: 8192, exit: 0 } },
    { ...base, name: "B: 4 folios of 2 MiB", asked: { ...asked, experiment: "fresh-area", folio: "2048kB" }, pageouts: [{ a: freshLarge }] },
    { ...base, name: "C: 128 folios of 64 kB", asked: { ...asked, experiment: "fresh-area", folio: "64kB" }, pageouts: [{ a: freshLarge }] },
    {
      ...{ name: "C2: 64 kB folios, base pages, 64 kB folios", asked: { ...asked, experiment: "mixed-orders", folio: "64kB" } },
      ...{ pageouts: [{ a: c0 }, { b: c1 }, { a: c0, b: c1, c: c2 }], used: {}, fallbackCount: 0 },
    },
    { name: "E: a hole of 256 pages", asked: { ...asked, experiment: "refill-holes" }, pageouts: holes, used: { unmap: 7168 }, fallbackCount: 0 },
    {
      ...{ name: "M1: base pages up to the brim, a region freed, and again", asked: { ...asked, experiment: "brim-base-pages" } },
      ...{ pageouts: [{ a: m0 }, { b: m1 }, { c: m2 }, { d: m3 }], used: { pageout: 7600 }, fallbackCount: 0 },
    },
    {
      ...{ name: "M2: 2 MiB folios among base pages up to the brim", asked: { ...asked, experiment: "brim-mixed" } },
      ...{ pageouts: [{ a: x0 }, { b: x1 }, { c: x2 }], used: { pageout: 8188 }, fallbackCount: brimMixedFallbacks },
    },
  ];
}

/** Kernels beyond those that every test run needs are looked at where they are at hand. */
const fetched = new Set((await lab.kernels()).filter((kernel) => kernel.fetched).map(({ series }) => series));
for (const family of families) {
  for (const kernel of family.kernels) if (fetched.has(kernel)) vectors.push(...familyVectors(kernel, family));
}

function slots(placement: unknown): string {
  const runs = parsePlacement(String(placement)) ?? [];
  return runs
    .filter(({ state }) => state !== "none")
    .map(({ state, offset, pageCount }) => (state === "swap" ? `${offset}+${pageCount}` : `${pageCount} in memory`))
    .join(" ");
}

/** Both sides of a check, a placement in the form of the vectors and as far as the vector goes. */
function sides(step: Step | undefined, name: string, show: (value: unknown) => unknown = (value) => value): { model: unknown; real: unknown } {
  const check = step?.checks.find((candidate) => candidate.name === name);
  return { model: show(check?.model), real: show(check?.real) };
}

const bothAre = (value: unknown): { model: unknown; real: unknown } => ({ model: value, real: value });

const stepsOf = (result: Result, op: string): Step[] => result.steps.filter((step) => step.op === op);

describe("slots that were measured without a model are those of the model and of this guest", () => {
  test.each(vectors.map((vector) => [vector.asked.kernel, vector.name, vector] as const))("%s, %s", async (_kernel, _name, vector) => {
    const { result } = await runExperiment(vector.asked);
    const pageouts = stepsOf(result, "pageout");
    expect(pageouts).toHaveLength(vector.pageouts.length);
    for (const [index, regions] of vector.pageouts.entries()) {
      for (const [region, expected] of Object.entries(regions)) {
        const known = expected.replace(/…$/, "");
        const show = (placement: unknown): string => (known === expected ? slots(placement) : slots(placement).slice(0, known.length));
        expect(sides(pageouts[index], `placement.main.${region}`, show), `${region} after page-out ${index + 1}${story(result)}`).toEqual(bothAre(known));
      }
    }
    for (const [op, kb] of Object.entries(vector.used)) {
      expect(sides(stepsOf(result, op).at(-1), "swap0.used_kb"), `used after ${op}${story(result)}`).toEqual(bothAre(kb));
    }
    expect(sides(pageouts.at(-1), "vmstat.thp_swpout_fallback"), story(result)).toEqual(bothAre(vector.fallbackCount));
    expect(result.verdict, story(result)).toBe("pass");
  });
});

/** What dropping 4096 swapped pages takes, measured in the same way. */
interface Row {
  readonly asked: Asked;
  /** Calls during the munmap. */
  readonly calls: Readonly<Record<string, number>>;
  /** Calls from the first step to the last. */
  readonly callsInAll: Readonly<Record<string, number>>;
  /** What __try_to_reclaim_swap returned, `value:times`. */
  readonly returned: string;
  /** Of 4096 pages so many went out; the area of 16 MiB has no room for the last one. */
  readonly pagesOut: number;
}

const munmap = { experiment: "munmap-after-pageout", size: "16M", swapSize: "256M" };
const rows: readonly Row[] = [
  {
    asked: { ...munmap, kernel: "6.1", folio: "2048kB", device: "nvme" },
    calls: { free_swap_and_cache: 4096, __swap_entry_free: 4096, __try_to_reclaim_swap: 8, put_swap_folio: 8 },
    callsInAll: { swap_page_trans_huge_swapped: 4112 },
    returned: "1:8",
    pagesOut: 4096,
  },
  {
    asked: { ...munmap, kernel: "6.1", folio: "2048kB", device: "brd", swapSize: "16M" },
    calls: { free_swap_and_cache: 4095, __try_to_reclaim_swap: 0 },
    callsInAll: {},
    returned: "none",
    pagesOut: 4095,
  },
  ...["nvme", "scsi-ssd"].flatMap((device): Row[] => [
    {
      asked: { ...munmap, kernel: "6.12", folio: "64kB", device },
      calls: { free_swap_and_cache_nr: 8, __try_to_reclaim_swap: 256, put_swap_folio: 256 },
      callsInAll: {},
      returned: "16:256",
      pagesOut: 4096,
    },
    {
      asked: { ...munmap, kernel: "6.12", folio: "2048kB", device },
      calls: { free_swap_and_cache_nr: 8, __try_to_reclaim_swap: 8 },
      callsInAll: {},
      returned: "512:8",
      pagesOut: 4096,
    },
  ]),
];

function callsInAll(result: Result, name: string): { model: number; real: number } {
  const counts = checksOf(result).filter((check) => check.name === `calls.${name}`);
  const sum = (side: "model" | "real"): number => counts.reduce((total, check) => total + Number(check[side]), 0);
  return { model: sum("model"), real: sum("real") };
}

describe("so many calls does it take to drop 16 MiB of swapped pages", () => {
  test.each(rows.map((row) => [row.asked.kernel, row.asked.folio, row.asked.device, row.asked.swapSize, row] as const))(
    "%s, %s, %s, an area of %s",
    async (_kernel, _folio, device, swapSize, row) => {
      const { result } = await runExperiment(row.asked);
      const [pageout] = stepsOf(result, "pageout");
      const [unmap] = stepsOf(result, "unmap");
      for (const [name, count] of Object.entries(row.calls)) expect(sides(unmap, `calls.${name}`), name + story(result)).toEqual(bothAre(count));
      for (const [name, count] of Object.entries(row.callsInAll)) expect(callsInAll(result, name), name + story(result)).toEqual(bothAre(count));
      expect(sides(unmap, "returns.__try_to_reclaim_swap"), story(result)).toEqual(bothAre(row.returned));
      expect(sides(pageout, "swap0.used_kb"), story(result)).toEqual(bothAre(row.pagesOut * 4));
      if (swapSize === munmap.swapSize) {
        const eightClusters = `${freshArea} 16896+512 33280+512 49664+512 1024+512`;
        expect(sides(pageout, "placement.main.a", slots), story(result)).toEqual(bothAre(eightClusters));
      }
      expect(checksOf(result).filter(({ kind }) => kind === "bounded")).toEqual([]);
      expect([result.verdict, differing(result).length, result.experiment.device], story(result)).toEqual(["pass", 0, device]);
    },
  );
});
