import type { CommandRegistry } from "./commands.ts";
import { openSheet } from "./dialogs.ts";
import { keyText } from "./keys.ts";

export const isMac = /Mac|iPhone|iPad/.test(navigator.userAgent);

/** Plain keys type where text is typed; a terminal gets everything but the keys that lead out of it. */
function isHeard(key: string, target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return true;
  if (target.closest("[data-terminal]") !== null) return key === "F6" || key === "Shift+F6";
  const types = target.closest("input:not([type=checkbox]):not([type=radio]):not([type=range]), textarea, select") !== null;
  return !(types || target.isContentEditable) || key.startsWith("Mod+") || key.startsWith("Alt+") || /^(?:Shift\+)?F\d+$/.test(key);
}

/** Commands listen to the whole window, unless a sheet lies over it. */
export function listenForShortcuts(commands: CommandRegistry): void {
  addEventListener(
    "keydown",
    (event) => {
      if (event.defaultPrevented || openSheet.value !== "none") return;
      const key = keyText(event, isMac);
      const command = commands.ofKey(key);
      if (command === undefined || !isHeard(key, event.target)) return;
      if (document.querySelector("dialog[open]") !== null) return;
      if (!(command.isEnabled?.() ?? true)) return;
      event.preventDefault();
      command.run();
    },
    // A terminal would swallow the keys that lead out of it.
    { capture: true },
  );
}
