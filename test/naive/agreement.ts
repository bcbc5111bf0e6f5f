import { makeEntry } from "../../src/model/entry.ts";
import type { Generation } from "../../src/model/features.ts";
import type { Folio } from "../../src/model/folio.ts";
import { Meter } from "../../src/model/meter.ts";
import { BeyondModel } from "../../src/model/beyond-model.ts";
import { SwapCore } from "../../src/model/swap-core.ts";
import { SwapTableCore } from "../../src/model/swap-table-core.ts";
import { isReferenced, type NaiveFolio, type NaiveSlot, pagesOf } from "./area.ts";
import { NaiveCore, type Place } from "./core.ts";
import { Random } from "./random.ts";
import { fastState, firstDifference, naiveState, pairProblems } from "./state.ts";

class Difference extends Error {}

/** A folio on both sides. */
interface Pair {
  readonly fast: Folio;
  readonly naive: NaiveFolio;
}

/** Ops between two looks at the whole state. */
const lookEvery = 500;
const areasMost = 3;
/** Ops with one inclination: to fill swap, to hold it, to empty it. */
const phaseOps = 400;
const swapOutPercents = [20, 34, 55];
/** Mostly so small a cluster that all that can happen in one does; one seed in ten has the size that kernels have. */
const pmdOrders = [2, 4, 4, 6];
const kernelPmdOrder = 9;

/**
 * The fast core and the naive one under the same random ops. Every result is compared at once, the whole state now and then.
 * Throws with seed, op and both values where they part.
 */
export class Agreement {
  readonly seed: number;
  opCount = 0;
  private readonly generation: Generation;
  private readonly random: Random;
  private readonly meter = new Meter();
  private readonly fast: SwapCore;
  private readonly naive: NaiveCore;
  private readonly cpuCount: number;
  private readonly pmdOrder: number;
  private cached: Pair[] = [];
  private lastOp = "";
  private swapOutPercent = 34;

  /** `naiveFeatures`: of another generation, to see that it would be noticed. */
  constructor(generation: Generation, seed: number, naiveFeatures = generation.features) {
    this.generation = generation;
    this.seed = seed;
    this.random = new Random(seed);
    const { features } = generation;
    this.cpuCount = this.random.below(3) === 0 ? 2 : 1;
    this.pmdOrder = seed % 10 === 0 ? kernelPmdOrder : this.random.pick(pmdOrders)!;
    const geometry = { pageSizeBytes: 4096, pmdOrder: this.pmdOrder };
    const Core = features.cacheBit ? SwapCore : SwapTableCore;
    this.fast = new Core(features, geometry, this.meter, this.cpuCount);
    this.naive = new NaiveCore(naiveFeatures, this.pmdOrder, this.cpuCount);
  }

  /** So many ops, or fewer when the model says that it cannot follow the kernel any further. */
  run(opCount: number): void {
    const end = this.opCount + opCount;
    this.step("swapon", () => this.switchOn());
    while (this.opCount < end) {
      try {
        this.oneOp();
      } catch (error) {
        if (error instanceof BeyondModel) return;
        if (error instanceof Difference) throw error;
        throw new Error(this.placed("a core broke"), { cause: error });
      }
      if (this.opCount % lookEvery === 0) this.compareStates();
    }
    this.compareStates();
  }

  private oneOp(): void {
    if (this.opCount % phaseOps === 0) this.swapOutPercent = this.random.pick(swapOutPercents)!;
    if (this.random.below(100) < this.swapOutPercent) {
      this.step("swap out", () => this.swapOut());
      return;
    }
    const roll = 34 + this.random.below(66);
    if (roll < 56) this.step("unmap", () => this.unmap());
    else if (roll < 64) this.step("evict", () => this.withCached(({ fast }) => fast.mapCount === 0, (pair) => this.evict(pair)));
    else if (roll < 72) this.step("bring", () => this.bring());
    else if (roll < 78) this.step("fault on a cached slot", () => this.dropCached());
    else if (roll < 80) this.step("swap in without the cache", () => this.bypassCache());
    else if (roll < 84) this.step("duplicate", () => this.duplicate());
    else if (roll < 89) this.step("free the swap of a folio", () => this.withCached(() => true, (pair) => this.freeSwap(pair)));
    else if (roll < 92) this.step("map or unmap a cached folio", () => this.withCached(() => true, (pair) => this.setMapped(pair, this.random.below(2))));
    else if (roll < 94) this.step("split a cached folio", () => this.withCached(({ fast }) => fast.order > 0, (pair) => this.split(pair)));
    else if (roll < 96) this.step("give shared memory a slot", () => this.swapOutShared());
    else if (roll < 97) this.step("reclaim worker", () => this.same(this.fast.runReclaimWorker() !== null, this.naive.runReclaimWorker(), "there was work"));
    else if (roll < 98) this.step("another CPU", () => this.switchCpu());
    else if (this.random.below(12) === 0) this.step("swapoff", () => this.switchOff());
    else if (this.random.below(4) === 0) this.step("swapon", () => this.switchOn());
  }

