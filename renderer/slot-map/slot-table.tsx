import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { VirtualRows } from "../parts/virtual-rows.tsx";
import type { AreaPair, MapState } from "./map-state.ts";
import { slotRuns } from "./runs.ts";
import { sideWords } from "./words.ts";
import "./slot-table.css";

const rowPx = 24;

/** The maps as a table: what they show in colours, in words and numbers. */
export function SlotTable({ state, pair }: { readonly state: MapState; readonly pair: AreaPair }): JSX.Element {
  const onlyDiffering = useSignal(false);
  const cells = state.difference.value?.cells ?? new Uint8Array();
  const isOnlyDiffering = onlyDiffering.value;
  const runs = useMemo(() => slotRuns(pair.model, pair.kernel, cells, pair.grid, isOnlyDiffering), [pair, cells, isOnlyDiffering]);
  const slot = state.chosen.value;
  const found = slot === null ? -1 : runs.findIndex(({ firstSlot, slotCount }) => slot >= firstSlot && slot < firstSlot + slotCount);
  const row = (index: number): JSX.Element => {
    const { firstSlot, slotCount, isAlike } = runs[index]!;
    const last = firstSlot + slotCount - 1;
    const words = sideWords(pair.kernel, firstSlot, pair.grid).join(", ");
    return (
      <div class={isAlike ? "slot-row" : "slot-row differs"}>
        <span role="gridcell" class="number">{firstSlot}</span>
        <span role="gridcell" class="number">{last === firstSlot ? "" : last}</span>
        <span role="gridcell" class="number">{slotCount}</span>
        <span role="gridcell" class="number">{Math.floor(firstSlot / pair.grid.columns)}</span>
        <span role="gridcell" class="cut">{isAlike ? words : sideWords(pair.model, firstSlot, pair.grid).join(", ")}</span>
        <span role="gridcell">{isAlike ? "=" : "≠"}</span>
        <span role="gridcell" class="cut">{isAlike ? <span class="quiet">as in the model</span> : words}</span>
      </div>
    );
  };
  return (
    <div class="slot-table">
      <label class="slot-table-filter">
        <input type="checkbox" checked={isOnlyDiffering} onChange={(event) => (onlyDiffering.value = event.currentTarget.checked)} /> Differences only
        <span class="quiet">{`${runs.length} rows`}</span>
      </label>
      <VirtualRows
        label="Slots of model and kernel"
        rowCount={runs.length}
        rowPx={rowPx}
        chosen={found < 0 ? null : found}
        onChoose={(index) => (state.chosen.value = runs[index]?.firstSlot ?? null)}
        heading={
          <div class="slot-row">
            {["first slot", "last", "slots", "cluster"].map((name) => (
              <span key={name} role="columnheader" class="right">{name}</span>
            ))}
            <span role="columnheader">model</span>
            <span role="columnheader"><span class="unseen">equal</span></span>
            <span role="columnheader">kernel</span>
          </div>
        }
        row={row}
      />
    </div>
  );
}
