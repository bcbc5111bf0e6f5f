import { folioKb, type Geometry } from "../../src/model/geometry.ts";
import { type AreaDeclaration, type FillPattern, onlyArea, type Op, type Workload } from "../../src/workload/ops.ts";

/** A workload as a file that a person can run, read and shorten. What `parseWorkload` makes of it is the workload again. */
export function workloadToml(workload: Workload, geometry: Geometry): string {
  const kb = (pageCount: number): string => `${(pageCount * geometry.pageSizeBytes) / 1024}kB`;
  const { name, title, areas, cpuCount, ops } = workload;
  return [
    ...assignments({ name, title }),
    "",
    "[parameters]",
    ...assignments({ cpus: cpuCount, ...(isOnlyArea(areas) && areaFields(areas[0]!, kb, "swap-size")) }),
    ...(isOnlyArea(areas) ? [] : areas.flatMap((area) => ["", "[[area]]", ...assignments({ name: area.name, ...areaFields(area, kb, "size") })])),
    ...ops.flatMap((op) => ["", "[[op]]", ...assignments(fieldsOf(op, kb, geometry))]),
    "",
  ].join("\n");
}

const isOnlyArea = ([first, ...others]: readonly AreaDeclaration[]): boolean => others.length === 0 && first?.name === onlyArea && first.priority === null;

function areaFields({ device, pageCount, priority }: AreaDeclaration, kb: (pageCount: number) => string, sizeName: "size" | "swap-size"): Fields {
  return { device, [sizeName]: kb(pageCount), ...(priority !== null && { priority }) };
}

type Fields = Readonly<Record<string, string | number | boolean>>;

const assignments = (fields: Fields): string[] => Object.entries(fields).map(([key, value]) => `${key} = ${JSON.stringify(value)}`);

function fieldsOf(op: Op, kb: (pageCount: number) => string, geometry: Geometry): Fields {
  const { op: name, in: process, cpu } = op;
  const base = { op: name, ...(process !== "main" && { in: process }), ...(cpu !== undefined && { cpu }) };
  switch (op.op) {
    case "map":
      return { ...base, region: op.region, size: kb(op.pageCount), folio: `${folioKb(geometry, op.folioOrder)}kB`, share: op.share };
    case "fork":
      return { ...base, child: op.child };
    case "zswap":
      return { ...base, enabled: op.enabled };
    case "unpin":
      return { ...base, region: op.region };
    case "note":
      return { ...base, text: op.text };
    case "evict":
    case "exit":
      return base;
    case "swapon":
    case "swapoff":
      return { ...base, area: op.area };
    default: {
      const place = { ...base, region: op.region, from: kb(op.range.firstPage), length: kb(op.range.pageCount) };
      return op.op === "fill" ? { ...place, ...patternFields(op.pattern) } : place;
    }
  }
}

function patternFields(pattern: FillPattern): Fields {
  const { kind, ...rest } = pattern;
  return { pattern: kind, ...rest };
}
