import type { SlotGrid } from "./area-side.ts";
import type { MapRaster } from "./raster.ts";
import { boxOf, type PaneSize, type Viewport } from "./viewport.ts";

/** Room for the clusters' numbers, left of a map. */
export const gutterPx = 46;
const labelEveryPx = 26;
const ringPx = 15;

export interface DrawnMap {
  readonly raster: MapRaster;
  readonly view: Viewport;
  readonly pane: PaneSize;
  readonly grid: SlotGrid;
  /** The slot that the words are about, and the first that differs. */
  readonly slot: number | null;
  readonly firstDifference: number | null;
  /** Slots that differ, ascending: their rows are marked in the gutter. */
  readonly differing: readonly number[];
  readonly colours: MapColours;
}

export interface MapColours {
  readonly label: string;
  readonly loud: string;
  readonly cursor: string;
  readonly halo: string;
}

/** Draws a map with its gutter and marks. `scale` is screen pixels a CSS pixel. */
export function drawMap(context: CanvasRenderingContext2D, map: DrawnMap, scale: number): void {
  const { pane, raster, view } = map;
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, pane.width + gutterPx, pane.height);
  drawGutter(context, map);
  context.save();
  context.translate(gutterPx, 0);
  context.beginPath();
  context.rect(0, 0, pane.width, pane.height);
  context.clip();
  raster.draw(context, view, pane, scale);
  context.restore();
  context.save();
  context.translate(gutterPx, 0);
  drawMarks(context, map);
  context.restore();
}

function drawGutter(context: CanvasRenderingContext2D, { view, pane, grid, colours, differing }: DrawnMap): void {
  let every = 1;
  while (every * view.rowHeight < labelEveryPx) every *= 2;
  context.fillStyle = colours.label;
  context.font = '11px ui-monospace, "DejaVu Sans Mono", monospace';
  context.textAlign = "right";
  context.textBaseline = "top";
  const firstRow = Math.ceil(view.top / every) * every;
  for (let row = firstRow; row < grid.rows; row += every) {
    const y = (row - view.top) * view.rowHeight;
    if (y + 11 > pane.height) break;
    context.fillText(String(row), gutterPx - 12, y);
    context.fillRect(gutterPx - 9, Math.floor(y), 3, 1);
  }
  context.fillStyle = colours.loud;
  let marked = -1;
  for (const slot of differing) {
    const row = Math.floor(slot / grid.columns);
    const y = Math.floor((row - view.top) * view.rowHeight);
    if (y === marked) continue;
    if (y > pane.height) break;
    marked = y;
    if (y + view.rowHeight > 0) context.fillRect(gutterPx - 5, Math.max(0, y), 4, Math.max(2, view.rowHeight - 1));
  }
}

function drawMarks(context: CanvasRenderingContext2D, { view, pane, grid, slot, firstDifference, colours }: DrawnMap): void {
  const isSeen = (at: number | null): at is number => {
    if (at === null || at >= grid.slotCount) return false;
    const { x, y, width, height } = boxOf(view, at, grid);
    return x + width > 0 && y + height > 0 && x < pane.width && y < pane.height;
  };
  if (isSeen(firstDifference)) drawRing(context, view, grid, firstDifference, colours.loud, colours.halo);
  if (isSeen(slot) && slot !== firstDifference) drawBox(context, view, grid, slot, colours);
}

/** Round and thick, with a halo: to be seen on every colour of a map. */
function drawRing(context: CanvasRenderingContext2D, view: Viewport, grid: SlotGrid, slot: number, colour: string, halo: string): void {
  const box = boxOf(view, slot, grid);
  const radius = Math.max(ringPx, Math.hypot(box.width, box.height) / 2 + 5) - 4;
  for (const [width, style] of [[6, halo], [3, colour]] as const) {
    context.beginPath();
    context.arc(box.x + box.width / 2, box.y + box.height / 2, radius, 0, 2 * Math.PI);
    context.lineWidth = width;
    context.strokeStyle = style;
    context.stroke();
  }
}

function drawBox(context: CanvasRenderingContext2D, view: Viewport, grid: SlotGrid, slot: number, { cursor, halo }: MapColours): void {
  const box = boxOf(view, slot, grid);
  const grow = Math.max(1, (9 - Math.min(box.width, box.height)) / 2);
  for (const [out, style] of [[grow + 1.5, halo], [grow, cursor]] as const) {
    context.lineWidth = 1.5;
    context.strokeStyle = style;
    context.strokeRect(box.x - out, box.y - out, box.width + 2 * out, box.height + 2 * out);
  }
}
