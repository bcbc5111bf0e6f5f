/** How well a few letters fit a name, and where they are in it. */
export interface Match {
  /** The higher the better. */
  readonly score: number;
  /** Places of the letters in the name. */
  readonly places: readonly number[];
}

/**
 * The letters have to be in the name in their order. Letters that begin a word count most, then letters that follow each
 * other; of two names that fit alike the shorter one is better.
 */
export function matchLetters(letters: string, name: string): Match | null {
  const wanted = letters.toLowerCase().replaceAll(/\s+/g, "");
  if (wanted === "") return { score: 0, places: [] };
  const lower = name.toLowerCase();
  let best: Match | null = null;
  // A start at each place where the first letter is: the first place is not always the best.
  for (let start = lower.indexOf(wanted[0]!); start >= 0; start = lower.indexOf(wanted[0]!, start + 1)) {
    const match = matchFrom(wanted, lower, start);
    if (match !== null && (best === null || match.score > best.score)) best = match;
  }
  return best;
}

function matchFrom(wanted: string, name: string, start: number): Match | null {
  const places: number[] = [];
  let score = -name.length / 100;
  let from = start;
  for (const letter of wanted) {
    const adjoining = name[from] === letter ? from : -1;
    const place = adjoining >= 0 ? adjoining : wordStart(name, letter, from);
    if (place < 0) return null;
    score += isWordStart(name, place) ? 3 : place === from && places.length > 0 ? 2 : 0.5;
    places.push(place);
    from = place + 1;
  }
  return { score, places };
}

/** The next word that begins with the letter, or else the next place of it. */
function wordStart(name: string, letter: string, from: number): number {
  const first = name.indexOf(letter, from);
  for (let place = first; place >= 0; place = name.indexOf(letter, place + 1)) if (isWordStart(name, place)) return place;
  return first;
}

const isWordStart = (name: string, place: number): boolean => place === 0 || !/[\p{L}\p{N}]/u.test(name[place - 1]!);

/** What fits, best first; without letters everything in its own order. */
export function bestMatches<T>(letters: string, items: readonly T[], nameOf: (item: T) => string, max: number): { item: T; match: Match }[] {
  const found = items.flatMap((item) => {
    const match = matchLetters(letters, nameOf(item));
    return match === null ? [] : [{ item, match }];
  });
  return found.sort((a, b) => b.match.score - a.match.score).slice(0, max);
}
