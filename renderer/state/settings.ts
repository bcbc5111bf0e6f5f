import { effect, signal } from "@preact/signals";
import { defaultSettings, type Settings } from "../../src/api/settings.ts";
import { themeChoice } from "../shell/theme.ts";
import { errorText, lab, onOpen } from "./connection.ts";

/** What a person has chosen for every face; null until the lab has said. */
export const settings = signal<Settings | null>(null);
export const settingsError = signal("");

let writing = 0;

onOpen((client) => {
  void readSettings();
  client.on("changed", ({ what }) => {
    // Of a change of our own there is nothing to learn, and a newer one may be on its way.
    if (what === "settings" && writing === 0) void readSettings();
  });
});

async function readSettings(): Promise<void> {
  try {
    settings.value = await lab().call("settings.read", {});
    themeChoice.value = settings.value.theme;
  } catch (error) {
    settingsError.value = errorText(error);
  }
}

export async function changeSettings(change: Partial<Settings>): Promise<void> {
  const next = { ...(settings.value ?? defaultSettings), ...change };
  settings.value = next;
  settingsError.value = "";
  writing++;
  try {
    await lab().call("settings.write", next);
  } catch (error) {
    settingsError.value = errorText(error);
  } finally {
    writing--;
  }
}

// The theme can be switched from anywhere in the window.
effect(() => {
  const theme = themeChoice.value;
  if (settings.peek() !== null && settings.peek()?.theme !== theme) void changeSettings({ theme });
});
