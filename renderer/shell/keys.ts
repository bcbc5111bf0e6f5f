/**
 * Keys as text: `Mod+K`, `Shift+F6`, `?`, `[`. `Mod` is the command key on a Mac and Ctrl elsewhere. A key that types a
 * sign is named by the sign, so Shift is named with letters and named keys only.
 */

/** The part of a keyboard event that counts. */
export interface KeyPress {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
}

/** The text of what was pressed; empty for a modifier alone. */
export function keyText(press: KeyPress, isMac: boolean): string {
  const { key } = press;
  if (["Control", "Meta", "Alt", "Shift", "Dead", "Unidentified", "AltGraph"].includes(key)) return "";
  const isSign = key.length === 1 && key.toLowerCase() === key.toUpperCase() && key !== " ";
  const parts: string[] = [];
  if (isMac ? press.metaKey : press.ctrlKey) parts.push("Mod");
  if (isMac && press.ctrlKey) parts.push("Ctrl");
  if (press.altKey) parts.push("Alt");
  if (press.shiftKey && !isSign) parts.push("Shift");
  parts.push(key === " " ? "Space" : key.length === 1 ? key.toUpperCase() : key);
  return parts.join("+");
}

const macNames: Readonly<Record<string, string>> = { Mod: "⌘", Alt: "⌥", Shift: "⇧", Ctrl: "⌃" };
const arrows: Readonly<Record<string, string>> = { ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓" };

/** The keys of a text one by one, as they are written on a keyboard. */
export function keyCaps(text: string, isMac: boolean): string[] {
  // A plus at the end is the key itself.
  const parts = text.endsWith("+") ? [...text.slice(0, -1).split("+").filter((part) => part !== ""), "+"] : text.split("+");
  return parts.map((part) => arrows[part] ?? (isMac ? (macNames[part] ?? part) : part === "Mod" ? "Ctrl" : part));
}
