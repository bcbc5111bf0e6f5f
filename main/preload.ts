import { contextBridge, ipcRenderer } from "electron";
import type { Bridge } from "../src/api/bridge.ts";
import { fromPage, toPage } from "./names.ts";

/** All that the page gets of Electron. No event object and no channel name of the page's choosing passes. */

let leave: (() => void) | null = null;

const bridge: Bridge = {
  connect: (message, closed) => {
    leave?.();
    const take = (_event: unknown, value: unknown): void => message(value);
    const end = (_event: unknown, why: unknown): void => {
      leave?.();
      closed(String(why));
    };
    ipcRenderer.on(toPage.message, take);
    ipcRenderer.on(toPage.closed, end);
    leave = () => {
      leave = null;
      ipcRenderer.off(toPage.message, take);
      ipcRenderer.off(toPage.closed, end);
    };
    ipcRenderer.send(fromPage.open);
  },
  send: (message) => ipcRenderer.send(fromPage.message, message),
  disconnect: () => {
    leave?.();
    ipcRenderer.send(fromPage.close);
  },
  onCommand: (run) => {
    ipcRenderer.on(toPage.command, (_event: unknown, id: unknown) => run(String(id)));
  },
};

contextBridge.exposeInMainWorld("swaplab", bridge);
