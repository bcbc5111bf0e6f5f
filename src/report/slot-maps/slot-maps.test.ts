import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { x86_64 } from "../../model/geometry.ts";
import { generationNamed } from "../../model/features.ts";
import type { Placement } from "../../workload/observation.ts";
import { parseWorkload } from "../../workload/parse.ts";
import { predict } from "../../workload/predict.ts";
import type { AreaState, SwapState } from "../../workload/swap-state.ts";
import { ByteWriter, MapFormatError } from "./bytes.ts";
import { describeCluster, describeSlot, slotFacts } from "./describe.ts";
import { MapRecorder, mapMagic } from "./recording.ts";
import { ownersOf, type SideState } from "./side-map.ts";
import { SlotMaps } from "./slot-maps.ts";

const clusterSlots = 8;

/** Rows with runs of equal values, as states have them, and with values that are alike nowhere. */
const row = (length: number, largest: number): fc.Arbitrary<number[]> =>
  fc.oneof(
    fc.array(fc.nat(largest), { minLength: length, maxLength: length }),
    fc.array(fc.tuple(fc.nat(length), fc.nat(3)), { maxLength: 8 }).map((runs) => {
      const cells = new Array<number>(length).fill(0);
      for (const [start, value] of runs) cells.fill(value, start, start + 5);
      return cells;
    }),
  );

const octets = (length: number): fc.Arbitrary<Uint8Array> => row(length, 255).map((cells) => Uint8Array.from(cells));
const orNull = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | null> => fc.option(value, { freq: 4 });

function areaState(swapType: number, slotCount: number): fc.Arbitrary<AreaState> {
  const clusterCount = Math.ceil(slotCount / clusterSlots);
  const clusters = fc.record({
    used: row(clusterCount, 512).map((cells) => Uint16Array.from(cells)),
    state: octets(clusterCount),
    order: orNull(octets(clusterCount)),
    huge: orNull(octets(clusterCount)),
    table: orNull(octets(clusterCount)),
  });
  const lists = fc.shuffledSubarray(Array.from({ length: clusterCount }, (_, cluster) => cluster)).chain((members) =>
    fc.nat(members.length).map((cut) => ({ free: members.slice(0, cut), "nonfull.4": members.slice(cut) })),
  );
  return fc.tuple(row(slotCount, 2 ** 31), row(slotCount, 512), orNull(octets(Math.ceil(slotCount / 8))), orNull(clusters), lists).map(([slots, folioSlots, zeroes, found, named]) => ({
    swapType,
    slots: Uint32Array.from(slots),
    folioSlots: Uint16Array.from(folioSlots),
    zeroes,
    clusters: found,
    lists: found === null ? {} : named,
    fragCounts: null,
    cpuCursors: [],
    sharedCursors: null,
    usedSlots: 0,
    available: null,
    lowestSlot: null,
    highestSlot: null,
  }));
}

const slotCounts = [37, 64];

function placement(process: string, region: string): fc.Arbitrary<Placement> {
  return fc.array(fc.tuple(fc.nat(20), fc.nat(30), fc.integer({ min: 1, max: 7 })), { maxLength: 4 }).map((parts) => {
    let page = 0;
    const runs = parts.map(([gap, offset, pageCount]) => {
      const run = { kind: "swap" as const, firstPage: page + gap, pageCount, swapType: offset % 2, offset };
      page = run.firstPage + pageCount;
      return run;
    });
    return { process, region, runs };
  });
}

const side: fc.Arbitrary<SideState> = fc
  .tuple(fc.subarray([0, 1], { minLength: 1 }).chain((types) => fc.tuple(...types.map((type) => areaState(type, slotCounts[type]!)))), fc.tuple(placement("main", "a"), placement("child", "a")))
  .map(([areas, placements]) => ({ state: { freeSlots: 0, totalSlots: 0, cpus: [], areas } satisfies SwapState, placements }));

/** Both sides of a step: the kernel like the model, like another, or not to be read. */
const step = fc.tuple(side, fc.oneof(fc.constant("same" as const), fc.constant(null), side)).map(([model, kernel]) => ({ model, kernel: kernel === "same" ? model : kernel }));

