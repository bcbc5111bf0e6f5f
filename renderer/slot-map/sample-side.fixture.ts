import type { SideMap } from "../../src/report/slot-maps/side-map.ts";
import { slotWord } from "../../src/workload/slot-word.ts";
import { type AreaSide, areaSide } from "./area-side.ts";

/** An area of base pages for tests: `slots` says which word is where, everything else is free. */
export function sampleSide(slotCount: number, slots: Readonly<Record<number, number>>, more: Partial<SideMap> = {}): AreaSide {
  const words = new Uint32Array(slotCount);
  words[0] = slotWord.bad;
  for (const [slot, word] of Object.entries(slots)) words[Number(slot)] = word;
  const empty = { folioSlots: new Uint16Array(slotCount), zeroes: null, clusters: null, lists: {}, owners: [], changedAt: new Uint16Array(slotCount) };
  return areaSide({ slots: words, ...empty, ...more });
}
