import { describe, expect, test } from "vitest";
import { oneArea } from "./areas-fixture.ts";
import type { DeviceName, Op } from "./ops.ts";
import { generations, type GenerationName } from "../model/features.ts";
import { x86_64 } from "../model/geometry.ts";
import { Machine } from "./machine.ts";

function play(generation: GenerationName, swapMb: number, ops: Op[], device: DeviceName = "nvme") {
  const machine = new Machine({ generation: generations[generation], geometry: x86_64, scanStarts: [1] }, oneArea(swapMb * 256, device));
  return [machine.start(), ...ops.map((op) => machine.execute(op))];
}

const words = { kind: "words" } as const;
function pagedOut(region: string, pageCount: number, folioOrder: number): Op[] {
  const range = { firstPage: 0, pageCount };
  return [
    { op: "map", in: "main", region, pageCount, folioOrder, share: "private" },
    { op: "fill", in: "main", region, range, pattern: words },
    { op: "pageout", in: "main", region, range },
  ];
}

function slots(observation: ReturnType<typeof play>[number], region: string): string {
  return observation.placements
    .find((placement) => placement.region === region)!
    .runs.map((run) => (run.kind === "swap" ? `${run.offset}+${run.pageCount}` : `${run.kind}+${run.pageCount}`))
    .join(" ");
}

const names: GenerationName[] = ["6.1", "6.12"];

test.each(names)("2048 base pages on a fresh 256 MiB area (%s)", (name) => {
  const last = play(name, 256, pagedOut("a", 2048, 0)).at(-1)!;
  expect(slots(last, "a")).toBe("16384+512 32768+512 49152+512 512+512");
});

test.each(names)("M1 %s", (name) => {
  const ops = [...pagedOut("a", 600, 0), ...pagedOut("b", 600, 0), ...pagedOut("c", 600, 0)];
  const part2: Op[] = [{ op: "unmap", in: "main", region: "b", range: { firstPage: 0, pageCount: 600 } }, ...pagedOut("d", 700, 0)];
  const last = play(name, 8, [...ops, ...part2]).at(-1)!;
  expect(slots(last, "a")).toBe("512+600");
  if (name === "6.1") {
    expect(slots(last, "c")).toBe("1712+336 1+64 66+64 131+64 196+64 261+8");
    expect(slots(last, "d")).toBe("269+56 326+64 391+64 456+56 1112+1 1114+64 1179+64 1244+64 1309+64 1374+64 1439+64 1504+64 1569+1 1634+1 1636+1 1638+1 1640+1 1642+1 1644+1 1646+1 1648+1 1650+1 1652+1");
  } else {
    expect(slots(last, "c")).toBe("1712+336 1+264");
    expect(slots(last, "d")).toBe("265+247 1112+386 1561+67");
  }
  expect(last.swapAreas[0]!.usedKb).toBe(7600);
});

test.each(names)("M2 %s", (name) => {
  const last = play(name, 8, [...pagedOut("a", 512, 9), ...pagedOut("b", 10, 0), ...pagedOut("c", 1536, 9)]).at(-1)!;
  expect(slots(last, "a")).toBe("512+512");
  expect(slots(last, "b")).toBe("1024+10");
  expect(last.vmstat["thp_swpout_fallback"]).toBe(2);
  if (name === "6.1") expect(slots(last, "c")).toMatch(/^1536\+512 1034\+502 1\+64 66\+64 131\+64 196\+64 261\+64 326\+1 391\+1 393\+1 395\+1/);
  else expect(slots(last, "c")).toBe("1536+512 1034+502 1+321 385+127 322+63 present+11");
});

test("6.1: unmapping one swapped PMD folio looks the folio up once", () => {
  const steps = play("6.1", 64, [...pagedOut("a", 512, 9), { op: "unmap", in: "main", region: "a", range: { firstPage: 0, pageCount: 512 } }]);
  expect(steps.at(-1)!.calls).toMatchObject({ free_swap_and_cache: 512, __swap_entry_free: 512, swap_page_trans_huge_swapped: 513, __try_to_reclaim_swap: 1, put_swap_folio: 1 });
});

test.each<[GenerationName, number, number]>([
  ["6.1", 1, 0],
  ["6.1", 0, 32],
  ["6.12", 64, 0],
  ["6.12", 63, 32],
  ["7.3", 64, 0],
  ["7.3", 63, 32],
])("evict with few free slots (%s, %i free)", (name, freeCount, left) => {
  const outCount = 32;
  const machine = new Machine({ generation: generations[name], geometry: x86_64, scanStarts: [1] }, oneArea(1 + outCount + freeCount));
  machine.start();
  for (const op of pagedOut("a", outCount, 0)) machine.execute(op);
  expect(machine.core.freePages).toBe(freeCount);
  expect(machine.execute({ op: "evict", in: "main" }).gauges["nr_swapcached"]).toBe(left);
});