function record(steps: readonly { readonly model: SideState; readonly kernel: SideState | null }[]): Uint8Array[] {
  const recorder = new MapRecorder(clusterSlots);
  return steps.map(({ model, kernel }) => recorder.add(model, kernel)!);
}

const fileOf = (frames: readonly Uint8Array[]): Uint8Array => Buffer.concat([mapMagic, ...frames]);

/** What a map should have of a side. */
function shown({ state, placements }: SideState, swapType: number): object | null {
  const area = state.areas.find((candidate) => candidate.swapType === swapType);
  if (area === undefined) return null;
  const { slots, folioSlots, zeroes, clusters, lists } = area;
  return { slots, folioSlots, zeroes, clusters, lists, owners: ownersOf(placements, swapType) };
}

function withoutAge(map: object | null): object | null {
  if (map === null) return null;
  const { changedAt: _, ...rest } = map as { changedAt: Uint16Array };
  return rest;
}

describe("what was recorded", () => {
  test("is read back, in whatever order the steps are asked for", () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), fc.array(fc.nat(11), { maxLength: 6 }), (steps, visits) => {
        const frames = record(steps);
        const maps = SlotMaps.of(fileOf(frames));
        expect(maps.stepCount).toBe(steps.length);
        for (const index of [...steps.keys(), ...visits.filter((visit) => visit < steps.length)]) {
          const map = maps.at(index)!;
          const { model, kernel } = steps[index]!;
          for (const area of map.areas) {
            expect(withoutAge(area.model)).toEqual(shown(model, area.swapType));
            expect(withoutAge(area.kernel)).toEqual(kernel === null ? null : shown(kernel, area.swapType));
          }
          const types = [model, kernel].flatMap((one) => one?.state.areas.map(({ swapType }) => swapType) ?? []);
          expect(map.areas.map(({ swapType }) => swapType)).toEqual([0, 1].filter((type) => types.includes(type)));
        }
      }),
      { numRuns: 60 },
    );
  });

  test("is the same told frame by frame, and a repeated run begins anew", () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 4 }), fc.array(step, { minLength: 1, maxLength: 4 }), (first, second) => {
        const live = new SlotMaps();
        for (const frame of [...record(first), ...record(second)]) live.append(frame);
        const file = SlotMaps.of(fileOf(record(second)));
        expect(live.stepCount).toBe(second.length);
        for (const index of second.keys()) expect(live.at(index)).toEqual(file.at(index));
        expect(live.at(second.length)).toBeNull();
      }),
      { numRuns: 20 },
    );
  });

  test("says of each slot when it last changed", () => {
    const area = (slots: number[], folioSlots: number[]): SideState => ({
      state: {
        freeSlots: 0,
        totalSlots: 0,
        cpus: [],
        areas: [{ ...emptyArea, slots: Uint32Array.from(slots), folioSlots: Uint16Array.from(folioSlots) }],
      },
      placements: [],
    });
    const frames = record([area([1, 1, 1], [0, 0, 0]), area([1, 2, 1], [0, 0, 0]), area([1, 2, 1], [0, 0, 0]), area([1, 1, 1], [0, 0, 1])].map((model) => ({ model, kernel: null })));
    const maps = SlotMaps.of(fileOf(frames));
    expect([...maps.at(3)!.areas[0]!.model!.changedAt]).toEqual([0, 3, 3]);
    expect([...maps.at(1)!.areas[0]!.model!.changedAt]).toEqual([0, 1, 0]);
  });
});

const emptyArea: AreaState = {
  swapType: 0,
  slots: new Uint32Array(0),
  folioSlots: new Uint16Array(0),
  zeroes: null,
  clusters: null,
  lists: {},
  fragCounts: null,
  cpuCursors: [],
  sharedCursors: null,
  usedSlots: 0,
  available: null,
  lowestSlot: null,
  highestSlot: null,
};

/** Decodes everything. */
function readAll(file: Uint8Array): void {
  const maps = SlotMaps.of(file);
  for (let index = 0; index < maps.stepCount; index++) maps.at(index);
}

function onlyFormatErrors(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof MapFormatError)) throw error;
  }
}

