/**
 * The value of a check that lays two long rows of things side by side and found them to differ: where they first do, how
 * many do, and what one side has there. `slot 16391 (first of 512): cached, 1 reference`.
 */
export interface Difference {
  /** `slot 16391`. */
  readonly place: string;
  /** Places that differ, this one included. */
  readonly count: number;
  /** What this side has there, its parts joined by ", ". */
  readonly words: string;
}

export const differenceText = ({ place, count, words }: Difference): string => `${place}${count === 1 ? "" : ` (first of ${count})`}: ${words}`;

/** Null for a text that is no difference. */
export function parseDifference(text: string): Difference | null {
  const match = /^([a-z ]{1,40} \d{1,15})(?: \(first of (\d{1,15})\))?: (.{1,200})$/.exec(text);
  if (match === null) return null;
  return { place: match[1] ?? "", count: Number(match[2] ?? 1), words: match[3] ?? "" };
}

/** The parts of `words` that the other side's lack. */
export function partsOnlyIn(words: string, others: string): string {
  const known = new Set(others.split(", "));
  const parts = words.split(", ").filter((part) => !known.has(part));
  return parts.length === 0 ? words : parts.join(", ");
}
