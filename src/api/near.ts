/** More changes than this make another word. */
const maxDistance = 4;
const maxSuggestions = 3;

/** The names that `word` may have been meant to be, nearest first. */
export function nearNames(word: string, names: readonly string[]): string[] {
  const wanted = word.toLowerCase();
  const near = names
    .map((name) => ({ name, distance: distance(wanted, name.toLowerCase()) }))
    .filter(({ name, distance: changes }) => changes <= Math.min(maxDistance, Math.ceil(name.length / 3)))
    .sort((a, b) => a.distance - b.distance || a.name.localeCompare(b.name));
  return near.slice(0, maxSuggestions).map(({ name }) => name);
}

/** Letters to add, drop or change; a start or a part of the name costs one. */
function distance(word: string, name: string): number {
  if (word.length >= 3 && name.includes(word)) return 1;
  if (Math.abs(word.length - name.length) > maxDistance) return Infinity;
  let previous = Array.from({ length: name.length + 1 }, (_, column) => column);
  for (let row = 1; row <= word.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= name.length; column += 1) {
      const change = (previous[column - 1] ?? 0) + (word[row - 1] === name[column - 1] ? 0 : 1);
      current.push(Math.min(change, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[name.length] ?? Infinity;
}