describe("a file by somebody else", () => {
  test("that was changed anywhere is read or refused, never anything else", () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 3 }), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }), (steps, changes) => {
        const file = fileOf(record(steps));
        for (const [place, value] of changes) file[mapMagic.length + (place % (file.length - mapMagic.length))] = value;
        onlyFormatErrors(() => readAll(file));
        onlyFormatErrors(() => readAll(file.subarray(0, Math.floor(file.length / 2))));
      }),
      { numRuns: 200 },
    );
  });

  test.each([
    ["nothing", new Uint8Array(0)],
    ["another form", Uint8Array.from(mapMagic, (byte, index) => (index === 7 ? 9 : byte))],
    ["a frame that ends too early", Uint8Array.of(...mapMagic, 200, 1)],
  ])("%s is refused", (_, file) => {
    expect(() => readAll(file)).toThrow(MapFormatError);
  });

  test("of little text and much work is refused", () => {
    const frames: Uint8Array[] = [];
    const slotCount = 4 * 1024 * 1024;
    for (let index = 0; index < 1000; index++) {
      const content = new ByteWriter();
      for (const number of [index, 1, 0, 512, 1]) content.number(number);
      // Every slot changes in every step; folios of none, no clusters, no owners.
      for (const number of [slotCount, slotCount, 0, index + 1, 0, slotCount, 0, 0, 1, 0]) content.number(number);
      const frame = new ByteWriter();
      frame.number(content.result().length);
      frame.bytes(content.result());
      frames.push(frame.result());
    }
    const maps = SlotMaps.of(fileOf(frames));
    expect(() => maps.at(999)).toThrow(/more slots than there may be/);
  }, 30_000);
});

describe("a page-out and what follows", () => {
  const text = `name = "x"\ntitle = "x"\n${["map", "fill", "pageout", "read"].map((op) => `[[op]]\nop = "${op}"\nregion = "a"\n${op === "map" ? 'size = "1M"\nfolio = "64kB"' : ""}`).join("\n")}\n`;
  const { workload } = parseWorkload(text, { own: {} }, { file: "x.toml", ...x86_64 });

  function play(generation: string): SlotMaps {
    const states: SwapState[] = [];
    const { steps } = predict(workload, { generation: generationNamed(generation)!, geometry: x86_64, scanStarts: [] }, (machine) => states.push(machine.swapState()));
    const recorder = new MapRecorder(1 << x86_64.pmdOrder);
    const frames = steps.map(({ placements }, index) => recorder.add({ state: states[index]!, placements }, { state: states[index]!, placements })!);
    return SlotMaps.of(fileOf(frames));
  }

  test("are told in words", () => {
    const maps = play("6.12");
    const geometry = { clusterSlots: 512, pageKb: 4 };
    const words = (index: number, slot: number): string => describeSlot(maps.at(index)!.areas[0]!.model!, slot, geometry);
    expect(words(1, 0)).toBe("slot 0  cluster 0  not usable");
    expect(words(1, 600)).toBe("slot 600  cluster 1  free");
    expect(words(3, 518)).toBe("slot 518  cluster 1  64 kB folio, page 7 of 16, in cache, count 1  page 6 of main.a  since step 3");
    expect(words(4, 518)).toBe("slot 518  cluster 1  64 kB folio, page 7 of 16, in cache, count 0  since step 4");
    expect(words(4, 999_999)).toBe("slot 999,999  past the end");
    expect(describeCluster(maps.at(3)!.areas[0]!.kernel!, 1)).toBe("cluster 1  nonfull, 256 used, order 4  place 1 of 1 on nonfull.4");
    expect(slotFacts(maps.at(3)!.areas[0]!.model!, 518, 512)!.pages).toEqual([{ process: "main", region: "a", page: 6 }]);
  });

  test.each(["6.1", "6.12", "7.3"])("take little room on %s", (generation) => {
    const states: SwapState[] = [];
    const { steps } = predict(workload, { generation: generationNamed(generation)!, geometry: x86_64, scanStarts: [] }, (machine) => states.push(machine.swapState()));
    const recorder = new MapRecorder(1 << x86_64.pmdOrder);
    const bytes = steps.map(({ placements }, index) => recorder.add({ state: states[index]!, placements }, { state: states[index]!, placements })!.length);
    expect(bytes.slice(1).every((count) => count < 1000)).toBe(true);
  });
});
