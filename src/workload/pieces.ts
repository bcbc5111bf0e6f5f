import type { PageRange, Pieces } from "./ops.ts";

/** The ranges that an op acts on, one after the other: all of its range, or the pieces drawn from it. */
export function* rangesOf({ range, pieces }: { readonly range: PageRange; readonly pieces?: Pieces }): Generator<PageRange> {
  if (pieces === undefined) {
    yield range;
    return;
  }
  const { count, pageCount, seed } = pieces;
  const places = Math.floor(range.pageCount / pageCount);
  // A linear congruential generator; its low bits repeat soon. The agent has the same one.
  let state = seed;
  for (let drawn = 0; drawn < count; drawn++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield { firstPage: range.firstPage + ((state >>> 8) % places) * pageCount, pageCount };
  }
}