test.each<GenerationName>(["6.1", "6.12", "7.3"])("what was evicted is read again, with neighbours; what is mapped stays cached (%s)", (name) => {
  const range = { firstPage: 0, pageCount: 64 };
  const one = { firstPage: 20, pageCount: 1 };
  const steps = play(name, 64, [...pagedOut("a", 64, 0), { op: "evict", in: "main" }, { op: "read", in: "main", region: "a", range: one }, { op: "evict", in: "main" }, { op: "read", in: "main", region: "a", range }]);
  const [, , , , evicted, read, again, all] = steps;
  expect(evicted!.gauges["nr_swapcached"]).toBe(0);
  // One more for the header page that swapon read.
  expect(evicted!.calls["__remove_mapping"]).toBe(64 + 1);
  expect(read!.vmstat).toMatchObject({ pswpin: 8, swap_ra: 7 });
  expect(again!.gauges["nr_swapcached"]).toBe(1);
  expect(all!.vmstat["pswpin"]).toBe(63);
});

const within = (op: "pin" | "pageout" | "dontneed" | "read" | "split", firstPage: number, pageCount: number): Op => ({ op, in: "main", region: "a", range: { firstPage, pageCount } });

describe.each<GenerationName>(["6.1", "6.12", "7.3"])("pinned and split (%s)", (name) => {
  test("a base page that a pipe holds is cached and not written, even where writes complete at once", () => {
    const last = play(name, 64, [...pagedOut("a", 16, 0).slice(0, 2), within("pin", 3, 1), within("pageout", 0, 16)], "brd").at(-1)!;
    expect(slots(last, "a")).toMatch(/^\d+\+16$/);
    expect(last.vmstat["pswpout"]).toBe(15);
    expect(last.gauges["nr_swapcached"]).toBe(1);
  });

  test("a large folio that a pipe holds gets no slots, and goes out when the pipe is closed", () => {
    const ops: Op[] = [...pagedOut("a", 512, 9).slice(0, 2), within("pin", 3, 1), within("pageout", 0, 512), { op: "unpin", in: "main", region: "a" }, within("pageout", 0, 512)];
    const [, , , , held, , released] = play(name, 64, ops);
    expect(slots(held!, "a")).toBe("present+512");
    expect(held!.calls["folio_alloc_swap"] ?? 0).toBe(0);
    expect(slots(released!, "a")).toBe("512+512");
  });

  test("a cached folio of which one page is mapped is split; its pages are then cached one by one", () => {
    const ops: Op[] = [...pagedOut("a", 512, 9), within("dontneed", 511, 1), within("read", 0, 1), within("split", 0, 512), { op: "evict", in: "main" }];
    const [split, evicted] = play(name, 64, ops).slice(-2);
    expect(split!.vmstat["thp_split_page"]).toBe(1);
    expect(split!.gauges["nr_swapcached"]).toBe(511);
    expect(evicted!.gauges["nr_swapcached"]).toBe(1);
  });
});

test.each<GenerationName>(["7.0", "7.3"])("zswap takes pages at once and gives them back dirty; switched off, the device has them again (%s)", (name) => {
  const zswap = (enabled: boolean): Op => ({ op: "zswap", in: "main", enabled });
  const ops: Op[] = [...pagedOut("a", 16, 4).slice(0, 2), zswap(true), within("pageout", 0, 16), within("read", 0, 8), zswap(false), within("pageout", 0, 8), within("read", 0, 16)];
  const [, , , , stored, loaded, , written, all] = play(name, 64, ops);
  expect(stored!.vmstat).toEqual({ zswpout: 16 });
  expect(stored!.folioStats[64]).toMatchObject({ zswpout: 1 });
  expect(stored!.gauges["nr_swapcached"]).toBe(0);
  expect(loaded!.vmstat["zswpin"]).toBeGreaterThanOrEqual(8);
  expect(written!.vmstat["pswpout"]).toBe(8);
  expect(all!.vmstat["pswpin"]).toBeUndefined();
});

test("zswap of older generations is not modelled, and the model says so", () => {
  expect(() => play("6.12", 64, [{ op: "zswap", in: "main", enabled: true }])).toThrow("zswap is modelled from 7.0 on only");
});

