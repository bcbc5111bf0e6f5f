import type { Op, PageRange, Pieces } from "./ops.ts";

/** An op in one line for people, with page ranges in pages. */
export function opText(op: Op): string {
  const place = op.cpu === undefined ? "" : `CPU ${op.cpu}: `;
  const who = `${op.in === "main" ? "" : `${op.in}: `}${place}`;
  switch (op.op) {
    case "map":
      return `${who}map ${op.region}: ${op.pageCount} pages, folio order ${op.folioOrder}, ${op.share}`;
    case "fill":
      return `${who}fill ${op.region} ${rangeText(op)} with ${patternText(op.pattern)}`;
    case "storm":
      return `${who}storm ${op.region} ${rangeText(op)}, threads ${op.threads.join(", ")}`;
    case "zswap":
      return `${who}zswap ${op.enabled ? "on" : "off"}`;
    case "unpin":
      return `${who}unpin ${op.region}`;
    case "fork":
      return `${who}fork ${op.child}`;
    case "exit":
    case "evict":
      return `${who}${op.op}`;
    case "swapoff":
    case "swapon":
      return `${who}${op.op} ${op.area}`;
    case "note":
      return `${who}note: ${op.text}`;
    default:
      return `${who}${op.op} ${op.region} ${rangeText(op)}`;
  }
}

function rangeText({ range, pieces }: { readonly range: PageRange; readonly pieces?: Pieces }): string {
  const pages = `pages ${range.firstPage}..${range.firstPage + range.pageCount - 1}`;
  return pieces === undefined ? pages : `${pages}, ${pieces.count} pieces of ${pieces.pageCount}, seed ${pieces.seed}`;
}

function patternText(pattern: Extract<Op, { op: "fill" }>["pattern"]): string {
  switch (pattern.kind) {
    case "same-byte":
      return `byte ${pattern.byte}`;
    case "random":
      return `random bytes, seed ${pattern.seed}`;
    case "words":
      return "words";
    case "zero":
      return "zeroes";
  }
}
