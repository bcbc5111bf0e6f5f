import type { Check } from "./result.ts";
import { sanitize } from "./text.ts";

/** The name of a check as a person reads it, with its unit where the number has one. */
export function metricLabel(name: string): string {
  return sanitize(label(name));
}

function label(name: string): string {
  const [family = "", ...others] = name.split(".");
  const rest = others.join(".");
  if (name === "errno") return "error";
  if (rest === "" || family === "slots" || family === "swap") return name.replaceAll(/[._]/g, " ");
  if (family === "vmstat" || family === "gauge" || family === "calls") return rest;
  if (family === "returns") return `${rest} returns`;
  if (family === "folio") return folioLabel(others);
  if (family === "memory") return `memory: ${memoryLabel(others)}`;
  if (family === "placement") return `placement ${others[0] === "main" ? others.slice(1).join(".") : rest}`;
  if (/^swap\d+$/.test(family)) return swapLabel(family, rest);
  return name;
}

function folioLabel([size = "", ...counter]: readonly string[]): string {
  return `${counter.join(".")} ${size}`;
}

function swapLabel(area: string, value: string): string {
  const text = value.endsWith("_kb") ? `${value.slice(0, -"_kb".length)}, kB` : value.replaceAll("_", " ");
  return area === "swap0" ? text : `${area} ${text}`;
}

/** What of the kernel's memory: of the first area and the first CPU without their names. */
function memoryLabel([owner = "", ...what]: readonly string[]): string {
  if (what.length === 0) return owner.replaceAll("_", " ");
  const text = memoryText(what).replaceAll("_", " ");
  return owner === "swap0" || owner === "cpu0" ? text : `${owner} ${text}`;
}

function memoryText([structure = "", which = "", order, ...more]: readonly string[]): string {
  if (/^cpu\d+$/.test(structure)) return memoryLabel([structure, which, ...(order === undefined ? [] : [order]), ...more]);
  const suffix = order === undefined ? "" : ` of order ${order}`;
  if (structure === "list") return `${which} list${suffix}`;
  if (structure === "cursor") return `${which === "next" ? "next slot" : which}${suffix}`;
  if (structure === "slots_cache") return `${structure} ${which}`;
  if (structure === "frag_count") return `frag count of order ${which}`;
  return structure;
}

export const isMemory = (check: Check): boolean => check.name.startsWith("memory.");
export const isPlacement = (check: Check): boolean => check.name.startsWith("placement.");
export const isReturns = (check: Check): boolean => check.name.startsWith("returns.");
