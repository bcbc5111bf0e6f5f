import { describe, expect, test } from "vitest";
import { entryOffset, entryType } from "./entry.ts";
import { generations, type GenerationName } from "./features.ts";
import { x86_64 } from "./geometry.ts";
import { Meter } from "./meter.ts";
import { SwapCore } from "./swap-core.ts";
import { SwapTableCore } from "./swap-table-core.ts";

interface Wanted {
  /** Slots, the header's included. */
  readonly slotCount: number;
  readonly priority?: number;
  readonly ownNode?: boolean;
}

/** A swap core with areas switched on one after the other. */
function coreWith(name: GenerationName, areas: readonly Wanted[]): SwapCore {
  const { features } = generations[name];
  const core = features.cacheBit ? new SwapCore(features, x86_64, new Meter(), 1) : new SwapTableCore(features, x86_64, new Meter(), 1);
  for (const { slotCount, priority = null, ownNode = true } of areas) core.swapOn({ slotCount, priority, ownNode, synchronous: false, rotating: false, scanStarts: [1] });
  return core;
}

/** Entries for so many folios, one after the other; null where there was none. Each slot is referenced once. */
function swapOut(core: SwapCore, count: number, order = 0): (number | null)[] {
  return Array.from({ length: count }, (_, i) => {
    const folio = core.folios.create(order, "a", i << order);
    if (!core.addToSwap(folio)) return null;
    for (let page = 0; page < folio.pageCount; page++) core.duplicate(folio.entry + page);
    return folio.entry;
  });
}

/** Nobody refers to the folio's slots any more, and the cache lets go of it. */
function giveUp(core: SwapCore, entry: number): void {
  const folio = core.cachedFolio(entry)!;
  core.dropReferences(entry, folio.pageCount);
  core.freeSwapOf(folio);
}

/** `0 x64, 1 x64`: swap types in the order in which they were used, `-` where there was no slot. */
function turns(entries: readonly (number | null)[]): string {
  const runs: { type: string; count: number }[] = [];
  for (const entry of entries) {
    const type = entry === null ? "-" : String(entryType(entry));
    const last = runs.at(-1);
    if (last?.type === type) last.count++;
    else runs.push({ type, count: 1 });
  }
  return runs.map(({ type, count }) => `${type} x${count}`).join(", ");
}

const perRequest: GenerationName[] = ["6.1", "6.10", "6.12", "6.14"];
const perCluster: GenerationName[] = ["6.19", "7.0", "7.3"];
const large = 16_384;

describe("areas of equal priority take turns", () => {
  const equal = [{ slotCount: large, priority: 5 }, { slotCount: large, priority: 5 }];

  test.each(perRequest)("%s: with every request, which is 64 base pages or one large folio", (name) => {
    expect(turns(swapOut(coreWith(name, equal), 200))).toBe("0 x64, 1 x64, 0 x64, 1 x8");
    expect(turns(swapOut(coreWith(name, equal), 4, x86_64.pmdOrder))).toBe("0 x1, 1 x1, 0 x1, 1 x1");
  });

  test.each(perCluster)("%s: with every new cluster of the CPU, order by order", (name) => {
    const core = coreWith(name, equal);
    // The first cluster lacks the header's slot.
    expect(turns(swapOut(core, 1100))).toBe("0 x511, 1 x511, 0 x78");
    expect(turns(swapOut(core, 40, 4))).toBe("1 x32, 0 x8");
    expect(turns(swapOut(core, 10))).toBe("0 x10");
  });

  test("a large folio asks one area only, a base page the next as well", () => {
    const areas = [{ slotCount: 600, priority: 5 }, { slotCount: large, priority: 5 }];
    for (const name of [...perRequest, ...perCluster]) {
      const core = coreWith(name, areas);
      expect(turns(swapOut(core, 4, x86_64.pmdOrder)), name).toBe("- x1, 1 x1, - x1, 1 x1");
      expect(turns(swapOut(core, 1500)).split(", ").at(-1), name).toMatch(/^1 x/);
    }
  });
});

describe("areas of different priority", () => {
  test.each([...perRequest, ...perCluster])("%s: the lower one is used when the higher one is full, and left when it is not", (name) => {
    const core = coreWith(name, [{ slotCount: 1024, priority: 1 }, { slotCount: 1024, priority: 7 }]);
    const high = swapOut(core, 1023);
    expect(turns(high)).toBe("1 x1023");
    expect(turns(swapOut(core, 64))).toBe("0 x64");
    for (const entry of high) giveUp(core, entry!);
    const generation = generations[name];
    // With a cursor that belongs to the CPU, the cluster that it stands in is used up first.
    expect(turns(swapOut(core, 600))).toBe(generation.features.slotsCache === "none" ? "0 x447, 1 x153" : "1 x600");
  });

  test.each(perRequest)("%s: those given none count down, and those on the CPU's node are equals", (name) => {
    const nodeless = coreWith(name, [{ slotCount: large, ownNode: false }, { slotCount: large, ownNode: false }]);
    expect(nodeless.areas.map((area) => area?.priority)).toEqual([-2, -3]);
    expect(turns(swapOut(nodeless, 200))).toBe("0 x200");
    const own = coreWith(name, [{ slotCount: large }, { slotCount: large }]);
    expect(own.areas.map((area) => area?.priority)).toEqual([-2, -3]);
    expect(turns(swapOut(own, 200))).toBe("0 x64, 1 x64, 0 x64, 1 x8");
    const mixed = coreWith(name, [{ slotCount: large, ownNode: false }, { slotCount: large, ownNode: true }]);
    expect(turns(swapOut(mixed, 200))).toBe("1 x200");
  });

  test.each(perCluster)("%s: those given none are equals wherever their disk is", (name) => {
    const core = coreWith(name, [{ slotCount: large, ownNode: false }, { slotCount: large }]);
    expect(core.areas.map((area) => area?.priority)).toEqual([-1, -1]);
    expect(turns(swapOut(core, 600))).toBe("0 x511, 1 x89");
  });
});

describe("an area that is switched off", () => {
  test.each([...perRequest, ...perCluster])("%s: its type goes to the next, and nothing more is put there", (name) => {
    const core = coreWith(name, [{ slotCount: large, priority: 5 }, { slotCount: large, priority: 5 }]);
    const entries = swapOut(core, 3, x86_64.pmdOrder);
    const [first] = core.areas;
    core.closeArea(first!);
    for (const entry of entries) if (entryType(entry!) === 0) giveUp(core, entry!);
    core.removeArea(first!);
    expect(turns(swapOut(core, 3, x86_64.pmdOrder))).toBe("1 x3");
    expect([core.freePages, core.totalPages]).toEqual([large - 1 - 4 * 512, large - 1]);
    const again = core.swapOn({ slotCount: 2048, priority: 9, ownNode: true, synchronous: false, rotating: false, scanStarts: [1] });
    expect(again.swapType).toBe(0);
    const [entry] = swapOut(core, 1, x86_64.pmdOrder);
    expect([entryType(entry!), entryOffset(entry!)]).toEqual([0, 512]);
  });

  test("lower automatic priorities move up until 6.18", () => {
    const core = coreWith("6.12", [{ slotCount: large, ownNode: false }, { slotCount: large, ownNode: false }, { slotCount: large, priority: 0 }]);
    core.closeArea(core.areas[0]!);
    core.removeArea(core.areas[0]!);
    expect(core.areas.map((area) => area?.priority)).toEqual([undefined, -2, 0]);
    expect(core.swapOn({ slotCount: large, priority: null, ownNode: false, synchronous: false, rotating: false, scanStarts: [1] }).priority).toBe(-3);
  });
});
