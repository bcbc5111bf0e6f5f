import { expect, test } from "vitest";
import { hasDesktop } from "./electron.mjs";

test.each([
  ["a desktop and a terminal", { isTerminal: true, environment: { DISPLAY: ":0" } }, true],
  ["a desktop of the newer kind", { isTerminal: true, environment: { WAYLAND_DISPLAY: "wayland-0" } }, true],
  ["a desktop, but a script that asks", { isTerminal: false, environment: { DISPLAY: ":0" } }, false],
  ["no desktop", { isTerminal: true, environment: { DISPLAY: "" } }, false],
  ["a terminal and nothing said of a desktop", { isTerminal: true, environment: {} }, false],
])("%s", (_, surroundings, isSo) => {
  expect(hasDesktop(surroundings)).toBe(isSo);
});
