import type { SlotGrid } from "./area-side.ts";

/** How far a key moves the chosen slot: by a slot, a row, eight rows, or to an end of a row or of the area. */
export function moveSlot(key: string, from: number | null, { columns, slotCount }: SlotGrid): number | null {
  const slot = from ?? 0;
  const rowStart = slot - (slot % columns);
  const target: Readonly<Record<string, number>> = {
    ArrowLeft: slot - 1,
    ArrowRight: slot + 1,
    ArrowUp: slot - columns,
    ArrowDown: slot + columns,
    PageUp: slot - 8 * columns,
    PageDown: slot + 8 * columns,
    Home: rowStart,
    End: rowStart + columns - 1,
    "Mod+Home": 0,
    "Mod+End": slotCount - 1,
  };
  const next = target[key];
  if (next === undefined) return null;
  if (from === null) return 0;
  return key === "End" ? Math.min(next, slotCount - 1) : next < 0 || next >= slotCount ? slot : next;
}
