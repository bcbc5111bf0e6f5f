import fc from "fast-check";
import { expect, test } from "vitest";
import { slotGrid } from "./area-side.ts";
import { boxOf, closeUp, fitAll, keepInside, panBy, reveal, slotAt, zoomAt } from "./viewport.ts";

const grid = slotGrid(65_536, 512);
const pane = { width: 768, height: 256 };

test("the whole area fills the pane", () => {
  expect(fitAll(grid, pane)).toEqual({ left: 0, top: 0, slotWidth: 1.5, rowHeight: 2 });
});

test("few rows are not drawn out", () => {
  expect(fitAll(slotGrid(1024, 512), pane).rowHeight).toBe(20);
});

test("a slot is found where its box is, at any zoom and place", () => {
  const numbers = fc.tuple(fc.double({ min: 1, max: 30, noNaN: true }), fc.integer({ min: 0, max: 767 }), fc.integer({ min: 0, max: 255 }), fc.integer({ min: 0, max: 65_535 }));
  fc.assert(
    fc.property(numbers, ([factor, x, y, slot]) => {
      const view = reveal(zoomAt(fitAll(grid, pane), factor, x, y, grid, pane), slot, grid, pane);
      const box = boxOf(view, slot, grid);
      expect(box.x).toBeGreaterThanOrEqual(-1e-6);
      expect(box.x + box.width).toBeLessThanOrEqual(pane.width + 1e-6);
      expect(slotAt(view, box.x + box.width / 2, box.y + box.height / 2, grid)).toBe(slot);
    }),
  );
});

test("zooming keeps what is under the pointer there", () => {
  const view = zoomAt(fitAll(grid, pane), 4, 300, 100, grid, pane);
  const under = slotAt(view, 300, 100, grid);
  const closer = zoomAt(view, 1.7, 300, 100, grid, pane);
  expect(slotAt(closer, 300, 100, grid)).toBe(under);
});

test("zooming out ends at the whole area, panning at its ends", () => {
  const fit = fitAll(grid, pane);
  expect(zoomAt(zoomAt(fit, 9, 10, 10, grid, pane), 0.001, 500, 200, grid, pane)).toEqual(fit);
  const view = panBy(zoomAt(fit, 4, 0, 0, grid, pane), 1e6, 1e6, grid, pane);
  expect(slotAt(view, pane.width - 1, pane.height - 1, grid)).toBe(65_535);
});

test("a larger pane still shows the whole", () => {
  const large = { width: 2000, height: 900 };
  expect(keepInside(fitAll(grid, pane), grid, large).slotWidth).toBe(2000 / 512);
});

test("outside of the area is no slot", () => {
  const short = slotGrid(700, 512);
  const view = fitAll(short, pane);
  expect(slotAt(view, 300 * view.slotWidth, 21, short)).toBeNull();
  expect(slotAt(view, 100, 200, short)).toBeNull();
  expect(slotAt(view, -1, 0, short)).toBeNull();
});

test("a close-up puts the slot in the middle", () => {
  const view = closeUp(fitAll(grid, pane), 16_391, grid, pane);
  const box = boxOf(view, 16_391, grid);
  expect(Math.min(box.width, box.height)).toBeGreaterThanOrEqual(8);
  expect(slotAt(view, box.x + 1, box.y + 1, grid)).toBe(16_391);
  expect(Math.abs(box.y - pane.height / 2)).toBeLessThan(1);
});
