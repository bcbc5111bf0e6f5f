import type { JSX } from "preact";
import type { MapState } from "./map-state.ts";
import { clusterParts, placeWords, sideWords } from "./words.ts";

/** Everything known of the slot under the pointer, on both sides. Always of one height, so that nothing jumps. */
export function SlotWordsPanel({ state }: { readonly state: MapState }): JSX.Element {
  const [slot, pair] = [state.slot.value, state.pair.value];
  if (slot === null || pair === null) {
    return (
      <div class="slot-words quiet">
        <p>Point at a slot, or move with the arrow keys. N goes to the next slot that differs.</p>
      </div>
    );
  }
  const { model, kernel, grid } = pair;
  const sides = ([["model", model], ["kernel", kernel]] as const).map(([name, side]) => ({
    name,
    words: sideWords(side, slot, grid).join("  ·  "),
    cluster: `cluster: ${clusterParts(side, slot, grid).join("  ·  ")}`,
  }));
  const isAlike = (state.difference.value?.cells[slot] ?? 0) <= 1;
  return (
    <div class="slot-words">
      <p class="mono slot-place">
        {placeWords(slot, grid)} <span class={isAlike ? "quiet" : "slot-differs"}>{isAlike ? "= equal" : "≠ differs"}</span>
      </p>
      <dl>
        {sides.map(({ name, words, cluster }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd class="cut" title={`${words}\n${cluster}`}>
              {words} <span class="quiet">{cluster}</span>
            </dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