describe("from 7.0 on", () => {
  const newer: GenerationName[] = ["7.0", "7.1", "7.3"];

  test.each(newer)("base pages start at slot 1, large folios at the first whole cluster (%s)", (name) => {
    expect(slots(play(name, 256, pagedOut("a", 2048, 0)).at(-1)!, "a")).toBe("1+2048");
    expect(slots(play(name, 256, pagedOut("a", 2048, 9)).at(-1)!, "a")).toBe("512+2048");
    expect(slots(play(name, 256, pagedOut("a", 2048, 4)).at(-1)!, "a")).toBe("512+2048");
  });

  test.each(newer)("holes are filled before a new cluster is opened (%s)", (name) => {
    const hole: Op = { op: "unmap", in: "main", region: "a", range: { firstPage: 128, pageCount: 256 } };
    const last = play(name, 256, [...pagedOut("a", 1024, 0), ...pagedOut("b", 1024, 0), hole, ...pagedOut("c", 600, 0)]).at(-1)!;
    expect(slots(last, "b")).toBe("1025+1024");
    expect(slots(last, "c")).toBe("2049+511 129+89");
  });

  test.each(newer)("at the brim the pages of a split folio go out last page first (%s)", (name) => {
    const last = play(name, 8, [...pagedOut("a", 512, 9), ...pagedOut("b", 10, 0), ...pagedOut("c", 1536, 9)]).at(-1)!;
    expect(slots(last, "b")).toBe("1+10");
    expect(slots(last, "c")).toMatch(/^1024\+1024 11\+1 present\+11 511\+1 510\+1 509\+1/);
    expect(last.vmstat["thp_swpout_fallback"]).toBe(1);
  });
});

describe("on a rotating device", () => {
  const rotating = "scsi-hdd";
  const exit: Op = { op: "exit", in: "main" };

  test.each(names)("base pages are handed out one after the other, with batches cut where a run is looked for (%s)", (name) => {
    const steps = play(name, 256, [...pagedOut("a", 2048, 0), exit], rotating);
    expect(slots(steps.at(-2)!, "a")).toBe("1+2048");
    expect([steps.at(-2)!, steps.at(-1)!].map((step) => step.swapAreas[0]!.usedKb)).toEqual([8240, 304]);
  });

  test.each(names)("large folios are split (%s)", (name) => {
    const last = play(name, 256, pagedOut("a", 1024, 9), rotating).at(-1)!;
    expect(slots(last, "a")).toBe("1+1024");
    expect(last.vmstat["thp_swpout_fallback"]).toBe(2);
  });

  test.each(names)("holes wait until no run of a cluster's length is left (%s)", (name) => {
    const hole = (region: string, firstPage: number, pageCount: number): Op => ({ op: "dontneed", in: "main", region, range: { firstPage, pageCount } });
    const full = [...pagedOut("a", 600, 0), ...pagedOut("b", 600, 0), hole("a", 50, 130), hole("b", 16, 300)];
    const last = play(name, 8, [...full, ...pagedOut("c", 700, 0), hole("a", 200, 100), ...pagedOut("d", 256, 0)], rotating).at(-1)!;
    // The last 46 freed slots of b are parked when c comes to them; d gets what is left of c's batch and goes on behind them.
    expect(slots(last, "c")).toBe("1201+345 51+130 617+225");
    expect(slots(last, "d")).toBe("842+29 1546+227");
    expect(last.swapAreas[0]!.usedKb).toBe(6824);
  });

  test("from 6.14 on large folios go out whole", () => {
    const last = play("7.3", 256, pagedOut("a", 1024, 9), rotating).at(-1)!;
    expect(slots(last, "a")).toBe("512+1024");
    expect(last.vmstat["thp_swpout_fallback"] ?? 0).toBe(0);
  });
});

describe("a child's page tables", () => {
  const [first, second] = [{ firstPage: 0, pageCount: 8 }, { firstPage: 8, pageCount: 8 }];
  const zeroes: Op[] = [
    { op: "map", in: "main", region: "a", pageCount: 16, folioOrder: 0, share: "private" },
    { op: "read", in: "main", region: "a", range: first },
  ];
  const child: Op = { op: "fork", in: "main", child: "child" };
  const seen = (ops: Op[]): string[] =>
    play("6.12", 64, ops).at(-1)!.placements.map(({ process, runs }) => `${process} ${runs.map(({ kind, pageCount }) => `${kind}+${pageCount}`).join(" ")}`);

  test("stay empty where only zero pages were ever seen", () => {
    expect(seen([...zeroes, child])).toEqual(["main present+8 none+8", "child none+16"]);
  });

  test("are copied when a page of the same area was written, even if it is gone", () => {
    const written: Op = { op: "write", in: "main", region: "a", range: second };
    expect(seen([...zeroes, written, { ...written, op: "dontneed" }, child])).toEqual(["main present+8 none+8", "child present+8 none+8"]);
    const apart: Op = { op: "unmap", in: "main", region: "a", range: { firstPage: 8, pageCount: 1 } };
    expect(seen([...zeroes, apart, { ...written, range: { firstPage: 9, pageCount: 1 } }, child]).at(-1)).toMatch(/^child none/);
  });

  test("are copied where the huge zero page is seen", () => {
    const huge: Op[] = [
      { op: "map", in: "main", region: "a", pageCount: 512, folioOrder: 9, share: "private" },
      { op: "read", in: "main", region: "a", range: first },
    ];
    expect(seen([...huge, child]).at(-1)).toBe("child present+512");
  });
});
