import { ipcMain, type IpcMainEvent, type WebContents } from "electron";
import type { FromLab } from "./lab-messages.ts";
import type { LabProcess } from "./lab-process.ts";
import { fromPage, toPage } from "./names.ts";
import { isOwnFrame } from "./sender.ts";

/** Carries messages between the page and the lab's process. It looks at who sends, not at what: both ends check that. */
export class PageChannel {
  private readonly pages = new Map<number, WebContents>();
  private readonly watched = new WeakSet<WebContents>();
  private readonly lab: LabProcess;
  private nextConnection = 1;

  constructor(lab: LabProcess) {
    this.lab = lab;
    this.listen(fromPage.open, (page) => this.open(page));
    this.listen(fromPage.close, (page) => this.closeOf(page));
    this.listen(fromPage.message, (page, message) => {
      const connection = this.connectionOf(page);
      if (connection !== undefined) lab.post({ type: "message", connection, message });
    });
  }

  /** What comes from the lab's process. */
  deliver(message: FromLab): void {
    switch (message.type) {
      case "message":
        this.pages.get(message.connection)?.send(toPage.message, message.message);
        break;
      case "closed":
        this.tellClosed(message.connection, message.why);
        break;
      case "gone":
        for (const connection of [...this.pages.keys()]) this.tellClosed(connection, message.why);
    }
  }

  /** Every channel is listened to here, so that none is answered before its sender has been looked at. */
  private listen(channel: string, take: (page: WebContents, value: unknown) => void): void {
    ipcMain.on(channel, (event: IpcMainEvent, value: unknown) => {
      if (isOwnFrame(event.senderFrame)) take(event.sender, value);
    });
  }

  private open(page: WebContents): void {
    this.closeOf(page);
    this.watch(page);
    const connection = this.nextConnection++;
    this.pages.set(connection, page);
    this.lab.post({ type: "open", connection });
  }

  /** A connection ends with its document, its process or its window. */
  private watch(page: WebContents): void {
    if (this.watched.has(page)) return;
    this.watched.add(page);
    const close = (): void => this.closeOf(page);
    page.on("did-start-navigation", (event) => {
      if (event.isMainFrame && !event.isSameDocument) close();
    });
    page.on("render-process-gone", close);
    page.on("destroyed", close);
  }

  private connectionOf(page: WebContents): number | undefined {
    for (const [connection, owner] of this.pages) if (owner === page) return connection;
    return undefined;
  }

  private closeOf(page: WebContents): void {
    const connection = this.connectionOf(page);
    if (connection !== undefined && this.pages.delete(connection) && this.lab.isRunning) this.lab.post({ type: "close", connection });
  }

  private tellClosed(connection: number, why: string): void {
    const page = this.pages.get(connection);
    this.pages.delete(connection);
    if (page?.isDestroyed() === false) page.send(toPage.closed, why);
  }
}
