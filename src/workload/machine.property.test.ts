import * as fc from "fast-check";
import { expect, test } from "vitest";
import { opLists } from "../../test/random/op-lists.ts";
import { entryOffset, entryType, makeEntry } from "../model/entry.ts";
import { generations, type GenerationName } from "../model/features.ts";
import { x86_64 } from "../model/geometry.ts";
import { pteKind } from "../model/mm/region.ts";
import * as slotByte from "../model/slot-byte.ts";
import { slotCount } from "../model/slot-byte.ts";
import { clusterState } from "../model/cluster.ts";
import type { SwapArea } from "../model/swap-area.ts";
import { BeyondModel } from "../model/beyond-model.ts";
import { Machine } from "./machine.ts";
import type { DeviceName, Op } from "./ops.ts";

/** An assertion that costs nothing as long as it holds: there are thousands of slots after each op. */
function agree<Value>(found: Value, wanted: Value, what: string): void {
  if (found !== wanted) expect(found, what).toBe(wanted);
}

function checkArea(machine: Machine, area: SwapArea): void {
  let inuse = 0;
  if (!area.hasClusters) {
    for (let slot = 1; slot < area.slotCount; slot++) if (area.map[slot] !== slotByte.free) inuse++;
    expect(area.inusePages).toBe(inuse);
    checkCounts(machine, area);
    return;
  }
  for (const { index, start, state, used: counted } of area.clusters) {
    let used = Math.max(0, start + area.clusterSlots - area.slotCount);
    for (let slot = start; slot < Math.min(start + area.clusterSlots, area.slotCount); slot++) {
      if (area.map[slot] === slotByte.free) continue;
      used++;
      if (slot > 0) inuse++;
    }
    agree(counted, used, `slots used in cluster ${index}`);
    agree(state === clusterState.free, used === 0, `cluster ${index} is free exactly when it is empty`);
  }
  expect(area.inusePages).toBe(inuse);
  expect([...area.free].every(({ state }) => state === clusterState.free)).toBe(true);
  expect([...area.full].every(({ used }) => used === area.clusterSlots)).toBe(true);
  if (machine.core.features.allocator === "order-lists") {
    area.frag.forEach((list, order) => agree([...list].length, list.count, `frag list ${order}`));
  }
  checkCounts(machine, area);
}

function sharedSlots(machine: Machine, { swapType }: SwapArea): Set<number> {
  const slots = new Set<number>();
  for (const process of machine.memory.processes.values()) {
    for (const { shared } of process.regions.values()) {
      for (let page = 0; page < (shared?.pageCount ?? 0); page++) {
        const entry = shared!.entryOf(page);
        if (entry !== null && entryType(entry) === swapType) slots.add(entryOffset(entry));
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
        if (region.kind[page] !== pteKind.swap || entryType(region.value[page]!) !== area.swapType) continue;
        const slot = entryOffset(region.value[page]!);
        references.set(slot, (references.get(slot) ?? 0) + 1);
      }
    }
  }
  const ofShared = sharedSlots(machine, area);
  for (let slot = 1; slot < area.slotCount; slot++) {
    const byte = area.map[slot]!;
    const count = slotCount(byte);
    // Shared memory's one reference is not in any page table; from 7.0 on it is counted like others.
    const shared = count === slotByte.shared || ofShared.has(slot);
    if (!shared) agree(count, references.get(slot) ?? 0, `references to slot ${slot}`);
    const folio = machine.core.cachedFolio(makeEntry(area.swapType, slot));
    if (folio === null) continue;
    agree(byte & slotByte.hasCache, slotByte.hasCache, `cache bit of slot ${slot}`);
    expect(slot - entryOffset(folio.entry)).toBeLessThan(folio.pageCount);
  }
}

/** What is counted over all areas. */
function checkSums({ core }: Machine): void {
  const areas = core.openAreas();
  const cached = areas.map((area) => places(area.slotCount, (slot) => area.cached(slot) !== -1));
  expect(core.cachedPages).toBe(sum(cached));
  expect(core.totalPages).toBe(sum(areas.map(({ usablePages }) => usablePages)));
  expect(core.freePages).toBe(sum(areas.map(({ usablePages, inusePages }) => usablePages - inusePages)));
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

function places(count: number, holds: (place: number) => boolean): number {
  let found = 0;
  for (let place = 0; place < count; place++) if (holds(place)) found++;
  return found;
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

const names: GenerationName[] = ["6.1", "6.10", "6.12", "6.14", "6.16", "6.18", "7.0", "7.3"];

const devices: DeviceName[] = ["brd", "nvme", "scsi-hdd"];

test.each(names.flatMap((name) => devices.map((device) => [name, device] as const)))(
  "after any ops counts, clusters, lists and caches agree (%s, %s)",
  (name, device) => {
    fc.assert(
      fc.property(opLists({ folioOrders: [0, 2, 4, 9], opCountMax: 25, cpuCount: 1, device }), ({ ops, areas }) => {
        const machine = new Machine({ generation: generations[name], geometry: x86_64, scanStarts: [1] }, { areas, cpuCount: 1 });
        machine.start();
        for (const op of ops) {
          if (!executes(machine, op)) return;
          for (const area of machine.core.openAreas()) checkArea(machine, area);
          checkSums(machine);
        }
      }),
      { numRuns: 20 },
    );
  },
  60_000,
);
