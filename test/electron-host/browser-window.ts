import { EventEmitter } from "node:events";
import { app } from "./app.ts";
import { WebContents, type WebPreferences } from "./web-contents.ts";

interface WindowOptions {
  readonly title?: string;
  readonly width?: number;
  readonly height?: number;
  readonly show?: boolean;
  readonly webPreferences?: WebPreferences;
}

const windows = new Map<number, BrowserWindow>();
app.destroyWindows = () => [...windows.values()].forEach((window) => window.destroy());

export class BrowserWindow extends EventEmitter {
  readonly webContents: WebContents;
  readonly id: number;
  private readonly title: string;
  private isShown: boolean;
  private isGone = false;

  constructor(options: WindowOptions = {}) {
    super();
    if (!app.isReady()) throw new Error("Cannot create BrowserWindow before app is ready");
    this.title = options.title ?? app.getName();
    this.isShown = options.show !== false;
    const defaults = { contextIsolation: true, sandbox: true, nodeIntegration: false, webSecurity: true };
    this.webContents = new WebContents({ width: options.width ?? 800, height: options.height ?? 600 }, { ...defaults, ...options.webPreferences });
    this.id = this.webContents.id;
    windows.set(this.id, this);
    this.webContents.once("dom-ready", () => this.emit("ready-to-show"));
    app.emit("browser-window-created", {}, this);
  }

  async loadURL(url: string): Promise<void> {
    return this.webContents.loadURL(url);
  }

  show(): void {
    this.isShown = true;
  }

  focus(): void {
    this.emit("focus");
  }

  restore(): void {
    this.isShown = true;
  }

  isVisible(): boolean {
    return this.isShown;
  }

  isMinimized(): boolean {
    return false;
  }

  isDestroyed(): boolean {
    return this.isGone;
  }

  getTitle(): string {
    return this.title;
  }

  close(): void {
    let isGoing = true;
    this.emit("close", { preventDefault: () => (isGoing = false) });
    if (isGoing) this.destroy();
  }

  destroy(): void {
    if (this.isGone) return;
    this.isGone = true;
    windows.delete(this.id);
    void this.webContents.destroy();
    this.emit("closed");
    if (windows.size === 0) app.lastWindowClosed();
  }

  static getAllWindows(): BrowserWindow[] {
    return [...windows.values()];
  }

  static fromWebContents(contents: WebContents): BrowserWindow | null {
    return windows.get(contents.id) ?? null;
  }

  static fromId(id: number): BrowserWindow | null {
    return windows.get(id) ?? null;
  }

  static getFocusedWindow(): BrowserWindow | null {
    return BrowserWindow.getAllWindows()[0] ?? null;
  }
}