  /** One op on both sides; then what __try_to_reclaim_swap returned meanwhile must be the same. */
  private step(name: string, op: () => void): void {
    this.opCount++;
    this.lastOp = name;
    this.meter.returns.clear();
    this.naive.returned = [];
    op();
    const fast = this.meter.returns.get("__try_to_reclaim_swap") ?? new Map<number, number>();
    const naive = new Map<number, number>();
    for (const value of this.naive.returned) naive.set(value, (naive.get(value) ?? 0) + 1);
    for (const value of [...fast.keys(), ...naive.keys()]) this.same(fast.get(value), naive.get(value), `times that __try_to_reclaim_swap returned ${value}`);
  }

  private same(fast: unknown, naive: unknown, what: string): void {
    if (fast !== naive) this.fail(`${what}: fast ${String(fast)}, naive ${String(naive)}`);
  }

  private fail(what: string): never {
    throw new Difference(this.placed(what));
  }

  private placed(what: string): string {
    return `generation ${this.generation.name}, seed ${this.seed}, op ${this.opCount} (${this.lastOp}): ${what}`;
  }

  private compareStates(): void {
    const difference = firstDifference(fastState(this.fast), naiveState(this.naive));
    if (difference !== null) this.fail(difference);
    const problems = pairProblems(this.fast);
    if (problems.length > 0) this.fail(problems.join("; "));
  }

  // ---- areas and CPUs

  private switchOn(): void {
    if (this.naive.areas.filter((area) => area !== null).length === areasMost) return;
    const slotCount = 40 + this.random.below(this.pmdOrder === kernelPmdOrder ? 2400 : this.random.below(3) === 0 ? 900 : 300);
    const rotating = this.random.below(5) === 0;
    const priority = this.random.below(2) === 0 ? null : this.random.below(2);
    const ownNode = this.random.below(2) === 0;
    const scanStarts = Array.from({ length: this.cpuCount }, () => 1 + this.random.below(slotCount - 1));
    this.fast.swapOn({ slotCount, synchronous: false, rotating, priority, ownNode, scanStarts });
    this.naive.swapOn({ slotCount, rotating, priority, ownNode, scanStarts });
  }

  private switchOff(): void {
    const area = this.random.pick(this.naive.areas.filter((candidate) => candidate !== null));
    if (area === undefined) return;
    const fast = this.fast.areas[area.type]!;
    this.fast.closeArea(fast);
    this.naive.closeArea(area);
    for (const [slot, one] of area.slots.entries()) while (isReferenced(one)) this.unmapAt({ area, slot }, 1);
    for (const pair of this.inArea(area)) this.freeSwap(pair);
    this.same(fast.inusePages, area.inUse, "slots in use at the end of swapoff");
    this.fast.removeArea(fast);
    this.naive.removeArea(area);
  }

  private switchCpu(): void {
    const cpu = this.random.below(this.cpuCount);
    this.fast.runOn(cpu);
    this.naive.runOn(cpu);
  }

  // ---- folios

  private create(order: number): Pair {
    const fast = this.fast.folios.create(order, "region", 0);
    return { fast, naive: { id: fast.id, order, place: null, mapCount: 0 } };
  }

  private inArea(area: Place["area"]): Pair[] {
    return this.livingPairs().filter(({ naive }) => naive.place?.area === area);
  }

  private livingPairs(): Pair[] {
    this.cached = this.cached.filter(({ naive }) => naive.place !== null);
    return this.cached;
  }

  private withCached(wanted: (pair: Pair) => boolean, op: (pair: Pair) => void): void {
    const pair = this.random.pick(this.livingPairs());
    if (pair !== undefined && wanted(pair)) op(pair);
  }

  private orderToSwap(): number {
    const order = this.random.below(2) === 0 ? 0 : this.random.below(this.pmdOrder + 1);
    return this.generation.features.wholeFolioOrders === "any" || order === this.pmdOrder ? order : 0;
  }

  private swapOut(): void {
    const pair = this.create(this.orderToSwap());
    const done = this.fast.addToSwap(pair.fast);
    this.same(done, this.naive.addToSwap(pair.naive), "found a place");
    if (!done) return;
    this.noteCached(pair);
    // As reclaim does it: every page's entry, or all but some that were unmapped before.
    const { area, slot } = pair.naive.place!;
    const most = this.random.below(8) === 0 ? pagesOf(pair.naive) - 1 : pagesOf(pair.naive);
    for (let i = 0; i < most; i++) this.duplicateAt({ area, slot: slot + i });
    if (this.random.below(6) !== 0) return;
    this.fast.areas[area.type]!.setZero(slot, pagesOf(pair.naive), true);
    for (const one of area.run(slot, pagesOf(pair.naive))) one.zero = true;
  }

  private swapOutShared(): void {
    const pair = this.create(this.orderToSwap());
    const done = this.fast.addSharedToSwap(pair.fast);
    this.same(done, this.naive.addShared(pair.naive), "found a place");
    if (done) this.noteCached(pair);
  }

