import * as fc from "fast-check";
import { expect, test } from "vitest";
import { entryOffset, makeEntry } from "../model/entry.ts";
import { generations, type GenerationName } from "../model/features.ts";
import { x86_64 } from "../model/geometry.ts";
import { pteKind } from "../model/mm/region.ts";
import { slotByte, slotCount } from "../model/slot-byte.ts";
import { clusterState, type SwapArea } from "../model/swap-area.ts";
import { BeyondModel } from "../model/swap-core.ts";
import { checkOps } from "./check.ts";
import { Machine } from "./machine.ts";
import { rangeOpNames, type Op } from "./ops.ts";

const regionPages = [40, 512, 700, 1024];

/** Ops over two processes and two regions; those that make no sense where they stand are left out. */
const opLists = fc
  .record({
    pages: fc.constantFrom(...regionPages),
    order: fc.constantFrom(0, 2, 4, 9),
    shared: fc.integer({ min: 0, max: 9 }).map((roll) => roll === 0),
    ops: fc.array(
      fc.record({
        name: fc.constantFrom(...rangeOpNames, "fill", "fill", "pageout", "pageout", "fork", "exit", "evict", "swap"),
        inChild: fc.boolean(),
        from: fc.integer({ min: 0, max: 7 }),
        eighths: fc.integer({ min: 1, max: 8 }),
        zero: fc.boolean(),
      }),
      { maxLength: 25 },
    ),
  })
  .map(({ pages, order, shared, ops }) => {
    const list: Op[] = [{ op: "map", in: "main", region: "a", pageCount: pages, folioOrder: order, share: shared ? "shared" : "private" }];
    let swapIsOn = true;
    for (const draw of ops) {
      const process = draw.inChild ? "child" : "main";
      const firstPage = Math.floor((pages * draw.from) / 8);
      const pageCount = Math.max(1, Math.min(pages - firstPage, Math.floor((pages * draw.eighths) / 8)));
      const place = { in: process, region: "a", range: { firstPage, pageCount } };
      const op: Op =
        draw.name === "fork"
          ? { op: "fork", in: "main", child: "child" }
          : draw.name === "exit" || draw.name === "evict"
            ? { op: draw.name, in: process }
            : draw.name === "swap"
              ? { op: swapIsOn ? "swapoff" : "swapon", in: "main" }
              : draw.name === "fill"
                ? { op: "fill", ...place, pattern: draw.zero ? { kind: "zero" } : { kind: "words" } }
                : { op: draw.name, ...place };
      if (checkOps([...list, op]) !== null) continue;
      list.push(op);
      if (draw.name === "swap") swapIsOn = !swapIsOn;
    }
    return list;
  });

function checkArea(machine: Machine, area: SwapArea): void {
  let inuse = 0;
  if (!area.hasClusters) {
    for (let slot = 1; slot < area.slotCount; slot++) if (area.map[slot] !== slotByte.free) inuse++;
    expect(area.inusePages).toBe(inuse);
    checkCounts(machine, area);
    return;
  }
  for (let cluster = 0; cluster < area.clusterCount; cluster++) {
    const start = cluster * area.clusterSlots;
    let used = Math.max(0, start + area.clusterSlots - area.slotCount);
    for (let slot = start; slot < Math.min(start + area.clusterSlots, area.slotCount); slot++) {
      if (area.map[slot] === slotByte.free) continue;
      used++;
      if (slot > 0) inuse++;
    }
    expect(area.used[cluster], `slots used in cluster ${cluster}`).toBe(used);
    expect(area.state[cluster] === clusterState.free, `cluster ${cluster} is free exactly when it is empty`).toBe(used === 0);
  }
  expect(area.inusePages).toBe(inuse);
  expect([...area.free].every((cluster) => area.state[cluster] === clusterState.free)).toBe(true);
  expect([...area.full].every((cluster) => area.used[cluster] === area.clusterSlots)).toBe(true);
  if (machine.core.features.allocator === "order-lists") {
    area.frag.forEach((list, order) => expect([...list].length, `frag list ${order}`).toBe(area.fragCount[order]));
  }
  checkCounts(machine, area);
}

function sharedSlots(machine: Machine): Set<number> {
  const slots = new Set<number>();
  for (const process of machine.memory.processes.values()) {
    for (const { shared } of process.regions.values()) {
      for (let page = 0; page < (shared?.pageCount ?? 0); page++) {
        const place = shared!.place(page);
        if (place.at === "swap") slots.add(entryOffset(place.entry));
      }
    }
  }
  return slots;
}

/** Every slot's count is the number of page-table entries that refer to it, and its cache bit has a holder. */
function checkCounts(machine: Machine, area: SwapArea): void {
  const references = new Map<number, number>();
  for (const process of machine.memory.processes.values()) {
    for (const region of process.regions.values()) {
      for (let page = 0; page < region.pageCount; page++) {
        if (region.kind[page] !== pteKind.swap) continue;
        const slot = entryOffset(region.value[page]!);
        references.set(slot, (references.get(slot) ?? 0) + 1);
      }
    }
  }
  let cached = 0;
  for (let slot = 1; slot < area.slotCount; slot++) {
    const byte = area.map[slot]!;
    const count = slotCount(byte);
    // Shared memory's one reference is not in any page table; from 7.0 on it is counted like others.
    const shared = count === slotByte.shared || sharedSlots(machine).has(slot);
    if (!shared) expect(count, `references to slot ${slot}`).toBe(references.get(slot) ?? 0);
    const folio = machine.core.cachedFolio(makeEntry(area.swapType, slot));
    if (folio === null) continue;
    cached++;
    expect(byte & slotByte.hasCache, `cache bit of slot ${slot}`).toBe(slotByte.hasCache);
    expect(slot - entryOffset(folio.entry)).toBeLessThan(folio.pageCount);
  }
  expect(machine.core.cachedPages).toBe(cached);
}

/** False when the model says that it cannot follow from here on: 6.1 draws a new start for its scan in every swapon. */
function executes(machine: Machine, op: Op): boolean {
  try {
    machine.execute(op);
    return true;
  } catch (error) {
    if (error instanceof BeyondModel) return false;
    throw error;
  }
}

const names: GenerationName[] = ["6.1", "6.12", "7.0", "7.3"];

const devices = { synchronous: { synchronous: true, rotating: false }, asynchronous: { synchronous: false, rotating: false }, rotating: { synchronous: false, rotating: true } };

test.each(names.flatMap((name) => Object.entries(devices).map(([title, traits]) => [name, title, traits] as const)))(
  "after any ops counts, clusters, lists and caches agree (%s, %s)",
  (name, _title, traits) => {
    fc.assert(
      fc.property(opLists, fc.constantFrom(1024, 2048, 600), (ops, swapPageCount) => {
        const machine = new Machine({ generation: generations[name], geometry: x86_64, ...traits, scanStarts: [1] }, { swapPageCount, cpuCount: 1 });
        machine.start();
        for (const op of ops) {
          if (!executes(machine, op)) return;
          for (const area of machine.core.areas) if (area !== null) checkArea(machine, area);
        }
      }),
      { numRuns: 20 },
    );
  },
  60_000,
);
