import { EventEmitter } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { record } from "./record.ts";

/** Ends Chromium; resolves when it is gone. */
type EndBrowser = () => Promise<void>;

class App extends EventEmitter {
  readonly commandLine = {
    appendSwitch: (name: string, value = ""): void => void record.switches.push(value === "" ? `--${name}` : `--${name}=${value}`),
    hasSwitch: (): boolean => false,
    getSwitchValue: (): string => "",
  };
  readonly isPackaged = false;
  private readonly userData = mkdtempSync(join(tmpdir(), "electron-host-"));
  private readonly ready: Promise<void>;
  private becomeReady: () => void = () => undefined;
  private isUp = false;
  private isQuitting = false;
  private details = { path: "", name: "Electron", version: "0.0.0" };
  private endBrowser: EndBrowser = async () => undefined;
  /** Windows that are open; set by browser-window.ts. */
  destroyWindows: () => void = () => undefined;

  constructor() {
    super();
    this.ready = new Promise((resolve) => (this.becomeReady = resolve));
  }

  isReady(): boolean {
    return this.isUp;
  }

  whenReady(): Promise<void> {
    return this.ready;
  }

  begin(details: { readonly path: string; readonly name: string; readonly version: string }): void {
    this.details = details;
  }

  /** Chromium runs. */
  up(endBrowser: EndBrowser): void {
    this.endBrowser = endBrowser;
    this.isUp = true;
    this.becomeReady();
    this.emit("ready", {}, {});
  }

  getName(): string {
    return this.details.name;
  }

  getVersion(): string {
    return this.details.version;
  }

  getAppPath(): string {
    return this.details.path;
  }

  getPath(name: string): string {
    const paths: Readonly<Record<string, string>> = { userData: this.userData, temp: tmpdir(), home: homedir(), exe: process.execPath };
    const path = paths[name];
    if (path === undefined) throw new Error(`Failed to get '${name}' path`);
    return path;
  }

  /** There is one host a process: nobody else can hold it. */
  requestSingleInstanceLock(): boolean {
    return true;
  }

  enableSandbox(): void {
    if (this.isUp) throw new Error("app.enableSandbox() must be called before app is ready");
    record.isSandboxEnabled = true;
  }

  quit(): void {
    if (this.isQuitting || !this.isGoing("before-quit")) return;
    this.isQuitting = true;
    this.destroyWindows();
    if (this.isGoing("will-quit")) void this.exit(0);
  }

  async exit(code = 0): Promise<void> {
    this.isQuitting = true;
    this.emit("quit", {}, code);
    await this.endBrowser();
    rmSync(this.userData, { recursive: true, force: true, maxRetries: 3 });
    process.exit(code);
  }

  lastWindowClosed(): void {
    if (this.isQuitting) return;
    if (this.listenerCount("window-all-closed") > 0) this.emit("window-all-closed");
    else this.quit();
  }

  get isEnding(): boolean {
    return this.isQuitting;
  }

  private isGoing(event: string): boolean {
    let isGoing = true;
    this.emit(event, { preventDefault: () => (isGoing = false) });
    return isGoing;
  }
}

export const app = new App();
