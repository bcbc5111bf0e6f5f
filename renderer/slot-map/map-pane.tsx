import { useSignalEffect } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { drawMap, gutterPx, type MapColours } from "./draw.ts";
import type { MapName, MapState } from "./map-state.ts";
import { MapRaster } from "./raster.ts";
import { slotAt } from "./viewport.ts";

const dragFromPx = 4;
const zoomPerWheelPx = 1.0025;

const markColours: Readonly<Record<"light" | "dark", MapColours>> = {
  light: { label: "#525c69", loud: "#c2321a", cursor: "#000000", halo: "#ffffff" },
  dark: { label: "#9ba6b4", loud: "#ff6a4d", cursor: "#ffffff", halo: "#000000" },
};

/** One map: a canvas, and what the pointer does on it. What it says in colours the words and the table say as well. */
export function MapPane({ state, name }: { readonly state: MapState; readonly name: MapName }): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  const raster = useMemo(() => new MapRaster(), []);
  const frame = useRef(0);

  useSignalEffect(() => {
    const picture = state.pictures[name].value;
    const [view, pane, slot, difference] = [state.view.value, state.pane.value, state.slot.value, state.difference.value];
    const colours = markColours[state.theme.value];
    // Many changes within a frame are drawn once.
    cancelAnimationFrame(frame.current);
    frame.current = requestAnimationFrame(() => {
      const context = canvas.current?.getContext("2d");
      if (!context || picture === null || view === null || difference === null) return;
      fitCanvas(context.canvas, pane.width + gutterPx, pane.height);
      raster.show(picture);
      drawMap(context, { raster, view, pane, grid: picture.grid, slot, colours, differing: difference.slots, firstDifference: difference.slots[0] ?? null }, devicePixelRatio);
    });
  });

  useEffect(() => {
    const element = canvas.current;
    return element === null ? undefined : listen(element, state);
  }, []);

  return <canvas ref={canvas} class="slot-map" role="img" aria-label={labelOf(state, name)} />;
}

function fitCanvas(canvas: HTMLCanvasElement, width: number, height: number): void {
  const [pixelsWide, pixelsHigh] = [Math.round(width * devicePixelRatio), Math.round(height * devicePixelRatio)];
  if (canvas.width !== pixelsWide) canvas.width = pixelsWide;
  if (canvas.height !== pixelsHigh) canvas.height = pixelsHigh;
}

function labelOf(state: MapState, name: MapName): string {
  const counts = state.counts.value?.[name];
  const { legend } = name === "difference" ? state.differenceColours.value : state.lensColours.value;
  const parts = legend.filter(({ code }) => (counts?.[code] ?? 0) > 0).map(({ code, label }) => `${counts![code]} ${label}`);
  return `Slot map of the ${name === "difference" ? "difference" : name}: ${parts.join(", ")}`;
}

/** Dragging pans, the wheel pans, with Ctrl it zooms; a click chooses the slot, a double click shows it large. */
function listen(element: HTMLCanvasElement, state: MapState): () => void {
  const controller = new AbortController();
  const { signal } = controller;
  let drag: { x: number; y: number; isMoved: boolean } | null = null;

  const slotUnder = ({ offsetX, offsetY }: MouseEvent): number | null => {
    const [view, pair] = [state.view.value, state.pair.value];
    return view === null || pair === null || offsetX < gutterPx ? null : slotAt(view, offsetX - gutterPx, offsetY, pair.grid);
  };
  const observer = new ResizeObserver(() => {
    const [width, height] = [element.clientWidth - gutterPx, element.clientHeight];
    if (width > 0 && height > 0 && (width !== state.pane.peek().width || height !== state.pane.peek().height)) state.pane.value = { width, height };
  });
  observer.observe(element);
  element.addEventListener("pointerdown", (event) => {
    drag = { x: event.clientX, y: event.clientY, isMoved: false };
    element.setPointerCapture(event.pointerId);
  }, { signal });
  element.addEventListener("pointermove", (event) => {
    if (drag === null) {
      state.pointed.value = slotUnder(event);
      return;
    }
    const [dx, dy] = [drag.x - event.clientX, drag.y - event.clientY];
    if (!drag.isMoved && Math.hypot(dx, dy) < dragFromPx) return;
    state.pan(dx, dy);
    drag = { x: event.clientX, y: event.clientY, isMoved: true };
  }, { signal });
  element.addEventListener("pointerup", (event) => {
    if (drag?.isMoved === false) state.chosen.value = slotUnder(event);
    drag = null;
  }, { signal });
  element.addEventListener("pointercancel", () => (drag = null), { signal });
  element.addEventListener("pointerleave", () => (state.pointed.value = null), { signal });
  element.addEventListener("dblclick", (event) => {
    const slot = slotUnder(event);
    if (slot !== null) state.choose(slot, true);
  }, { signal });
  element.addEventListener("wheel", (event) => {
    event.preventDefault();
    if (event.ctrlKey || event.metaKey) state.zoom(zoomPerWheelPx ** -event.deltaY, event.offsetX - gutterPx, event.offsetY);
    else state.pan(event.shiftKey ? event.deltaY : event.deltaX, event.shiftKey ? 0 : event.deltaY);
  }, { signal, passive: false });
  return () => {
    controller.abort();
    observer.disconnect();
  };
}
