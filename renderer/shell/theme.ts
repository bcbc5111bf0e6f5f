import { computed, effect, signal } from "@preact/signals";
import { readSetting, writeSetting } from "./settings-store.ts";

export const themeChoices = ["system", "light", "dark"] as const;
export type ThemeChoice = (typeof themeChoices)[number];

export const themeChoice = signal<ThemeChoice>(readSetting("theme", themeChoices, "system"));

const prefersDark = matchMedia("(prefers-color-scheme: dark)");
const systemIsDark = signal(prefersDark.matches);
prefersDark.addEventListener("change", ({ matches }) => (systemIsDark.value = matches));

/** What is drawn on a canvas cannot ask the style sheet. */
export const isDark = computed(() => (themeChoice.value === "system" ? systemIsDark.value : themeChoice.value === "dark"));

effect(() => {
  document.documentElement.dataset["theme"] = themeChoice.value;
  writeSetting("theme", themeChoice.value);
});

export function nextTheme(): void {
  themeChoice.value = isDark.value ? "light" : "dark";
}