  private noteCached(pair: Pair): void {
    const { area, slot } = pair.naive.place!;
    this.same(pair.fast.entry, makeEntry(area.type, slot), "place");
    this.cached.push(pair);
  }

  private evict({ fast, naive }: Pair): void {
    this.fast.evict(fast);
    this.naive.evict(naive);
  }

  private freeSwap({ fast, naive }: Pair): void {
    this.same(this.fast.freeSwapOf(fast), this.naive.freeSwapOf(naive), "freed");
  }

  private setMapped({ fast, naive }: Pair, mapCount: number): void {
    fast.mapCount = naive.mapCount = mapCount;
  }

  private split({ fast, naive }: Pair): void {
    const parts = Array.from({ length: pagesOf(naive) }, () => this.create(0));
    this.fast.splitCached(fast, parts.map((part) => part.fast));
    this.naive.split(naive, parts.map((part) => part.naive));
    this.cached.push(...parts);
  }

  // ---- slots

  /** A slot for which `wanted` holds, found from a random place on. */
  private slotWhere(wanted: (slot: NaiveSlot) => boolean): Place | null {
    const area = this.random.pick(this.naive.areas.filter((candidate) => candidate !== null));
    if (area === undefined) return null;
    const start = this.random.below(area.slots.length);
    for (let i = 0; i < area.slots.length; i++) {
      const slot = (start + i) % area.slots.length;
      const one = area.slots[slot]!;
      if (!one.bad && wanted(one)) return { area, slot };
    }
    return null;
  }

  private duplicateAt(place: Place): void {
    this.fast.duplicate(makeEntry(place.area.type, place.slot));
    this.naive.duplicate(place);
  }

  /** Now and then so often that the count outgrows its byte, and rarely the byte that continues it. */
  private duplicate(): void {
    const place = this.slotWhere((slot) => slot.count > 0);
    if (place === null) return;
    const times = this.random.below(20) > 0 ? 1 : this.random.below(30) > 0 ? 40 + this.random.below(200) : 9_000;
    for (let i = 0; i < times; i++) this.duplicateAt(place);
  }

  /** A run of neighbours, all referenced and all shared memory's or none, over the ends of clusters too. */
  private unmap(): void {
    const place = this.slotWhere(isReferenced);
    if (place === null) return;
    const { area, slot } = place;
    const { shared } = area.slots[slot]!;
    const most = 1 + this.random.below(this.random.below(3) === 0 ? 3 * area.clusterSlots : 8);
    this.unmapAt(place, this.runLength(place, most, (one) => isReferenced(one) && one.shared === shared));
  }

  private unmapAt(place: Place, count: number): void {
    this.fast.unmapEntries(makeEntry(place.area.type, place.slot), count);
    this.naive.unmap(place, count);
  }

  private bring(): void {
    const place = this.slotWhere((slot) => slot.count > 0 && !slot.held);
    if (place === null) return;
    const entry = makeEntry(place.area.type, place.slot);
    const claimed = this.fast.prepareCache(entry, 1);
    const pair = this.create(0);
    if (claimed) this.fast.addToCache(pair.fast, entry);
    this.same(claimed, this.naive.bring(pair.naive, place), "brought");
    if (claimed) this.noteCached(pair);
    this.setMapped(pair, this.random.below(2));
  }

  private dropCached(): void {
    const place = this.slotWhere((slot) => slot.folio !== null && isReferenced(slot));
    if (place === null) return;
    const { shared } = place.area.slots[place.slot]!;
    const most = 1 + this.random.below(place.area.clusterSlots);
    this.dropAt(place, this.runLength(place, most, (slot) => slot.folio !== null && isReferenced(slot) && slot.shared === shared));
  }

  private dropAt(place: Place, count: number): void {
    this.fast.dropReferences(makeEntry(place.area.type, place.slot), count);
    this.naive.drop(place, count);
  }

  /** Until 6.19 on a device that completes at once: the slots are held while they are read. A large folio's lie in one cluster. */
  private bypassCache(): void {
    if (!this.generation.features.cacheBit) return;
    const wanted = (slot: NaiveSlot): boolean => slot.count > 0 && !slot.held;
    const place = this.slotWhere(wanted);
    if (place === null) return;
    const inCluster = place.area.clusterSlots - (place.slot % place.area.clusterSlots);
    const count = this.runLength(place, Math.min(inCluster, 1 + this.random.below(8)), wanted);
    const entry = makeEntry(place.area.type, place.slot);
    this.same(this.fast.prepareCache(entry, count), true, "held");
    this.naive.hold(place, count);
    this.dropAt(place, count);
    this.fast.clearCache(entry, count);
    this.naive.unhold(place, count);
  }

  private runLength({ area, slot }: Place, most: number, wanted: (slot: NaiveSlot) => boolean): number {
    const run = area.slots.slice(slot, slot + most);
    const end = run.findIndex((one) => !wanted(one));
    return end === -1 ? run.length : end;
  }
}
