import { useSignal } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { keyText } from "../shell/keys.ts";
import { isMac } from "../shell/shortcuts.ts";
import type { SlotGrid } from "./area-side.ts";
import { lenses } from "./cells.ts";
import { gutterPx } from "./draw.ts";
import { LegendBar } from "./legend-bar.tsx";
import { type AreaPair, type MapName, mapNames, type MapState } from "./map-state.ts";
import { MapPane } from "./map-pane.tsx";
import { moveSlot } from "./move.ts";
import { SlotTable } from "./slot-table.tsx";
import { SlotWordsPanel } from "./slot-words.tsx";
import type { PaneSize } from "./viewport.ts";
import "./slot-maps.css";

const zoomStep = 1.6;
const lensNames = { state: "State", order: "Order", owner: "Owner", age: "Age" } as const;

/** Model, kernel and their difference, moved and pointed at together. What moves from step to step is put beside the lenses. */
export function SlotMaps({ state, pair, children }: { readonly state: MapState; readonly pair: AreaPair; readonly children: ComponentChildren }): JSX.Element {
  const lens = state.lens.value;
  const isTable = state.isTable.value;
  return (
    <section class="slot-maps" aria-label="Slot maps">
      <div class="map-tools">
        <div class="segments" role="group" aria-label="Colour by">
          {lenses.map((name) => (
            <button key={name} aria-pressed={lens === name} onClick={() => (state.lens.value = name)}>
              {lensNames[name]}
            </button>
          ))}
        </div>
        {children}
        <div class="map-buttons">
          <button class="plain" aria-label="Smaller" title="Smaller  −" disabled={isTable} onClick={() => state.zoom(1 / zoomStep)}>−</button>
          <button class="plain" aria-label="Larger" title="Larger  +" disabled={isTable} onClick={() => state.zoom(zoomStep)}>+</button>
          <button class="plain" title="The whole area  0" disabled={isTable} onClick={() => state.showAll()}>All</button>
          <button aria-pressed={isTable} title="Table or maps  T" onClick={() => (state.isTable.value = !isTable)}>Table</button>
        </div>
      </div>
      <LegendBar state={state} of={lens} />
      {isTable ? <SlotTable state={state} pair={pair} /> : <Maps state={state} pair={pair} />}
      <SlotWordsPanel state={state} />
      {/* Said aloud when it was chosen, not while the pointer wanders. */}
      <p class="unseen" role="status">{state.chosen.value === null || isTable ? "" : spoken(state, pair, state.chosen.value)}</p>
    </section>
  );
}

function spoken(state: MapState, { grid }: AreaPair, slot: number): string {
  return `slot ${slot}, cluster ${Math.floor(slot / grid.columns)}, ${(state.difference.value?.cells[slot] ?? 0) <= 1 ? "equal" : "differs"}`;
}

function Maps({ state, pair }: { readonly state: MapState; readonly pair: AreaPair }): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const size = useSignal<PaneSize>({ width: 1, height: 1 });
  useEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    const observer = new ResizeObserver(() => (size.value = { width: element.clientWidth, height: element.clientHeight }));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const onKeyDown = (event: KeyboardEvent): void => {
    const next = moveSlot(keyText(event, isMac), state.chosen.value, pair.grid);
    if (next === null) return;
    event.preventDefault();
    state.choose(next);
  };
  return (
    <div
      ref={box}
      class={`map-panes ${isStacked(pair.grid, size.value) ? "stacked" : "beside"}`}
      role="application"
      aria-roledescription="slot maps"
      aria-label="Slot maps. The arrow keys move from slot to slot, N and P from difference to difference, T shows a table."
      tabIndex={0}
      data-pane="maps"
      onKeyDown={onKeyDown}
    >
      {mapNames.map((name) => (
        <figure key={name} class="map-figure">
          <figcaption>
            <span class="map-name">{name}</span> <span class="quiet">{caption(state, name)}</span>
            {name === "difference" ? <LegendBar state={state} of="difference" /> : null}
          </figcaption>
          <MapPane state={state} name={name} />
        </figure>
      ))}
    </div>
  );
}

/** Whichever way slots get larger. */
function isStacked(grid: SlotGrid, { width, height }: PaneSize): boolean {
  const captionPx = 24;
  const smallest = (beside: number, below: number): number => Math.min((width / beside - gutterPx) / grid.columns, (height / below - captionPx) / grid.rows);
  return smallest(1, mapNames.length) >= smallest(mapNames.length, 1);
}

function caption(state: MapState, name: MapName): string {
  const used = state.usedSlots.value;
  const difference = state.difference.value;
  if (used === null || difference === null) return "";
  if (name !== "difference") return `${used[name]} slots in use`;
  if (difference.count === 0) return "all slots equal";
  return `${difference.count} ${difference.count === 1 ? "slot differs" : "slots differ"}, first ${difference.slots[0]}`;
}
