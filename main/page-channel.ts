import { ipcMain, type IpcMainEvent, type WebContents } from "electron";
import type { Transport } from "../src/api/transport.ts";
import type { LabProcess } from "./lab-process.ts";
import { fromPage, toPage } from "./names.ts";
import { isOwnFrame } from "./sender.ts";

/** Carries messages between pages and the lab's process. It looks at who sends, not at what: both ends check that. */
export function carryMessages(lab: LabProcess): void {
  const connections = new Map<WebContents, Transport>();
  const watched = new WeakSet<WebContents>();

  const close = (page: WebContents): void => {
    const connection = connections.get(page);
    connections.delete(page);
    connection?.close("the window's page is gone");
  };

  /** A connection ends with its document, its process or its window. */
  const watch = (page: WebContents): void => {
    if (watched.has(page)) return;
    watched.add(page);
    page.on("did-start-navigation", (event) => {
      if (event.isMainFrame && !event.isSameDocument) close(page);
    });
    page.on("render-process-gone", () => close(page));
    page.on("destroyed", () => close(page));
  };

  const open = (page: WebContents): void => {
    close(page);
    watch(page);
    const connection = lab.connect();
    connections.set(page, connection);
    connection.receive({
      message: (message) => page.send(toPage.message, message),
      closed: (why) => {
        // It was closed from here when it is not the page's any more.
        if (connections.get(page) !== connection) return;
        connections.delete(page);
        if (!page.isDestroyed()) page.send(toPage.closed, why);
      },
    });
  };

  listen(fromPage.open, open);
  listen(fromPage.close, close);
  listen(fromPage.message, (page, message) => connections.get(page)?.send(message as object));
}

/** Every channel is listened to here, so that none is answered before its sender has been looked at. */
function listen(channel: string, take: (page: WebContents, value: unknown) => void): void {
  ipcMain.on(channel, (event: IpcMainEvent, value: unknown) => {
    if (isOwnFrame(event.senderFrame)) take(event.sender, value);
  });
}
