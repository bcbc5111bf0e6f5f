import { ByteReader, MapFormatError } from "./bytes.ts";
import { mapLimits } from "./limits.ts";
import { mapMagic } from "./recording.ts";
import { readSide, type RecordedSide } from "./side-code.ts";
import type { AreaMap, SideMap, StepMap } from "./side-map.ts";

/** Steps that are kept decoded, so that going back is quick too. */
const keptCount = 6;

/**
 * The slot maps of a run: what model and kernel have in every slot and cluster after each step. Frames are decoded when
 * their step is asked for. They may come from anybody; those that do not fit throw a MapFormatError.
 */
export class SlotMaps {
  private readonly frames: Uint8Array[] = [];
  private readonly kept = new Map<number, StepMap>();
  /** Slots of all areas in the steps up to the last that was ever decoded. */
  private slotsOverAll = 0;
  private furthestStep = -1;

  /** Of a whole file. */
  static of(file: Uint8Array): SlotMaps {
    if (file.length > mapLimits.fileBytes) throw new MapFormatError(`it is longer than ${mapLimits.fileBytes} bytes`);
    if (file.length < mapMagic.length || mapMagic.some((byte, index) => byte !== file[index])) throw new MapFormatError("these are no slot maps, or their form is newer");
    const maps = new SlotMaps();
    const reader = new ByteReader(file);
    reader.bytes(mapMagic.length);
    while (!reader.isAtEnd) maps.push(reader.bytes(reader.number(mapLimits.fileBytes)));
    return maps;
  }

  /** A frame with its length, as a run tells it after each step. That of step 0 begins anew. */
  append(frame: Uint8Array): void {
    const reader = new ByteReader(frame);
    const content = reader.bytes(reader.number(mapLimits.fileBytes));
    if (new ByteReader(content).number(mapLimits.stepCount) === 0) this.clear();
    this.push(content);
  }

  get stepCount(): number {
    return this.frames.length;
  }

  /** What there is after a step; null for one that was not recorded. The rows are not to be written to. */
  at(step: number): StepMap | null {
    if (step < 0 || step >= this.frames.length) return null;
    let from = step;
    while (from > 0 && !this.kept.has(from)) from--;
    let map = this.kept.get(from) ?? null;
    for (let next = map === null ? 0 : from + 1; next <= step; next++) {
      map = this.decode(next, map);
      if (next === step || this.isPost(next)) this.keep(map);
    }
    return map;
  }

  private push(content: Uint8Array): void {
    if (this.frames.length === mapLimits.stepCount) throw new MapFormatError(`it has more than ${mapLimits.stepCount} steps`);
    this.frames.push(content);
  }

  private clear(): void {
    this.frames.length = 0;
    this.kept.clear();
    this.slotsOverAll = 0;
    this.furthestStep = -1;
  }

  /** One of the evenly spread steps that stay decoded. */
  private isPost(step: number): boolean {
    return step % Math.max(1, Math.ceil(this.frames.length / keptCount)) === 0;
  }

  private keep(map: StepMap): void {
    this.kept.set(map.step, map);
    for (const step of this.kept.keys()) {
      if (this.kept.size <= keptCount + 2) break;
      if (!this.isPost(step)) this.kept.delete(step);
    }
  }

  private decode(step: number, before: StepMap | null): StepMap {
    const reader = new ByteReader(this.frames[step]!);
    if (reader.number(mapLimits.stepCount) !== step) throw new MapFormatError(`step ${step} is not where it belongs`);
    const areaCount = reader.number(mapLimits.areaCount);
    const areas = Array.from({ length: areaCount }, () => decodeArea(reader, before, step));
    if (!reader.isAtEnd) throw new MapFormatError(`step ${step} has more in it than it should`);
    if (step > this.furthestStep) {
      this.furthestStep = step;
      this.slotsOverAll += areas.reduce((sum, { model, kernel }) => sum + (model ?? kernel)!.slots.length, 0);
    }
    if (this.slotsOverAll > mapLimits.slotsOverAll) throw new MapFormatError("it has more slots than there may be");
    return { step, areas };
  }
}

function decodeArea(reader: ByteReader, before: StepMap | null, step: number): AreaMap {
  const swapType = reader.number(255);
  const last = before?.areas.find((area) => area.swapType === swapType) ?? null;
  const clusterSlots = reader.number(2 ** 16);
  const sides = reader.number(3);
  if (sides === 0 || clusterSlots === 0) throw new MapFormatError("an area has nothing in it");
  const model = sides % 2 === 1 ? readSide(reader, last?.model ?? null) : null;
  const kernel = sides >= 2 ? readSide(reader, model ?? last?.kernel ?? null) : null;
  return { swapType, clusterSlots, model: aged(model, last?.model ?? null, step), kernel: aged(kernel, last?.kernel ?? null, step) };
}

function aged(side: RecordedSide | null, before: SideMap | null, step: number): SideMap | null {
  if (side === null) return null;
  const { slots, folioSlots } = side;
  if (before === null) return { ...side, changedAt: new Uint16Array(slots.length).fill(step) };
  if (slots === before.slots && folioSlots === before.folioSlots) return { ...side, changedAt: before.changedAt };
  const changedAt = new Uint16Array(slots.length);
  for (let slot = 0; slot < slots.length; slot++) {
    const same = slots[slot] === before.slots[slot] && folioSlots[slot] === before.folioSlots[slot];
    changedAt[slot] = same ? before.changedAt[slot]! : step;
  }
  return { ...side, changedAt };
}
