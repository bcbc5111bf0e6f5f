import { expect, test } from "vitest";
import { areaNames, metricLabel } from "./labels.ts";

test.each([
  ["memory.free_slots", "memory: free slots"],
  ["memory.cpu0.slots_cache.to_hand_out", "memory: slots cache to hand out"],
  ["memory.cpu1.slots_cache.state", "memory: cpu1 slots cache state"],
  ["memory.cpu0.cursor.next.4", "memory: next slot of order 4"],
  ["memory.swap0.slots", "memory: slots"],
  ["memory.swap1.slots", "memory: swap1 slots"],
  ["memory.swap0.list.free", "memory: free list"],
  ["memory.swap0.list.nonfull.4", "memory: nonfull list of order 4"],
  ["memory.swap0.frag_count.4", "memory: frag count of order 4"],
  ["memory.swap0.cpu0.cursor.next.4", "memory: next slot of order 4"],
  ["memory.swap1.cpu2.cursor.next.4", "memory: swap1 cpu2 next slot of order 4"],
  ["memory.swap0.cpu0.cursor.cluster_next", "memory: cluster next"],
  ["memory.swap0.cursor.cluster_nr", "memory: cluster nr"],
])("%s is shown as %s", (name, label) => {
  expect(metricLabel(name)).toBe(label);
});

test("where there are several areas, each goes by its name", () => {
  const held = (name: string, value: string | number) => ({ name, kind: "exact" as const, model: value, real: value, ok: true });
  const areas = areaNames([held("swap0.area", "fast"), held("swap0.used_kb", 4), held("swap1.area", "slow")]);
  const labels = ["swap0.used_kb", "swap1.used_kb", "swap1.area", "memory.swap0.list.free", "memory.swap1.slots", "memory.slots_cache.returned", "swap2.used_kb"];
  expect(labels.map((name) => metricLabel(name, areas))).toEqual([
    ...["fast used, kB", "slow used, kB", "area of swap type 1", "memory: fast free list", "memory: slow slots", "memory: slots cache returned", "swap2 used, kB"],
  ]);
});
