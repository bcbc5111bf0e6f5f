import { folioKb, x86_64 } from "../../src/model/geometry.ts";
import type { AreaSide } from "./area-side.ts";
import { ageCode, codeMax, type Lens, orderCode, ownerCode, stateCode } from "./cells.ts";
import { differenceCode } from "./difference.ts";

/** A colour's meaning. */
export interface LegendEntry {
  readonly code: number;
  readonly label: string;
}

const states: readonly LegendEntry[] = [
  { code: stateCode.free, label: "free" },
  { code: stateCode.counted, label: "counted" },
  { code: stateCode.cached, label: "cached" },
  { code: stateCode.cachedAndCounted, label: "cached and counted" },
  { code: stateCode.zeroes, label: "zeroes, not written" },
  { code: stateCode.bad, label: "not usable" },
];

export const differenceLegend: readonly LegendEntry[] = [
  { code: differenceCode.alike, label: "equal" },
  { code: differenceCode.modelOnly, label: "in use in the model only" },
  { code: differenceCode.kernelOnly, label: "in use in the kernel only" },
  { code: differenceCode.otherwise, label: "in use otherwise" },
];

/** What the codes of a lens mean, those that are in the maps. */
export function legendOf(lens: Lens, sides: readonly AreaSide[], counts: Uint32Array): LegendEntry[] {
  const present = Array.from(counts.keys()).filter((code) => counts[code]! > 0);
  if (lens === "state") return states.filter(({ code }) => present.includes(code));
  return present.map((code) => ({ code, label: code === 0 ? "not in use" : labelOf[lens](code, sides) }));
}

const labelOf: Readonly<Record<Exclude<Lens, "state">, (code: number, sides: readonly AreaSide[]) => string>> = {
  order: (code) => (code === orderCode.unknown ? "order not known" : `order ${code - orderCode.first}, ${folioKb(x86_64, code - orderCode.first)} kB`),
  owner: (code, sides) => {
    if (code === ownerCode.nobody) return "in no page table";
    const names = new Set(sides.flatMap(({ owners }) => owners[code - ownerCode.first] ?? []));
    return code === codeMax ? "others" : [...names].join(" or ");
  },
  age: (code) => `changed in step ${code - ageCode.first}${code === codeMax ? " or later" : ""}`,
};

/** How many slots have each code. */
export function countCodes(cells: Uint8Array): Uint32Array {
  const counts = new Uint32Array(codeMax + 1);
  for (let slot = 0; slot < cells.length; slot++) counts[cells[slot]!]!++;
  return counts;
}

/** Ranks of codes when several slots share a pixel. Colours that are hidden are as quiet as free. */
export function loudnessOf(lens: Lens | "difference", hidden: ReadonlySet<number>): Uint8Array {
  const order = lens === "state" ? [stateCode.free, stateCode.bad, stateCode.counted, stateCode.zeroes, stateCode.cachedAndCounted, stateCode.cached] : null;
  return Uint8Array.from({ length: codeMax + 1 }, (_, code) => (hidden.has(code) ? 0 : order === null ? code : Math.max(0, order.indexOf(code as 0))));
}
