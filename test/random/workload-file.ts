import { folioKb, type Geometry } from "../../src/model/geometry.ts";
import type { FillPattern, Op, Workload } from "../../src/workload/ops.ts";

/** A workload as a file that a person can run, read and shorten. What `parseWorkload` makes of it is the workload again. */
export function workloadToml(workload: Workload, geometry: Geometry): string {
  const kb = (pageCount: number): string => `${(pageCount * geometry.pageSizeBytes) / 1024}kB`;
  const { name, title, device, swapPageCount, cpuCount, ops } = workload;
  return [
    ...assignments({ name, title }),
    "",
    "[parameters]",
    ...assignments({ device, "swap-size": kb(swapPageCount), cpus: cpuCount }),
    ...ops.flatMap((op) => ["", "[[op]]", ...assignments(fieldsOf(op, kb, geometry))]),
    "",
  ].join("\n");
}

type Fields = Readonly<Record<string, string | number>>;

const assignments = (fields: Fields): string[] => Object.entries(fields).map(([key, value]) => `${key} = ${JSON.stringify(value)}`);

function fieldsOf(op: Op, kb: (pageCount: number) => string, geometry: Geometry): Fields {
  const { op: name, in: process, cpu } = op;
  const base = { op: name, ...(process !== "main" && { in: process }), ...(cpu !== undefined && { cpu }) };
  switch (op.op) {
    case "map":
      return { ...base, region: op.region, size: kb(op.pageCount), folio: `${folioKb(geometry, op.folioOrder)}kB`, share: op.share };
    case "fork":
      return { ...base, child: op.child };
    case "note":
      return { ...base, text: op.text };
    case "evict":
    case "exit":
    case "swapon":
    case "swapoff":
      return base;
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
