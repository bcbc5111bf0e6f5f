import { type Command, CommandRegistry } from "./commands.ts";
import { openSheet } from "./dialogs.ts";
import { goTo, placeNames, places } from "./place.ts";
import { nextTheme } from "./theme.ts";

/** The window's commands. Views add theirs when they are loaded. */
export const commands = new CommandRegistry();

const goToCommands = places.map((place, index): Command => ({
  id: `go.${place}`,
  name: placeNames[place],
  group: "Go to",
  keys: [`Alt+${index + 1}`],
  run: () => goTo(place),
}));

commands.add(
  ...goToCommands,
  { id: "window.palette", name: "Find experiments, kernels, runs and commands", group: "Window", keys: ["Mod+K"], run: () => (openSheet.value = "palette") },
  { id: "window.help", name: "Show the keys", group: "Window", keys: ["?"], run: () => (openSheet.value = "help") },
  { id: "window.theme", name: "Switch between light and dark", group: "Window", keys: ["Mod+Shift+L"], run: nextTheme },
  { id: "window.next-pane", name: "Next pane", group: "Window", keys: ["F6"], run: () => focusPane(1) },
  { id: "window.previous-pane", name: "Previous pane", group: "Window", keys: ["Shift+F6"], run: () => focusPane(-1) },
);

/** Panes are marked by `data-pane` and take the focus themselves or give it to what they hold. */
function focusPane(by: number): void {
  const panes = [...document.querySelectorAll<HTMLElement>("[data-pane]")].filter((pane) => pane.offsetParent !== null);
  if (panes.length === 0) return;
  const current = panes.findIndex((pane) => pane.contains(document.activeElement));
  const next = panes[(current + by + panes.length) % panes.length];
  const inside = next?.querySelector<HTMLElement>("[data-pane-focus], button:not(:disabled), input, select, [tabindex='0']");
  (next?.tabIndex === 0 ? next : (inside ?? next))?.focus();
}
