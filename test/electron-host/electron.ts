import { readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { app } from "./app.ts";
import { BrowserWindow } from "./browser-window.ts";
import { browser } from "./browser.ts";
import { ipcMain } from "./ipc-main.ts";
import { Menu, MenuItem } from "./menu.ts";
import { notOffered, record } from "./record.ts";
import { protocol } from "./schemes.ts";
import { session } from "./session.ts";
import { utilityProcess } from "./utility-process.ts";
import { WebContents } from "./web-contents.ts";

/** For whoever drives a browser window by the debugging protocol: `webContents.fromDevToolsTargetId`. */
const webContents = {
  fromDevToolsTargetId: (targetId: string): WebContents | undefined => browser.pages.get(targetId),
  getAllWebContents: (): WebContents[] => BrowserWindow.getAllWindows().map((window) => window.webContents),
};

const shell = {
  openExternal: async (url: string): Promise<void> => void record.openExternal.push(url),
};

const dialog = {
  showErrorBox: (title: string, content: string): void => void record.dialogs.push({ kind: "error", options: { title, content } }),
};

const known = { app, BrowserWindow, webContents, ipcMain, Menu, MenuItem, protocol, session, shell, dialog, utilityProcess, WebContents, host: { record, start } };

export type Electron = typeof known;

/** The module. What the host does not have is an error, never undefined: a test must not pass for want of it. */
export const electron: Electron = new Proxy(known, {
  get: (target, name) => {
    if (name in target || typeof name === "symbol" || name === "__esModule" || name === "then") return Reflect.get(target, name);
    throw notOffered(`electron.${name}`);
  },
});

/** Runs the app's main program, then Chromium. */
async function start(args: readonly string[]): Promise<void> {
  const [path = "."] = args;
  const entry = entryOf(resolve(path));
  const { folder, name, version } = packageOf(entry);
  app.begin({ path: folder, name, version });
  process.argv = [process.argv[0] ?? "", entry, ...args.slice(1)];
  createRequire(entry)(entry);
  const switches = (process.env["ELECTRON_HOST_SWITCHES"] ?? "").split(" ").filter((word) => word !== "" && word !== "--no-sandbox");
  await browser.begin([...switches, ...record.switches], () => {
    if (app.isEnding) return;
    process.stderr.write("electron host: Chromium has ended\n");
    process.exit(1);
  });
  app.up(async () => browser.end());
}

function entryOf(path: string): string {
  if (!statSync(path).isDirectory()) return path;
  const { main } = JSON.parse(readFileSync(join(path, "package.json"), "utf8")) as { main: string };
  return join(path, main);
}

function packageOf(entry: string): { readonly folder: string; readonly name: string; readonly version: string } {
  for (let folder = dirname(entry); ; folder = dirname(folder)) {
    try {
      const { productName, name, version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { productName?: string; name: string; version: string };
      return { folder, name: productName ?? name, version };
    } catch (error) {
      if (dirname(folder) === folder) throw error;
    }
  }
}
