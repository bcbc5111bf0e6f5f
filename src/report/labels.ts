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

export const isPlacement = (check: Check): boolean => check.name.startsWith("placement.");
export const isReturns = (check: Check): boolean => check.name.startsWith("returns.");
