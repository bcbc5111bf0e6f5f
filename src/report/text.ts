/**
 * Text for a terminal or a mail: what may be shown, how wide it is, and how it is cut, padded and wrapped.
 *
 * Results may come from somebody else, so every string of a result passes through `sanitize` before it is shown.
 */

const plainAscii = /^[\x20-\x7e]*$/;
const unprintable = /[\p{C}\p{Zl}\p{Zp}]/gu;
/** A base letter may carry a few marks; a pile of them is there to hide the lines around it. */
const pileOfMarks = /(\p{M}{3})\p{M}+/gu;
const zeroWidth = /^\p{Mn}|^\p{Me}/u;
const wide =
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}\p{Script=Yi}\p{Script=Tangut}\p{Script=Nushu}\p{Script=Khitan_Small_Script}\p{Emoji_Presentation}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]/u;
/** Asks for the coloured form of the character before it, which most terminals draw two columns wide. */
const emojiSelector = "\ufe0f";

function visible(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code === 0x09) return " ";
  if (code === 0x7f) return "^?";
  if (code < 0x20) return `^${String.fromCharCode(code + 0x40)}`;
  return `<U+${code.toString(16).toUpperCase().padStart(4, "0")}>`;
}

/**
 * The text as one line that no terminal acts upon: control characters show as `^[`, direction marks, line
 * separators, private and unassigned characters as `<U+202E>`, a tab as a space.
 */
export function sanitize(text: string): string {
  if (plainAscii.test(text)) return text;
  return text.replace(unprintable, visible).replace(pileOfMarks, "$1");
}

/** Columns that sanitized text takes. Never too small; a few rare sequences take fewer than said. */
export function displayWidth(text: string): number {
  if (plainAscii.test(text)) return text.length;
  let columns = 0;
  for (const character of text) columns += characterWidth(character);
  return columns;
}

function characterWidth(character: string): number {
  if (character === emojiSelector) return 1;
  if (zeroWidth.test(character)) return 0;
  return wide.test(character) ? 2 : 1;
}

/** The longest start of the text that takes at most `columns`. */
export function takeColumns(text: string, columns: number): string {
  if (plainAscii.test(text)) return text.slice(0, Math.max(0, columns));
  let taken = "";
  let left = columns;
  for (const character of text) {
    left -= characterWidth(character);
    if (left < 0) break;
    taken += character;
  }
  return taken;
}

function takeLastColumns(text: string, columns: number): string {
  let taken = "";
  let left = columns;
  for (const character of [...text].reverse()) {
    left -= characterWidth(character);
    if (left < 0) break;
    taken = character + taken;
  }
  return taken;
}

/** The text cut at its end to `columns`, with the ellipsis where something is missing. */
export function fitEnd(text: string, columns: number, ellipsis: string): string {
  if (displayWidth(text) <= columns) return text;
  return takeColumns(takeColumns(text, columns - displayWidth(ellipsis)) + ellipsis, columns);
}

/** The text cut in its middle, for names whose end tells as much as their start. */
export function fitMiddle(text: string, columns: number, ellipsis: string): string {
  if (displayWidth(text) <= columns) return text;
  const room = columns - displayWidth(ellipsis);
  if (room < 2) return takeColumns(ellipsis, columns);
  const head = takeColumns(text, Math.ceil(room / 2));
  return head + ellipsis + takeLastColumns(text, room - displayWidth(head));
}

export function padRight(text: string, columns: number): string {
  return text + " ".repeat(Math.max(0, columns - displayWidth(text)));
}

export function padLeft(text: string, columns: number): string {
  return " ".repeat(Math.max(0, columns - displayWidth(text))) + text;
}

/** Lines of at most `columns`, broken at spaces; a word longer than a line is broken inside. */
export function wrap(text: string, columns: number, hangingIndent = ""): string[] {
  return layOut(text.split(" ").filter((word) => word !== ""), " ", columns, hangingIndent);
}

/** The segments of a header beside each other, three spaces apart, continued on the next line when one is full. */
export function flow(segments: readonly string[], columns: number, hangingIndent = ""): string[] {
  return layOut(segments.filter((segment) => segment !== ""), "   ", columns, hangingIndent);
}

function layOut(pieces: readonly string[], gap: string, columns: number, hangingIndent: string): string[] {
  const lines: string[] = [];
  let line = "";
  for (const piece of pieces) {
    const joined = line === "" ? piece : line.trim() === "" ? line + piece : line + gap + piece;
    if (displayWidth(joined) <= columns) {
      line = joined;
      continue;
    }
    if (line.trim() !== "") lines.push(line);
    line = lines.length === 0 ? piece : hangingIndent + piece;
    while (displayWidth(line) > columns) {
      const [full, rest] = breakLine(line, columns);
      lines.push(full);
      line = hangingIndent + rest;
    }
  }
  if (line.trim() !== "") lines.push(line);
  return lines;
}

/** Breaks a line that is too long at its last space, or anywhere when it has none to break at. */
function breakLine(line: string, columns: number): [full: string, rest: string] {
  const head = takeColumns(line, columns);
  const space = head.lastIndexOf(" ");
  const indent = line.length - line.trimStart().length;
  if (space > indent) return [head.slice(0, space), line.slice(space + 1)];
  return [head, line.slice(head.length)];
}

/** 42 ms, 0.3 s, 2 min 5 s. */
export function formatDuration(durationMs: number): string {
  const ms = Math.max(0, durationMs);
  if (ms < 99.5) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
