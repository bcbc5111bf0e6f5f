import { deviceTraits } from "./devices.ts";
import type { AreaDeclaration, AreaName, Op, PageRange, Workload } from "./ops.ts";
import { rangesOf } from "./pieces.ts";
import type { OpenState, PageRun, Placement, Prediction, SwapArea as AreaReport } from "./observation.ts";
import type { Generation } from "../model/features.ts";
import { folioKb, type Geometry } from "../model/geometry.ts";
import { Meter } from "../model/meter.ts";
import { MemoryState, Process } from "../model/mm/address-space.ts";
import { Access } from "../model/mm/fault.ts";
import { evictUnmapped, freePagesToEvict } from "../model/mm/evict.ts";
import { fork } from "../model/mm/fork.ts";
import { freeLazily } from "../model/mm/lazy-free.ts";
import { pinPages, unpinPages } from "../model/mm/pin.ts";
import { adviseRange } from "../model/mm/reclaim.ts";
import { pteKind, Region } from "../model/mm/region.ts";
import { punchHole } from "../model/mm/hole.ts";
import { SharedObject } from "../model/mm/shared-object.ts";
import { splitMapped } from "../model/mm/split.ts";
import { switchOff } from "../model/mm/unuse.ts";
import { Zap } from "../model/mm/zap.ts";
import { entryOffset, entryType } from "../model/entry.ts";
import type { SwapArea } from "../model/swap-area.ts";
import { BeyondModel } from "../model/beyond-model.ts";
import { SwapCore } from "../model/swap-core.ts";
import { SwapTableCore } from "../model/swap-table-core.ts";
import { swapStateOf } from "./model-state.ts";
import type { SwapState } from "./swap-state.ts";

/** What the model is told about the guest; every line of it is an assumption of the prediction. */
export interface MachineFacts {
  readonly generation: Pick<Generation, "features">;
  readonly geometry: Geometry;
  /**
   * By CPU the slot at which its first scan of the first area starts, drawn at random by swapon; empty when they are not
   * known. Matters only to the free-list allocator, and only when no free cluster is left before the CPU's first base page
   * goes out.
   */
  readonly scanStarts: readonly number[];
  /** Areas whose disk belongs to the CPU's node; the others belong to none. Matters to automatic priorities until 6.18. */
  readonly ownNode?: ReadonlySet<AreaName>;
}

/**
 * How often two reclaims of a cgroup can meet one folio: each gives up after 16 goes without progress, and one go passes over
 * the lists with each of 13 priorities at most. Kernel: MAX_RECLAIM_RETRIES, DEF_PRIORITY.
 */
const triesPerEvict = 2 * 16 * 13;

/** The model as a machine: executes ops and reports after each of them what the guest would report. */
export class Machine {
  readonly core: SwapCore;
  readonly memory: MemoryState;
  private readonly meter = new Meter();
  private readonly facts: MachineFacts;
  private readonly declared: readonly AreaDeclaration[];
  /** Areas that are on, by the name that the workload gives them. */
  private readonly areas = new Map<AreaName, SwapArea>();
  private step = 0;
  /** Null while the model follows. */
  private open: OpenState | null = null;

  constructor(facts: MachineFacts, workload: Pick<Workload, "areas" | "cpuCount">) {
    this.facts = facts;
    this.declared = workload.areas;
    const { features } = facts.generation;
    const Core = features.cacheBit ? SwapCore : SwapTableCore;
    this.core = new Core(features, facts.geometry, this.meter, workload.cpuCount);
    this.memory = new MemoryState(this.core);
    this.memory.processes.set("main", new Process("main"));
  }

  get assumptions(): ReadonlySet<string> {
    return this.core.assumptions;
  }

  /** Step 0 of every run: the first area is switched on. */
  start(): Prediction {
    return this.run(() => this.swapOn(this.declared[0]!.name, this.facts.scanStarts));
  }

  execute(op: Op): Prediction {
    if (op.op === "storm" || this.open !== null) return this.followOpenly(op);
    this.core.runOn(op.cpu ?? 0);
    return this.run(() => this.perform(op));
  }

  /** After a storm the swap core is not followed any more, only who still maps something. */
  private followOpenly(op: Op): Prediction {
    if (op.op === "unmap") this.memory.process(op.in).region(op.region).removeRange(op.range.firstPage, op.range.firstPage + op.range.pageCount);
    if (op.op === "exit") this.memory.processes.delete(op.in);
    const mapped = [...this.memory.processes.values()].some(({ regions }) => [...regions.values()].some(({ vmas }) => vmas.length > 0));
    // Areas that have too few slots for evict even when all are free.
    const evicts = op.op === "evict" && this.core.totalPages >= freePagesToEvict(this.core.features);
    const cached = mapped || (!evicts && this.open?.cached !== false);
    this.open = { mapped, cached };
    this.meter.reset();
    return { ...this.observe({}), open: this.open };
  }

