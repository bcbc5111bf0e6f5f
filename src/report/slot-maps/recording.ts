import { ByteWriter } from "./bytes.ts";
import { mapLimits } from "./limits.ts";
import { type RecordedSide, writeSide } from "./side-code.ts";
import { ownersOf, type SideState } from "./side-map.ts";

/** A file of slot maps begins with this; the last byte is the version of the form. */
export const mapMagic: Uint8Array = Uint8Array.from("SLOTMAP\u0001", (character) => character.charCodeAt(0));

interface Recorded {
  readonly swapType: number;
  readonly model: RecordedSide | null;
  readonly kernel: RecordedSide | null;
}

/**
 * Turns the states of both sides into the frames of a file: one a step, each with its length first. The model is written as
 * what changed since the step before, and the kernel as what is different from the model: mostly nothing.
 */
export class MapRecorder {
  private readonly clusterSlots: number;
  private last: readonly Recorded[] = [];
  private stepCount = 0;
  private byteCount = mapMagic.length;
  private slotsOverAll = 0;
  /** Why there is no more; empty while there is. */
  stopped = "";

  constructor(clusterSlots: number) {
    this.clusterSlots = clusterSlots;
  }

  /** The step's frame; null when a limit has been reached. */
  add(model: SideState, kernel: SideState | null): Uint8Array | null {
    const areas = recorded(model, kernel);
    this.slotsOverAll += areas.reduce((sum, area) => sum + (area.model ?? area.kernel)!.slots.length, 0);
    if (this.stopped === "" && (this.stepCount === mapLimits.stepCount || areas.length > mapLimits.areaCount || this.slotsOverAll > mapLimits.slotsOverAll)) {
      this.stopped = `slot maps end before step ${this.stepCount}: there are more steps or slots than they are made for`;
    }
    if (this.stopped !== "") return null;
    const frame = framed(this.content(areas));
    this.byteCount += frame.length;
    if (this.byteCount > mapLimits.fileBytes) {
      this.stopped = `slot maps end before step ${this.stepCount}: they would be longer than ${mapLimits.fileBytes / 1024 / 1024} MiB`;
      return null;
    }
    this.stepCount++;
    this.last = areas;
    return frame;
  }

  private content(areas: readonly Recorded[]): Uint8Array {
    const writer = new ByteWriter();
    writer.number(this.stepCount);
    writer.number(areas.length);
    for (const { swapType, model, kernel } of areas) {
      const before = this.last.find((area) => area.swapType === swapType);
      writer.number(swapType);
      writer.number(this.clusterSlots);
      writer.number((model === null ? 0 : 1) + (kernel === null ? 0 : 2));
      if (model !== null) writeSide(writer, before?.model ?? null, model);
      if (kernel !== null) writeSide(writer, model ?? before?.kernel ?? null, kernel);
    }
    return writer.result();
  }
}

function framed(content: Uint8Array): Uint8Array {
  const writer = new ByteWriter();
  writer.number(content.length);
  writer.bytes(content);
  return writer.result();
}

/** Areas of either side, by swap type. */
function recorded(model: SideState, kernel: SideState | null): Recorded[] {
  const types = new Set([model, kernel].flatMap((side) => side?.state.areas.map(({ swapType }) => swapType) ?? []));
  return [...types].sort((a, b) => a - b).map((swapType) => ({ swapType, model: sideOf(model, swapType), kernel: kernel === null ? null : sideOf(kernel, swapType) }));
}

function sideOf({ state, placements }: SideState, swapType: number): RecordedSide | null {
  const area = state.areas.find((candidate) => candidate.swapType === swapType);
  if (area === undefined) return null;
  const { slots, folioSlots, zeroes, clusters, lists } = area;
  return { slots, folioSlots, zeroes, clusters, lists, owners: ownersOf(placements, swapType) };
}
