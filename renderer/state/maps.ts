import { computed, effect, signal } from "@preact/signals";
import { callForBytes } from "../../src/api/client.ts";
import { mapLimits } from "../../src/report/slot-maps/limits.ts";
import type { AreaMap, SideMap } from "../../src/report/slot-maps/side-map.ts";
import { SlotMaps } from "../../src/report/slot-maps/slot-maps.ts";
import { isDark } from "../shell/theme.ts";
import { areaSide, slotGrid } from "../slot-map/area-side.ts";
import { type AreaPair, MapState } from "../slot-map/map-state.ts";
import type { CheckSlot } from "./check-slot.ts";
import { errorText, lab } from "./connection.ts";
import { live, outcome, stepIndex } from "./shown.ts";

/** Why there are no maps of an older run; empty while there may be some. */
export const mapsError = signal("");
/** Maps of a run that was opened, read from its bundle. */
const read = signal<SlotMaps | null>(null);

effect(() => {
  const run = live.value === null ? (outcome.value?.result.run ?? "") : "";
  read.value = null;
  mapsError.value = "";
  if (run !== "") void readMaps(run);
});

async function readMaps(run: string): Promise<void> {
  try {
    const { bytes } = await callForBytes(lab(), "runs.file", { run, file: "slot-maps.bin", fromByte: 0, byteCount: mapLimits.fileBytes });
    // Another may have been opened meanwhile.
    if (outcome.peek()?.result.run === run) read.value = SlotMaps.of(bytes);
  } catch (error) {
    if (outcome.peek()?.result.run === run) mapsError.value = errorText(error);
  }
}

/** Which of several swap areas is looked at, by its place. */
export const areaIndex = signal(0);

const stepMap = computed(() => {
  const run = live.value;
  // What a bundle has was made by anybody: a step that does not decode is as one that is not there.
  try {
    if (run === null) return read.value?.at(stepIndex.value) ?? null;
    return run.mapRevision.value > 0 ? run.maps.at(stepIndex.value) : null;
  } catch {
    return null;
  }
});

export const areas = computed((): readonly AreaMap[] => stepMap.value?.areas ?? []);

const pair = computed((): AreaPair | null => {
  const area = areas.value[areaIndex.value] ?? areas.value[0];
  if (area === undefined) return null;
  const { model, kernel, clusterSlots } = area;
  const either = model ?? kernel;
  if (either === null) return null;
  return {
    model: areaSide(model ?? emptyLike(either)),
    kernel: areaSide(kernel ?? emptyLike(either)),
    grid: slotGrid(Math.max(model?.slots.length ?? 0, kernel?.slots.length ?? 0), clusterSlots),
  };
});

/** A side that has the area switched off: nothing is in it. */
const emptyLike = ({ slots }: SideMap): SideMap => ({
  slots: new Uint32Array(slots.length),
  folioSlots: new Uint16Array(slots.length),
  zeroes: null,
  clusters: null,
  lists: {},
  owners: [],
  changedAt: new Uint16Array(slots.length),
});

const theme = computed(() => (isDark.value ? ("dark" as const) : ("light" as const)));

/** What the maps show, and which slot a person looks at. */
export const mapState = new MapState(pair, theme);

/** Another run: from the whole of its area again. */
effect(() => {
  void outcome.value;
  void live.value;
  mapState.showAll();
  mapState.choose(null);
});

/** Shows a slot large, in whichever area it is. */
export function showSlot({ swapType, slot }: CheckSlot): void {
  const place = areas.value.findIndex((area) => area.swapType === swapType);
  if (place >= 0) areaIndex.value = place;
  mapState.choose(slot, true);
}