  /** What a reader of the kernel's memory would find now. */
  swapState(): SwapState {
    return swapStateOf(this.core);
  }

  private run(work: () => void): Prediction {
    this.meter.reset();
    this.core.readsUnderWay = 0;
    this.core.writesUnderWay = 0;
    this.core.inlinable.clear();
    work();
    return this.observe({ ...this.boundRetries(), ...this.boundRemovals(), ...this.boundInlined(), ...this.runReclaimWorker() });
  }

  /**
   * Kernel 6.1, 6.12 folio_lock_or_retry: a fault that finds its page still being read lets go of everything, waits and
   * starts again, once. How many do is a matter of timing.
   */
  private boundRetries(): Prediction["bounds"] {
    const { readsUnderWay } = this.core;
    if (readsUnderWay === 0) return {};
    const reason = "a fault that finds its page still being read starts again, at most once for each page read";
    const pins = this.facts.generation.features.devicePins === "every-call" ? 2 : 1;
    const bound = (name: string, perRetry: number): [string, Prediction["bounds"][string]] => {
      const low = this.meter.calls.get(name) ?? 0;
      return [`calls.${name}`, { low, high: low + perRetry * readsUnderWay, reason }];
    };
    return Object.fromEntries([bound("do_swap_page", 1), bound("swap_cache_get_folio", 1), bound("get_swap_device", pins)]);
  }

  /**
   * Kernel 6.1, 6.12, 7.3 folio_rotate_reclaimable: a folio whose write has just ended waits in a batch of the CPU, which holds a
   * reference for so long. Reclaim that meets it again before the batch is let go cannot remove it.
   */
  private boundRemovals(): Prediction["bounds"] {
    const { writesUnderWay } = this.core;
    if (writesUnderWay === 0) return {};
    const low = this.meter.calls.get("__remove_mapping") ?? 0;
    const reason = "reclaim tries a folio whose write has just ended as often as it meets it, until the batch that moves it on its list is let go";
    return { "calls.__remove_mapping": { low, high: low + writesUnderWay * triesPerEvict, reason } };
  }

  private boundInlined(): Prediction["bounds"] {
    const reason = "some of the calls are made inside the function's own source file, where a compiler may inline them";
    return Object.fromEntries(
      [...this.core.inlinable].map(([name, times]) => {
        const high = this.meter.calls.get(name) ?? 0;
        return [`calls.${name}`, { low: high - times, high, reason }];
      }),
    );
  }

  /** When the kernel's worker gets its turn is not known; the counts of what it tries are then known only within bounds. */
  private runReclaimWorker(): Prediction["bounds"] {
    // Kernel 6.18, 7.3 __try_to_reclaim_swap: it looks a folio up as faults do.
    const perTry = this.facts.generation.features.swapCacheIndex === "tables" ? ["__try_to_reclaim_swap", "swap_cache_get_folio"] : ["__try_to_reclaim_swap"];
    const counted = [...perTry, "swap_reclaim_full_clusters"];
    const before = new Map(counted.map((name) => [name, this.meter.calls.get(name) ?? 0]));
    const passing = this.core.runReclaimWorker();
    if (passing === null) return {};
    const reason = "a worker goes over the full clusters some time after the area ran full, maybe before slots just handed out are mapped";
    return Object.fromEntries(
      counted.map((name) => {
        const high = (this.meter.calls.get(name) ?? 0) + (perTry.includes(name) ? passing : 0);
        return [`calls.${name}`, { low: before.get(name)!, high, reason }];
      }),
    );
  }

  private swapOn(name: AreaName, scanStarts: readonly number[]): void {
    const { device, pageCount, priority } = this.declared.find((area) => area.name === name)!;
    const { synchronous, rotating } = deviceTraits[device];
    const ownNode = this.facts.ownNode?.has(name) === true;
    const area = this.core.swapOn({ slotCount: pageCount, synchronous, rotating, priority, ownNode, scanStarts });
    this.areas.set(name, area);
    this.memory.readHeaders.add(area);
  }

  private swapOff(name: AreaName): void {
    const area = this.areas.get(name)!;
    switchOff(this.memory, area);
    this.areas.delete(name);
    this.memory.readHeaders.delete(area);
  }

  private perform(op: Op): void {
    switch (op.op) {
      case "note":
        return;
      case "swapon":
        this.swapOn(op.area, []);
        return;
      case "swapoff":
        this.swapOff(op.area);
        return;
      case "fork":
        fork(this.memory, this.memory.process(op.in), op.child);
        return;
      case "unpin":
        unpinPages(this.memory, this.memory.process(op.in), op.region);
        return;
      case "zswap":
        this.switchZswap(op.enabled);
        return;
      case "evict":
        evictUnmapped(this.memory);
        return;
      case "exit": {
        const process = this.memory.process(op.in);
        this.memory.processes.delete(op.in);
        new Zap(this.memory).process(process);
        for (const { name } of process.regions.values()) unpinPages(this.memory, process, name);
        for (const { shared } of process.regions.values()) if (shared !== null) this.memory.dropUnmapped(shared);
        return;
      }
      case "map":
        this.map(op);
        return;
      case "storm":
        throw new Error("nobody can follow a storm");
      default:
        for (const range of rangesOf(op)) this.performOnRange(op, range);
    }
  }

