import { type AreaName, onlyArea, type Op, type PageRange } from "./ops.ts";

/** Limits of the guest's agent. */
const limits = { regions: 32, processes: 128, pagesInAll: 1 << 20, pins: 32, pinnedPages: 1024 } as const;

/** An op that cannot be executed after the ones before it. */
export interface OpProblem {
  readonly index: number;
  readonly field: string;
  readonly message: string;
}

/**
 * Looks for ops that make no sense where they stand: unknown processes and CPUs, unmapped pages, a second swapon. `areas`: those that
 * the workload declares, the first of which is on.
 */
export function checkOps(ops: readonly Op[], cpuCount = 1, areas: readonly AreaName[] = [onlyArea]): OpProblem | null {
  const state = new OpState(areas);
  for (const [index, op] of ops.entries()) {
    const problem = checkCpu(op, cpuCount) ?? state.apply(op);
    if (problem !== null) return { index, ...problem };
  }
  return null;
}

type Problem = { field: string; message: string } | null;

function checkCpu({ cpu = 0 }: Op, cpuCount: number): Problem {
  if (cpu < cpuCount) return null;
  const has = cpuCount === 1 ? "one CPU, number 0" : `${cpuCount} CPUs, 0 to ${cpuCount - 1}`;
  return { field: "cpu", message: `there is no CPU ${cpu}: the guest has ${has}; cpus under [parameters] or --cpus says how many` };
}

/** Which pages of a region a process still has. */
interface Mapped {
  readonly pageCount: number;
  readonly shared: boolean;
  readonly gone: Uint8Array;
  /** Ops that pinned pages of it and were not undone. */
  pins: number;
}

const opsAfterStorm: readonly Op["op"][] = ["storm", "unmap", "exit", "evict", "note"];

class OpState {
  private readonly processes = new Map<string, Map<string, Mapped>>([["main", new Map()]]);
  private processesEver = 1;
  private regionNames = new Set<string>();
  private pagesEver = 0;
  private readonly areas: readonly AreaName[];
  private readonly areasOn: Set<AreaName>;
  private afterStorm = false;

  constructor(areas: readonly AreaName[]) {
    this.areas = areas;
    this.areasOn = new Set(areas.slice(0, 1));
  }

  apply(op: Op): Problem {
    const regions = this.processes.get(op.in);
    if (regions === undefined) return { field: "in", message: `there is no process "${op.in}" here; it was not forked before or has exited` };
    if (this.afterStorm && !opsAfterStorm.includes(op.op)) return { field: "op", message: `after a storm nobody can say what ${op.op} would do; ${opsAfterStorm.join(", ")} may follow it` };
    switch (op.op) {
      case "map":
        return this.map(op, regions);
      case "unpin":
        return this.unpin(op, regions);
      case "fork":
        return this.fork(op.child, regions);
      case "exit":
        this.processes.delete(op.in);
        return null;
      case "swapon":
      case "swapoff":
        return this.switchSwap(op.area, op.op === "swapon");
      case "evict":
      case "zswap":
      case "note":
        return null;
      default:
        return this.range(op, regions);
    }
  }

  private map(op: Extract<Op, { op: "map" }>, regions: Map<string, Mapped>): Problem {
    if (this.regionNames.has(op.region)) return { field: "region", message: `region "${op.region}" is mapped already; give this one another name` };
    this.regionNames.add(op.region);
    if (this.regionNames.size > limits.regions) return { field: "region", message: `more than ${limits.regions} regions` };
    this.pagesEver += op.pageCount;
    if (this.pagesEver > limits.pagesInAll) return { field: "size", message: `the regions together have more than ${limits.pagesInAll} pages` };
    regions.set(op.region, { pageCount: op.pageCount, shared: op.share === "shared", gone: new Uint8Array(op.pageCount), pins: 0 });
    return null;
  }

  private fork(child: string, regions: Map<string, Mapped>): Problem {
    if (this.processes.has(child)) return { field: "child", message: `there is a process "${child}" already` };
    if (++this.processesEver > limits.processes) return { field: "child", message: `more than ${limits.processes} processes` };
    this.processes.set(child, new Map([...regions].map(([name, mapped]) => [name, { ...mapped, gone: mapped.gone.slice(), pins: 0 }])));
    return null;
  }

  private pin(mapped: Mapped, pageCount: number, regions: Map<string, Mapped>): Problem {
    if (pageCount > limits.pinnedPages) return { field: "length", message: `more than ${limits.pinnedPages} pages, which one pipe does not hold` };
    mapped.pins++;
    const pins = [...regions.values()].reduce((sum, region) => sum + region.pins, 0);
    return pins > limits.pins ? { field: "op", message: `more than ${limits.pins} pins of one process` } : null;
  }

  private storm(mapped: Mapped): Problem {
    if (mapped.shared) return { field: "region", message: "a storm needs private memory: MADV_DONTNEED leaves shared memory as it is" };
    this.afterStorm = true;
    return null;
  }

  private unpin(op: Extract<Op, { op: "unpin" }>, regions: Map<string, Mapped>): Problem {
    const mapped = regions.get(op.region);
    if (mapped === undefined) return { field: "region", message: `process "${op.in}" has no region "${op.region}"` };
    if (mapped.pins === 0) return { field: "region", message: `process "${op.in}" has pinned nothing of region "${op.region}"` };
    mapped.pins = 0;
    return null;
  }

  private switchSwap(area: AreaName, on: boolean): Problem {
    if (!this.areas.includes(area)) return { field: "area", message: `there is no area "${area}"; there are ${this.areas.join(", ")}` };
    if (this.areasOn.has(area) === on) {
      return { field: "op", message: on ? `area "${area}" is on already; every run starts with swapon of its first area` : `area "${area}" is off already` };
    }
    if (on) this.areasOn.add(area);
    else this.areasOn.delete(area);
    return null;
  }

  private range(op: Extract<Op, { range: PageRange }>, regions: Map<string, Mapped>): Problem {
    const mapped = regions.get(op.region);
    if (mapped === undefined) return { field: "region", message: `process "${op.in}" has no region "${op.region}"` };
    const { firstPage, pageCount } = op.range;
    const gone = mapped.gone.indexOf(1, firstPage);
    if (gone !== -1 && gone < firstPage + pageCount) return { field: "region", message: `page ${gone} of region "${op.region}" is unmapped already` };
    if (op.op === "free" && mapped.shared) return { field: "op", message: "MADV_FREE works on private memory only; shared memory has remove" };
    if (op.op === "remove" && !mapped.shared) return { field: "op", message: 'MADV_REMOVE works on shared memory only; map the region with share = "shared", or use dontneed' };
    if (op.op === "pin") return this.pin(mapped, pageCount, regions);
    if (op.op === "storm") return this.storm(mapped);
    if (op.op === "unmap") mapped.gone.fill(1, firstPage, firstPage + pageCount);
    return null;
  }
}
