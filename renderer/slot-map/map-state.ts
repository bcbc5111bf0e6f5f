import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { AreaSide, SlotGrid } from "./area-side.ts";
import { cellsOf, isUsed, type Lens } from "./cells.ts";
import { differencePalette, hideCodes, lensColours, pixelsOf, type Theme } from "./colours.ts";
import { neighbouringDifference, slotDifference, type SlotDifference } from "./difference.ts";
import { countCodes, differenceLegend, legendOf, type LegendEntry, loudnessOf } from "./legend.ts";
import type { Picture } from "./raster.ts";
import { closeUp, fitAll, keepInside, panBy, type PaneSize, reveal, type Viewport, zoomAt } from "./viewport.ts";

/** An area on both sides after one step. */
export interface AreaPair {
  readonly model: AreaSide;
  readonly kernel: AreaSide;
  readonly grid: SlotGrid;
}

export type MapName = "model" | "kernel" | "difference";
export const mapNames: readonly MapName[] = ["model", "kernel", "difference"];

/** One codes' row and its colours, for the legend and the painter. */
interface Coloured {
  readonly legend: readonly LegendEntry[];
  readonly colours: readonly string[];
  readonly pixels: Uint32Array;
  readonly loudness: Uint8Array;
}

/** Everything that the maps of one pair share: what they show, where, and which slot a person looks at. */
export class MapState {
  readonly pair: ReadonlySignal<AreaPair | null>;
  readonly theme: ReadonlySignal<Theme>;
  readonly lens: Signal<Lens> = signal<Lens>("state");
  /** Codes that the legend has switched off, for each lens. */
  readonly hidden = signal<Readonly<Record<string, ReadonlySet<number>>>>({});
  readonly isTable = signal(false);
  /** The slot that was chosen, and the one under the pointer. */
  readonly chosen = signal<number | null>(null);
  readonly pointed = signal<number | null>(null);
  readonly pane = signal<PaneSize>({ width: 1, height: 1 });
  /** Null for the whole area. */
  private readonly wanted = signal<Viewport | null>(null);

  readonly cells: ReadonlySignal<{ model: Uint8Array; kernel: Uint8Array } | null>;
  readonly difference: ReadonlySignal<SlotDifference | null>;
  readonly counts: ReadonlySignal<{ model: Uint32Array; kernel: Uint32Array; difference: Uint32Array } | null>;
  readonly lensColours: ReadonlySignal<Coloured>;
  readonly differenceColours: ReadonlySignal<Coloured>;
  /** Made anew only when something in them changes, never by moving. */
  readonly pictures: Readonly<Record<MapName, ReadonlySignal<Picture | null>>>;
  readonly usedSlots: ReadonlySignal<{ model: number; kernel: number } | null>;
  readonly view: ReadonlySignal<Viewport | null>;
  readonly slot: ReadonlySignal<number | null>;

  constructor(pair: ReadonlySignal<AreaPair | null>, theme: ReadonlySignal<Theme>) {
    this.pair = pair;
    this.theme = theme;
    this.cells = computed(() => {
      const sides = pair.value;
      const lens = this.lens.value;
      return sides && { model: cellsOf(lens, sides.model, sides.grid), kernel: cellsOf(lens, sides.kernel, sides.grid) };
    });
    this.difference = computed(() => pair.value && slotDifference(pair.value.model.map, pair.value.kernel.map));
    this.counts = computed(() => {
      const [cells, difference] = [this.cells.value, this.difference.value];
      return cells && difference && { model: countCodes(cells.model), kernel: countCodes(cells.kernel), difference: countCodes(difference.cells) };
    });
    this.lensColours = computed(() => this.colourLens());
    this.differenceColours = computed(() => {
      const hidden = this.hiddenOf("difference");
      const colours = differencePalette(theme.value);
      const shown = hideCodes(colours, hidden, colours[0]!);
      const counts = this.counts.value?.difference;
      return { legend: differenceLegend.filter(({ code }) => (counts?.[code] ?? 0) > 0), colours, pixels: pixelsOf(shown), loudness: loudnessOf("difference", hidden) };
    });
    this.pictures = { model: computed(() => this.pictureOf("model")), kernel: computed(() => this.pictureOf("kernel")), difference: computed(() => this.pictureOf("difference")) };
    this.usedSlots = computed(() => pair.value && { model: countUsed(pair.value.model.map.slots), kernel: countUsed(pair.value.kernel.map.slots) });
    this.view = computed(() => {
      const grid = pair.value?.grid;
      if (grid === undefined) return null;
      return this.wanted.value === null ? fitAll(grid, this.pane.value) : keepInside(this.wanted.value, grid, this.pane.value);
    });
    this.slot = computed(() => {
      const slot = this.pointed.value ?? this.chosen.value;
      return slot !== null && slot < (pair.value?.grid.slotCount ?? 0) ? slot : null;
    });
  }

