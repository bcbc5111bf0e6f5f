import type { SlotGrid } from "./area-side.ts";
import { dirtyRows, reduceCells, reductionFor } from "./reduce.ts";
import type { PaneSize, Viewport } from "./viewport.ts";

/** What a map is drawn from. */
export interface Picture {
  readonly cells: Uint8Array;
  readonly grid: SlotGrid;
  /** By code the pixel, and its rank where several slots share one. */
  readonly pixels: Uint32Array;
  readonly loudness: Uint8Array;
}

/**
 * A map as a picture of one pixel a slot that is kept off the screen: panning and zooming only copy from it. Where slots are smaller
 * than pixels a reduced picture is kept beside it.
 */
export class MapRaster {
  private picture: Picture | null = null;
  private base: OffscreenCanvas | null = null;
  private readonly reduced = new Map<string, OffscreenCanvas>();

  /** Paints what has changed since the last picture. */
  show(picture: Picture): void {
    const before = this.picture;
    if (before === picture) return;
    this.picture = picture;
    this.reduced.clear();
    const sameShape = before !== null && before.grid.columns === picture.grid.columns && before.grid.slotCount === picture.grid.slotCount;
    if (!sameShape || this.base === null) this.base = new OffscreenCanvas(picture.grid.columns, picture.grid.rows);
    if (sameShape && before.pixels === picture.pixels) {
      for (const { first, end } of dirtyRows(before.cells, picture.cells, picture.grid)) paint(this.base, picture, first, end);
    } else {
      paint(this.base, picture, 0, picture.grid.rows);
    }
  }

  /** Copies what is to be seen. `scale` is screen pixels a CSS pixel. */
  draw(context: CanvasRenderingContext2D, view: Viewport, pane: PaneSize, scale: number): void {
    if (this.picture === null) return;
    const byColumns = reductionFor(view.slotWidth * scale);
    const byRows = reductionFor(view.rowHeight * scale);
    const source = this.reducedCanvas(byColumns, byRows);
    const { grid } = this.picture;
    const columns = Math.min(pane.width / view.slotWidth, grid.columns - view.left);
    const rows = Math.min(pane.height / view.rowHeight, grid.rows - view.top);
    context.imageSmoothingEnabled = false;
    context.drawImage(source, view.left / byColumns, view.top / byRows, columns / byColumns, rows / byRows, 0, 0, columns * view.slotWidth, rows * view.rowHeight);
  }

  private reducedCanvas(byColumns: number, byRows: number): OffscreenCanvas {
    const { picture, base } = this;
    if (picture === null || base === null) throw new Error("drawn before there was a picture");
    if (byColumns === 1 && byRows === 1) return base;
    const key = `${byColumns} ${byRows}`;
    const kept = this.reduced.get(key);
    if (kept !== undefined) return kept;
    const { cells, columns, rows } = reduceCells({ cells: picture.cells, columns: picture.grid.columns, rows: picture.grid.rows }, byColumns, byRows, picture.loudness);
    const canvas = new OffscreenCanvas(columns, rows);
    paint(canvas, { ...picture, cells, grid: { columns, rows, slotCount: cells.length } }, 0, rows);
    this.reduced.set(key, canvas);
    return canvas;
  }
}

function paint(canvas: OffscreenCanvas, { cells, grid, pixels }: Picture, firstRow: number, endRow: number): void {
  const context = canvas.getContext("2d");
  if (context === null) throw new Error("this browser draws nothing");
  const image = new ImageData(grid.columns, endRow - firstRow);
  const target = new Uint32Array(image.data.buffer);
  const first = firstRow * grid.columns;
  const end = Math.min(cells.length, endRow * grid.columns);
  for (let slot = first; slot < end; slot++) target[slot - first] = pixels[cells[slot]!]!;
  context.putImageData(image, 0, firstRow);
}
