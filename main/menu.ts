import { type BrowserWindow, Menu, type MenuItemConstructorOptions } from "electron";
import { toPage } from "./names.ts";

/** A command of the page's registry in the menu. Its key is the page's, so that it is written down once. */
const command = (label: string, id: string): MenuItemConstructorOptions => ({
  id,
  label,
  click: (_item, window) => (window as BrowserWindow | undefined)?.webContents.send(toPage.command, id),
});

export function setMenu(): void {
  Menu.setApplicationMenu(
    Menu.buildFromTemplate([
      { label: "File", submenu: [{ role: "quit" }] },
      { label: "Edit", submenu: [{ role: "undo" }, { role: "redo" }, { type: "separator" }, { role: "cut" }, { role: "copy" }, { role: "paste" }, { role: "selectAll" }] },
      {
        label: "View",
        submenu: [
          command("Light or dark", "window.theme"),
          { type: "separator" },
          { role: "resetZoom" },
          { role: "zoomIn" },
          { role: "zoomOut" },
          { role: "togglefullscreen" },
          { type: "separator" },
          { role: "toggleDevTools" },
        ],
      },
      { label: "Help", submenu: [command("Find…", "window.palette"), command("Keys", "window.help")] },
    ]),
  );
}