  private colourLens(): Coloured {
    const lens = this.lens.value;
    const sides = this.pair.value;
    const counts = this.counts.value;
    const sum = counts === null ? new Uint32Array(1) : counts.model.map((count, code) => count + counts.kernel[code]!);
    const legend = sides === null ? [] : legendOf(lens, [sides.model, sides.kernel], sum);
    const hidden = this.hiddenOf(lens);
    const colours = lensColours(lens, this.theme.value, (legend.at(-1)?.code ?? 0) + 1);
    return { legend, colours, pixels: pixelsOf(hideCodes(colours, hidden, colours[0]!)), loudness: loudnessOf(lens, hidden) };
  }

  private pictureOf(name: MapName): Picture | null {
    const [sides, cells, difference] = [this.pair.value, this.cells.value, this.difference.value];
    if (sides === null || cells === null || difference === null) return null;
    const { pixels, loudness } = name === "difference" ? this.differenceColours.value : this.lensColours.value;
    return { cells: name === "difference" ? difference.cells : cells[name], grid: sides.grid, pixels, loudness };
  }

  hiddenOf(legend: Lens | "difference"): ReadonlySet<number> {
    return this.hidden.value[legend] ?? new Set();
  }

  toggleHidden(legend: Lens | "difference", code: number): void {
    const hidden = new Set(this.hiddenOf(legend));
    if (!hidden.delete(code)) hidden.add(code);
    this.hidden.value = { ...this.hidden.value, [legend]: hidden };
  }

  showAll(): void {
    this.wanted.value = null;
  }

  zoom(factor: number, x = this.pane.value.width / 2, y = this.pane.value.height / 2): void {
    this.moveView((view, grid, pane) => zoomAt(view, factor, x, y, grid, pane));
  }

  pan(dx: number, dy: number): void {
    this.moveView((view, grid, pane) => panBy(view, dx, dy, grid, pane));
  }

  /** Chooses a slot and brings it into view; `isClose` also makes it large enough to see. */
  choose(slot: number | null, isClose = false): void {
    this.chosen.value = slot;
    this.pointed.value = null;
    if (slot !== null) this.moveView((view, grid, pane) => (isClose ? closeUp : reveal)(view, slot, grid, pane));
  }

  chooseDifference(by: 1 | -1): void {
    const next = neighbouringDifference(this.difference.value?.slots ?? [], this.chosen.value, by);
    if (next !== null) this.choose(next, true);
  }

  private moveView(move: (view: Viewport, grid: SlotGrid, pane: PaneSize) => Viewport): void {
    const grid = this.pair.value?.grid;
    const view = this.view.value;
    if (grid !== undefined && view !== null) this.wanted.value = move(view, grid, this.pane.value);
  }
}

function countUsed(slots: Uint32Array): number {
  let count = 0;
  for (let slot = 0; slot < slots.length; slot++) if (isUsed(slots[slot]!)) count++;
  return count;
}
