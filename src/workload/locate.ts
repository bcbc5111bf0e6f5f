/**
 * Line numbers of the fields of a workload file, so that an error can name its line. Parsers give values without
 * places; this reads the text once more and remembers where each field stands.
 */
export type Lines = ReadonlyMap<string, number>;

/** Path of a field: `name`, `parameters.size`, `op.3.region` (ops count from 0). */
export const fieldPath = (...parts: readonly (string | number)[]): string => parts.join(".");

/** Where tables begin and keys stand in a TOML file. Keys inside multi-line values are not looked for. */
export function tomlLines(text: string): Lines {
  const lines = new Map<string, number>();
  const counts = new Map<string, number>();
  let table: (string | number)[] = [];
  text.split("\n").forEach((line, index) => {
    const header = /^\s*(\[\[?)\s*([\w.-]+)\s*\]/.exec(line);
    const key = /^\s*"?([\w-]+)"?\s*=/.exec(line);
    if (header !== null) {
      const name = header[2]!;
      if (header[1] === "[[") {
        // A list inside the last table of another: `op.ops`.
        const [outer, inner] = name.split(".", 2) as [string, string?];
        const list = inner === undefined ? outer : fieldPath(outer, (counts.get(outer) ?? 1) - 1, inner);
        const count = counts.get(list) ?? 0;
        counts.set(list, count + 1);
        table = [list, count];
        // The list itself begins with its first table.
        if (count === 0) lines.set(list, index + 1);
      } else {
        table = [name];
      }
      lines.set(fieldPath(...table), index + 1);
    } else if (key !== null) {
      lines.set(fieldPath(...table, key[1]!), index + 1);
    }
  });
  return lines;
}

/** Where keys and array items stand in a JSON text that has already been found to be well-formed. */
export function jsonLines(text: string): Lines {
  const lines = new Map<string, number>();
  /** One frame per open bracket: the item's number in an array, null in an object. */
  const frames: { item: number | null; key: string }[] = [];
  let line = 1;
  const path = (): string => fieldPath(...frames.map((frame) => frame.item ?? frame.key));
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"\s*:?|[[\]{},\n]/g)) {
    const frame = frames.at(-1);
    if (token === "\n") line++;
    else if (token === "{" || token === "[") {
      if (frame !== undefined) lines.set(path(), line);
      frames.push({ item: token === "[" ? 0 : null, key: "" });
    } else if (token === "}" || token === "]") frames.pop();
    else if (token === ",") {
      if (frame?.item != null) frame.item++;
    } else if (token.endsWith(":") && frame?.item === null) {
      frame.key = token.slice(1, token.lastIndexOf('"'));
      lines.set(path(), line);
    }
    if (token.startsWith('"')) line += token.split("\n").length - 1;
  }
  return lines;
}
