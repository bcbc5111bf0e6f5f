import * as fc from "fast-check";
import { checkOps } from "../../src/workload/check.ts";
import { type AreaDeclaration, type AreaName, type DeviceName, type FillPattern, type MapOp, onlyArea, type Op, type PageRange, type Workload } from "../../src/workload/ops.ts";

/**
 * Random op lists that make sense: what is drawn are choices among what there is at that place in the list, so that a list
 * from which something was taken away still does, and shrinks well. Smaller draws mean plainer ops.
 */

/** What the lists are to be made of. */
export interface ListScope {
  /** Orders of the folios that regions may ask for. */
  readonly folioOrders: readonly number[];
  /** Ops beside the first map; a list has fewer when some of those drawn make no sense. */
  readonly opCountMax: number;
  /** CPUs of the guest; every op is carried out on one of them. */
  readonly cpuCount: number;
  /** What the areas lie on. */
  readonly device: DeviceName;
}

/** The ops, and the areas that they swap to. */
export type DrawnList = Pick<Workload, "areas" | "ops">;

/** Of each kind: none, a few, one folio of some order and a page more or less, several clusters. */
const regionPages = [16, 1, 5, 40, 64, 100, 256, 512, 513, 700, 1024, 1040, 1536];
/** Areas that lists fill to the brim, some of which end inside a cluster, and one that none fills. */
const swapPages = [1024, 2048, 600, 64, 513, 1300, 4096, 16384];
/** The kernel's choice, and three that are equal or not. */
const priorities = [null, 1, 1, 2];

const patterns: readonly FillPattern[] = [
  { kind: "words" },
  { kind: "zero" },
  { kind: "same-byte", byte: 7 },
  { kind: "same-byte", byte: 0 },
  { kind: "random", seed: 3 },
];

/** Mostly one area of the kernel's choice of priority, else two. */
const areaLists = (device: DeviceName): fc.Arbitrary<AreaDeclaration[]> => {
  const area = fc.record({ pageCount: fc.constantFrom(...swapPages), priority: fc.constantFrom(...priorities) });
  const second = fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: area });
  return fc.tuple(area, second).map(([one, other]) => [
    { name: onlyArea, device, pageCount: one.pageCount, priority: other === null ? null : one.priority },
    ...(other === null ? [] : [{ name: "other", device, ...other }]),
  ]);
};

/** How often each is drawn, in shares of their sum. */
const weights = {
  pageout: 5,
  fill: 4,
  read: 2,
  write: 2,
  map: 2,
  unmap: 1,
  dontneed: 1,
  free: 1,
  cold: 1,
  evict: 1,
  split: 1,
  remove: 1,
  pin: 1,
  unpin: 1,
  fork: 1,
  exit: 1,
  swap: 1,
} as const;
type DrawnName = keyof typeof weights;

const names = fc.oneof(...Object.entries(weights).map(([name, weight]) => ({ weight, arbitrary: fc.constant(name as DrawnName) })));

/** An edge of a range: mostly the region's own, else an eighth of the region inside it, and some pages beside that. */
const edges = fc.record({
  eighths: fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(7) }),
  pages: fc.constantFrom(0, 0, 0, 0, 0, 0, 1, 3, -1),
});
interface Edge {
  readonly eighths: number;
  readonly pages: number;
}
const regionsEdge: Edge = { eighths: 0, pages: 0 };

const mappings = (orders: readonly number[]): fc.Arbitrary<Pick<MapOp, "pageCount" | "folioOrder" | "share">> =>
  fc.record({
    pageCount: fc.constantFrom(...regionPages),
    folioOrder: fc.constantFrom(...orders),
    share: fc.oneof({ weight: 3, arbitrary: fc.constant("private" as const) }, { weight: 1, arbitrary: fc.constant("shared" as const) }),
  });

interface Draw {
  readonly name: DrawnName;
  readonly cpu: number;
  /** Which of the processes there are, and which of its regions. */
  readonly who: number;
  readonly where: number;
  readonly from: Edge;
  readonly to: Edge;
  readonly pattern: FillPattern;
  readonly mapping: Pick<MapOp, "pageCount" | "folioOrder" | "share">;
}

