import { describeCluster, describeSlot } from "../../src/report/slot-maps/describe.ts";
import { x86_64 } from "../../src/model/geometry.ts";
import type { AreaSide, SlotGrid } from "./area-side.ts";

/** Parts of a description are two spaces apart; the first ones say which slot or cluster it is of. */
const partsAfter = (description: string, count: number): string[] => description.split("  ").slice(count);

/** Everything that one side knows of a slot, part by part, without which slot it is. */
export function sideWords({ map }: AreaSide, slot: number, { columns }: SlotGrid): string[] {
  return partsAfter(describeSlot(map, slot, { clusterSlots: columns, pageKb: x86_64.pageSizeBytes / 1024 }), slot < map.slots.length ? 2 : 1);
}

/** `nonfull, 12 used, order 4`, and its place on its list. */
export const clusterParts = ({ map }: AreaSide, slot: number, { columns }: SlotGrid): string[] => partsAfter(describeCluster(map, Math.floor(slot / columns)), 1);

export const placeWords = (slot: number, { columns }: SlotGrid): string => `slot ${slot.toLocaleString("en")}, cluster ${Math.floor(slot / columns).toLocaleString("en")} + ${slot % columns}`;