  private switchZswap(enabled: boolean): void {
    if (this.facts.generation.features.cacheBit) throw new BeyondModel("zswap is modelled from 7.0 on only");
    if (enabled) this.core.assumptions.add("zswap finds memory for every page it is given, and has not reached its limit");
    this.core.zswap.switch(enabled);
  }

  private map(op: Extract<Op, { op: "map" }>): void {
    const shared = op.share === "shared" ? new SharedObject(op.region, op.pageCount) : null;
    const region = new Region(op.region, op.pageCount, op.folioOrder, this.facts.geometry, shared);
    this.memory.process(op.in).regions.set(op.region, region);
  }

  private performOnRange(op: Exclude<Extract<Op, { range: unknown }>, { op: "storm" }>, range: PageRange): void {
    const process = this.memory.process(op.in);
    const region = process.region(op.region);
    const first = range.firstPage;
    const end = first + range.pageCount;
    const access = new Access(this.memory, process, region);
    switch (op.op) {
      case "fill": {
        const content = op.pattern.kind === "zero" || (op.pattern.kind === "same-byte" && op.pattern.byte === 0) ? 0 : 1;
        for (let page = first; page < end; page++) {
          access.write(page);
          region.content[page] = content;
        }
        return;
      }
      case "write":
        for (let page = first; page < end; page++) {
          access.write(page);
          region.content[page] = 1;
        }
        return;
      case "read":
        for (let page = first; page < end; page++) access.read(page);
        return;
      case "pageout":
      case "cold":
        adviseRange(this.memory, process, region, first, end, op.op === "pageout");
        return;
      case "remove":
        punchHole(this.memory, region.shared!, first, end);
        return;
      case "pin":
        pinPages(this.memory, process, region, access, first, end);
        return;
      case "split":
        splitMapped(this.memory, region, first, end);
        return;
      case "free":
        freeLazily(this.memory, region, first, end);
        return;
      case "dontneed":
      case "unmap": {
        const zap = new Zap(this.memory);
        zap.range(region, first, end);
        zap.finish();
        if (op.op === "unmap") {
          region.removeRange(first, end);
          if (region.shared !== null) this.memory.dropUnmapped(region.shared);
        }
        return;
      }
    }
  }

  private observe(bounds: Prediction["bounds"]): Prediction {
    const { geometry } = this.facts;
    return {
      step: this.step++,
      vmstat: Object.fromEntries(this.meter.vmstat),
      gauges: { nr_swapcached: this.core.cachedPages },
      folioStats: Object.fromEntries(
        [...this.meter.folioStats].map(([order, stats]) => [folioKb(geometry, order), Object.fromEntries(stats)]),
      ),
      calls: Object.fromEntries(this.meter.calls),
      returns: Object.fromEntries([...this.meter.returns].map(([name, values]) => [name, Object.fromEntries(values)])),
      swapAreas: this.reportAreas(),
      placements: this.reportPlacements(),
      wrongPages: 0,
      errno: "",
      bounds,
      costs: this.meter.costs.copy(),
    };
  }

  private reportAreas(): AreaReport[] {
    const pageKb = this.facts.geometry.pageSizeBytes / 1024;
    return [...this.areas]
      .map(([name, { swapType, usablePages, inusePages, priority }]) => ({ name, swapType, sizeKb: usablePages * pageKb, usedKb: inusePages * pageKb, priority }))
      .sort((a, b) => a.swapType - b.swapType);
  }

  private reportPlacements(): Placement[] {
    return [...this.memory.processes.values()].flatMap((process) =>
      [...process.regions.values()].map((region) => ({ process: process.name, region: region.name, runs: pageRuns(region) })),
    );
  }
}

/** The pages of a region as /proc/<pid>/pagemap tells them, in runs. */
function pageRuns(region: Region): PageRun[] {
  const runs: PageRun[] = [];
  for (let page = 0; page < region.pageCount; ) {
    const kind = region.kind[page]!;
    const start = page;
    if (kind === pteKind.swap) {
      const entry = region.value[page]!;
      do page++;
      while (page < region.pageCount && region.kind[page] === pteKind.swap && region.value[page] === entry + (page - start));
      runs.push({ kind: "swap", firstPage: start, pageCount: page - start, swapType: entryType(entry), offset: entryOffset(entry) });
      continue;
    }
    const present = kind !== pteKind.none;
    do page++;
    while (page < region.pageCount && region.kind[page] !== pteKind.swap && (region.kind[page] !== pteKind.none) === present);
    runs.push({ kind: present ? "present" : "none", firstPage: start, pageCount: page - start });
  }
  return runs;
}
