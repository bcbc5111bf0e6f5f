import type { JSX } from "preact";
import type { Lens } from "./cells.ts";
import type { MapState } from "./map-state.ts";

/** What the colours mean, how many slots have each, and a filter: a colour that is switched off is as quiet as free. */
export function LegendBar({ state, of }: { readonly state: MapState; readonly of: Lens | "difference" }): JSX.Element {
  const { legend, colours } = of === "difference" ? state.differenceColours.value : state.lensColours.value;
  const counts = state.counts.value;
  const hidden = state.hiddenOf(of);
  return (
    <div class="legend" role="group" aria-label={of === "difference" ? "Colours of the difference" : "Colours of model and kernel"}>
      {legend.map(({ code, label }) => {
        const numbers = counts === null ? [] : of === "difference" ? [counts.difference[code]!] : [counts.model[code]!, counts.kernel[code]!];
        const text = new Set(numbers).size === 1 ? `${numbers[0]}` : numbers.join(" | ");
        return (
          <button key={code} class="plain legend-entry" aria-pressed={!hidden.has(code)} title={hidden.has(code) ? "Show" : "Hide"} onClick={() => state.toggleHidden(of, code)}>
            <span class="swatch" style={{ background: hidden.has(code) ? "transparent" : colours[code] }} aria-hidden="true" />
            {label} <span class="number quiet">{text}</span>
          </button>
        );
      })}
    </div>
  );
}