/** What there is to choose from after the ops so far. */
class Listed {
  readonly ops: Op[] = [];
  private readonly processes = new Map<string, string[]>([["main", []]]);
  private readonly pageCounts = new Map<string, number>();
  private childCount = 0;
  private readonly cpuCount: number;
  private readonly areas: readonly AreaName[];
  private readonly areasOn: Set<AreaName>;

  constructor(cpuCount: number, areas: readonly AreaName[]) {
    this.cpuCount = cpuCount;
    this.areas = areas;
    this.areasOn = new Set(areas.slice(0, 1));
    for (const area of areas.slice(1)) this.push({ op: "swapon", in: "main", area });
  }

  /** Adds what was drawn, if there is such a thing here. */
  add(draw: Draw): void {
    const drawn = this.opOf(draw);
    if (drawn === null) return;
    const op = draw.cpu === 0 ? drawn : { ...drawn, cpu: draw.cpu };
    if (checkOps([...this.ops, op], this.cpuCount, this.areas) === null) this.push(op);
  }

  private push(op: Op): void {
    this.ops.push(op);
    this.follow(op);
  }

  private opOf(draw: Draw): Op | null {
    const who = pick([...this.processes.keys()], draw.who);
    if (who === undefined) return null;
    switch (draw.name) {
      case "map":
        return { op: "map", in: who, region: String.fromCharCode(97 + this.pageCounts.size), ...draw.mapping };
      case "fork":
        return { op: "fork", in: who, child: `child${this.childCount + 1}` };
      case "exit":
        // Without the last process there is nothing left to do.
        return this.processes.size === 1 ? null : { op: "exit", in: who };
      case "evict":
        return { op: "evict", in: who };
      case "swap": {
        const area = pick(this.areas, draw.where)!;
        return { op: this.areasOn.has(area) ? "swapoff" : "swapon", in: who, area };
      }
      default: {
        const region = pick(this.processes.get(who)!, draw.where);
        if (region === undefined) return null;
        if (draw.name === "unpin") return { op: "unpin", in: who, region };
        const place = { in: who, region, range: rangeOf(draw, this.pageCounts.get(region)!) };
        return draw.name === "fill" ? { op: "fill", ...place, pattern: draw.pattern } : { op: draw.name, ...place };
      }
    }
  }

  private follow(op: Op): void {
    switch (op.op) {
      case "map":
        this.processes.get(op.in)!.push(op.region);
        this.pageCounts.set(op.region, op.pageCount);
        return;
      case "fork":
        this.processes.set(op.child, [...this.processes.get(op.in)!]);
        this.childCount++;
        return;
      case "exit":
        this.processes.delete(op.in);
        return;
      case "swapoff":
        this.areasOn.delete(op.area);
        return;
      case "swapon":
        this.areasOn.add(op.area);
        return;
    }
  }
}

const pick = <Item>(items: readonly Item[], draw: number): Item | undefined => items[draw % Math.max(1, items.length)];

function rangeOf({ from, to }: Draw, pageCount: number): PageRange {
  const inside = ({ eighths, pages }: Edge): number => (eighths === 0 ? 0 : Math.floor((pageCount * eighths) / 8) + pages);
  const firstPage = Math.min(pageCount - 1, Math.max(0, inside(from)));
  const end = Math.max(firstPage + 1, pageCount - Math.max(0, inside(to)));
  return { firstPage, pageCount: end - firstPage };
}

/** Lists over several processes, regions and areas. Every one begins with a map, once all areas are on. */
export function opLists({ folioOrders, opCountMax, cpuCount, device }: ListScope): fc.Arbitrary<DrawnList> {
  const mapping = mappings(folioOrders);
  const cpu = fc.nat(cpuCount - 1);
  const draw = fc.record({ name: names, cpu, who: fc.nat(3), where: fc.nat(2), from: edges, to: edges, pattern: fc.constantFrom(...patterns), mapping });
  // Without the bias towards short lists and outermost choices: a list of two ops tells little.
  return fc.noBias(fc.tuple(areaLists(device), mapping, fc.array(draw, { maxLength: opCountMax, size: "max" }))).map(([areas, first, draws]) => {
    const listed = new Listed(cpuCount, areas.map(({ name }) => name));
    listed.add({ name: "map", cpu: 0, who: 0, where: 0, from: regionsEdge, to: regionsEdge, pattern: patterns[0]!, mapping: first });
    for (const next of draws) listed.add(next);
    return { areas, ops: listed.ops };
  });
}
