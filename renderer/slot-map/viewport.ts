import type { SlotGrid } from "./area-side.ts";

/** What part of the grid is to be seen: the corner in slots and rows, and how large they are. Shared by all maps. */
export interface Viewport {
  readonly left: number;
  readonly top: number;
  /** Pixels a slot is wide and a row is high. */
  readonly slotWidth: number;
  readonly rowHeight: number;
}

/** The pane, in pixels. */
export interface PaneSize {
  readonly width: number;
  readonly height: number;
}

/** A slot larger than this shows nothing more. */
const cellMaxPx = 32;
/** A row of the whole area is at most this high, however few there are. */
const fitRowMaxPx = 20;

/** The whole area. */
export function fitAll(grid: SlotGrid, pane: PaneSize): Viewport {
  const slotWidth = pane.width / grid.columns;
  return { left: 0, top: 0, slotWidth, rowHeight: Math.min(pane.height / grid.rows, Math.max(fitRowMaxPx, slotWidth)) };
}

/** `factor` times as large, with what is at (x, y) staying there. */
export function zoomAt(view: Viewport, factor: number, x: number, y: number, grid: SlotGrid, pane: PaneSize): Viewport {
  const fit = fitAll(grid, pane);
  const slotWidth = clamp(view.slotWidth * factor, fit.slotWidth, Math.max(fit.slotWidth, cellMaxPx));
  const rowHeight = clamp(view.rowHeight * factor, fit.rowHeight, Math.max(fit.rowHeight, cellMaxPx));
  const left = view.left + x / view.slotWidth - x / slotWidth;
  const top = view.top + y / view.rowHeight - y / rowHeight;
  return keepInside({ left, top, slotWidth, rowHeight }, grid, pane);
}

export function panBy(view: Viewport, dx: number, dy: number, grid: SlotGrid, pane: PaneSize): Viewport {
  return keepInside({ ...view, left: view.left + dx / view.slotWidth, top: view.top + dy / view.rowHeight }, grid, pane);
}

/** The same view for another pane or area: never smaller than the whole, and nowhere past its ends. */
export function keepInside(view: Viewport, grid: SlotGrid, pane: PaneSize): Viewport {
  const fit = fitAll(grid, pane);
  const slotWidth = Math.max(view.slotWidth, fit.slotWidth);
  const rowHeight = Math.max(view.rowHeight, fit.rowHeight);
  return {
    left: clamp(view.left, 0, Math.max(0, grid.columns - pane.width / slotWidth)),
    top: clamp(view.top, 0, Math.max(0, grid.rows - pane.height / rowHeight)),
    slotWidth,
    rowHeight,
  };
}

/** The slot at a place in the pane, or null outside of the area. */
export function slotAt(view: Viewport, x: number, y: number, grid: SlotGrid): number | null {
  const column = Math.floor(view.left + x / view.slotWidth);
  const row = Math.floor(view.top + y / view.rowHeight);
  if (column < 0 || column >= grid.columns || row < 0) return null;
  const slot = row * grid.columns + column;
  return slot < grid.slotCount ? slot : null;
}

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Where a slot is in the pane, also when it is outside of it. */
export function boxOf(view: Viewport, slot: number, grid: SlotGrid): Box {
  return {
    x: ((slot % grid.columns) - view.left) * view.slotWidth,
    y: (Math.floor(slot / grid.columns) - view.top) * view.rowHeight,
    width: view.slotWidth,
    height: view.rowHeight,
  };
}

/** Pans as little as brings the slot into the pane, with some room around it. */
export function reveal(view: Viewport, slot: number, grid: SlotGrid, pane: PaneSize): Viewport {
  const marginPx = 24;
  const { x, y, width, height } = boxOf(view, slot, grid);
  const by = (start: number, size: number, room: number): number =>
    start < marginPx ? start - marginPx : start + size > room - marginPx ? start + size - room + marginPx : 0;
  return panBy(view, by(x, width, pane.width), by(y, height, pane.height), grid, pane);
}

/** Shows the slot so large that its neighbours can be told apart. */
export function closeUp(view: Viewport, slot: number, grid: SlotGrid, pane: PaneSize): Viewport {
  const largeEnoughPx = 8;
  const factor = Math.max(1, largeEnoughPx / Math.min(view.slotWidth, view.rowHeight));
  const { x, y } = boxOf(view, slot, grid);
  const larger = zoomAt(view, factor, x, y, grid, pane);
  const at = boxOf(larger, slot, grid);
  return panBy(larger, at.x - pane.width / 2, at.y - pane.height / 2, grid, pane);
}

const clamp = (value: number, low: number, high: number): number => Math.min(Math.max(value, low), high);
