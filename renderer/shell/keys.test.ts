import { expect, test } from "vitest";
import { keyCaps, keyText, type KeyPress } from "./keys.ts";

const press = (key: string, held: Partial<KeyPress> = {}): KeyPress => ({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...held });

test.each([
  [press("k", { ctrlKey: true }), false, "Mod+K"],
  [press("k", { metaKey: true }), true, "Mod+K"],
  [press("k", { ctrlKey: true }), true, "Ctrl+K"],
  [press("?", { shiftKey: true }), false, "?"],
  [press("[", { altKey: true }), false, "Alt+["],
  [press("F6", { shiftKey: true }), false, "Shift+F6"],
  [press("N", { shiftKey: true }), false, "Shift+N"],
  [press("n"), false, "N"],
  [press(" "), false, "Space"],
  [press("Shift", { shiftKey: true }), false, ""],
])("%j", (pressed, isMac, text) => {
  expect(keyText(pressed, isMac)).toBe(text);
});

test("caps are what a keyboard says", () => {
  expect(keyCaps("Mod+Shift+ArrowLeft", false)).toEqual(["Ctrl", "Shift", "←"]);
  expect(keyCaps("Mod+K", true)).toEqual(["⌘", "K"]);
  expect(keyCaps("+", false)).toEqual(["+"]);
  expect(keyCaps("Alt++", false)).toEqual(["Alt", "+"]);
});
