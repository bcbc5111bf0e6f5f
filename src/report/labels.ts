import type { Check } from "./result.ts";
import { sanitize } from "./text.ts";

/** What the workload calls the area behind each swap type, as `swap1`; nothing where it has but one. */
type AreaNames = ReadonlyMap<string, string>;

/** The areas that are on after a step, from its checks. */
export function areaNames(checks: readonly Check[]): AreaNames {
  return new Map(checks.flatMap(({ name, real }) => (/^swap\d+\.area$/.test(name) ? [[name.slice(0, -".area".length), String(real)]] : [])));
}

/** The name of a check as a person reads it, with its unit where the number has one. */
export function metricLabel(name: string, areas: AreaNames = new Map()): string {
  return sanitize(label(name, areas));
}

function label(name: string, areas: AreaNames): string {
  const [family = "", ...others] = name.split(".");
  const rest = others.join(".");
  if (name === "errno") return "error";
  if (family === "program") return `program ${rest}`;
  if (rest === "" || family === "slots" || family === "swap") return name.replaceAll(/[._]/g, " ");
  if (family === "vmstat" || family === "gauge" || family === "calls") return rest;
  if (family === "returns") return `${rest} returns`;
  if (family === "folio") return folioLabel(others);
  if (family === "memory") return `memory: ${memoryLabel(others, areas)}`;
  if (family === "placement") return `placement ${others[0] === "main" ? others.slice(1).join(".") : rest}`;
  if (/^swap\d+$/.test(family)) return swapLabel(family, rest, areas);
  return name;
}

function folioLabel([size = "", ...counter]: readonly string[]): string {
  return `${counter.join(".")} ${size}`;
}

function swapLabel(area: string, value: string, areas: AreaNames): string {
  if (value === "area") return `area of swap type ${area.slice("swap".length)}`;
  const text = value.endsWith("_kb") ? `${value.slice(0, -"_kb".length)}, kB` : value.replaceAll("_", " ");
  return withArea(area, text, areas);
}

/** The only area there is goes without a name. */
function withArea(area: string, text: string, areas: AreaNames): string {
  return area === "swap0" && areas.size === 0 ? text : `${areas.get(area) ?? area.replaceAll("_", " ")} ${text}`;
}

/** What of the kernel's memory: of the first CPU without its name. */
function memoryLabel([owner = "", ...what]: readonly string[], areas: AreaNames): string {
  if (what.length === 0) return owner.replaceAll("_", " ");
  const text = memoryText(what, areas).replaceAll("_", " ");
  return owner === "cpu0" ? text : withArea(owner, text, areas);
}

function memoryText([structure = "", which = "", order, ...more]: readonly string[], areas: AreaNames): string {
  if (/^cpu\d+$/.test(structure)) return memoryLabel([structure, which, ...(order === undefined ? [] : [order]), ...more], areas);
  const suffix = order === undefined ? "" : ` of order ${order}`;
  if (structure === "list") return `${which} list${suffix}`;
  if (structure === "cursor") return `${which === "next" ? "next slot" : which}${suffix}`;
  if (structure === "slots_cache") return `${structure} ${which}`;
  if (structure === "frag_count") return `frag count of order ${which}`;
  return structure;
}

export const isMemory = (check: Pick<Check, "name">): boolean => check.name.startsWith("memory.");
export const isPlacement = (check: Check): boolean => check.name.startsWith("placement.");
export const isReturns = (check: Check): boolean => check.name.startsWith("returns.");
