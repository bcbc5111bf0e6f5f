import { EventEmitter } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { app } from "./app.ts";
import { browser } from "./browser.ts";
import { decodeClone, encodeClone } from "./clone.ts";
import { ipcMain } from "./ipc-main.ts";
import type { PreloadSurroundings } from "./preload-surroundings.ts";
import { record } from "./record.ts";
import { answer, toInner, toOuter } from "./schemes.ts";
import { session } from "./session.ts";

export interface WebPreferences extends Readonly<Record<string, unknown>> {
  readonly preload?: string;
}

/** The preload's JavaScript world beside the page's, and the function in it that leads here. */
const preloadWorld = "Electron Isolated Context";
const binding = "__electronHostSend";
const pageSource = readFileSync(join(__dirname, "page.js"), "utf8");

/** Preferences that would make a page of Chromium something else than a page. */
const refused: Readonly<Record<string, unknown>> = { nodeIntegration: true, nodeIntegrationInWorker: true, nodeIntegrationInSubFrames: true, contextIsolation: false, sandbox: false, webSecurity: false };

type OpenHandler = (details: { readonly url: string; readonly disposition: string }) => { readonly action: "allow" | "deny" };

interface PausedRequest {
  readonly requestId: string;
  readonly frameId: string;
  readonly resourceType: string;
  readonly request: { readonly url: string; readonly method: string; readonly headers: Readonly<Record<string, string>>; readonly postData?: string };
}

/** From the preload's world. */
type PageMessage =
  | { readonly op: "send"; readonly channel: string; readonly args: string }
  | { readonly op: "invoke"; readonly channel: string; readonly args: string; readonly id: number }
  | { readonly op: "preload-error"; readonly error: string };

let nextId = 1;

/** One page of Chromium, driven over its debugging protocol. */
export class WebContents extends EventEmitter {
  readonly id = nextId++;
  readonly session = session.defaultSession;
  readonly ready: Promise<void>;
  targetId = "";
  private readonly preferences: WebPreferences;
  private readonly frames = new Map<string, { readonly url: string; readonly parent: string | undefined }>();
  /** Frames by the number of their preload world. */
  private readonly worlds = new Map<number, string>();
  /** Addresses that the app itself is loading, and so are no navigation of the page's. */
  private readonly ownLoads = new Set<string>();
  private sessionId = "";
  private mainFrameId = "";
  private liveWorld = 0;
  private isGone = false;
  private openingUrl = "";
  private openHandler: OpenHandler = () => ({ action: "allow" });

  constructor(size: { readonly width: number; readonly height: number }, preferences: WebPreferences) {
    super();
    for (const [name, value] of Object.entries(refused)) {
      if (preferences[name] === value) throw new Error(`electron host: refuses webPreferences.${name} ${String(value)}`);
    }
    this.preferences = preferences;
    record.webPreferences.push(preferences);
    this.ready = this.open(size);
    this.ready.catch((error: unknown) => process.stderr.write(`electron host: no page: ${String(error)}\n`));
    app.emit("web-contents-created", {}, this);
  }

  get mainFrame(): { readonly url: string; readonly parent: null } {
    return { url: this.getURL(), parent: null };
  }

  getURL(): string {
    return this.frames.get(this.mainFrameId)?.url ?? "";
  }

  getLastWebPreferences(): WebPreferences {
    return this.preferences;
  }

  isDestroyed(): boolean {
    return this.isGone;
  }

  setWindowOpenHandler(handler: OpenHandler): void {
    this.openHandler = handler;
  }

  send(channel: string, ...args: readonly unknown[]): void {
    if (this.liveWorld !== 0) this.give({ op: "emit", channel, args: encodeClone(args) }, this.liveWorld);
  }

  async loadURL(url: string): Promise<void> {
    await this.ready;
    const inner = toInner(url);
    this.ownLoads.add(inner);
    const loaded = new Promise<void>((resolve) => this.once("did-finish-load", () => resolve()));
    const { errorText } = await this.cdp<{ errorText?: string }>("Page.navigate", { url: inner });
    if (errorText !== undefined) throw new Error(`${errorText} loading '${url}'`);
    await loaded;
  }

  async executeJavaScript(code: string): Promise<unknown> {
    return (await this.cdp<{ result: { value: unknown } }>("Runtime.evaluate", { expression: code, awaitPromise: true, returnByValue: true })).result.value;
  }

  async destroy(): Promise<void> {
    if (this.isGone) return;
    this.isGone = true;
    this.emit("destroyed");
    await this.ready.catch(() => undefined);
    await browser.cdp.send("Target.closeTarget", { targetId: this.targetId }).catch(() => undefined);
  }

  /** A window that the page wants to open. Chromium has made it already, and it waits. */
  async judgeOpened(targetId: string, childSession: string): Promise<void> {
    const { action } = this.openHandler({ url: toOuter(this.openingUrl), disposition: "new-window" });
    if (action === "allow") process.stderr.write("electron host: windows that a page opens are not offered; it is closed\n");
    const closed = browser.cdp.send("Target.closeTarget", { targetId });
    await browser.cdp.send("Runtime.runIfWaitingForDebugger", {}, childSession).catch(() => undefined);
    await closed;
  }

  private async cdp<Result = unknown>(method: string, params: Readonly<Record<string, unknown>> = {}): Promise<Result> {
    return browser.cdp.send<Result>(method, params, this.sessionId);
  }

  private async open({ width, height }: { readonly width: number; readonly height: number }): Promise<void> {
    await app.whenReady();
    const { targetId } = await browser.cdp.send<{ targetId: string }>("Target.createTarget", { url: "about:blank", width, height, newWindow: true });
    this.targetId = targetId;
    browser.pages.set(targetId, this);
    this.sessionId = (await browser.cdp.send<{ sessionId: string }>("Target.attachToTarget", { targetId, flatten: true })).sessionId;
    this.watch();
    this.mainFrameId = (await this.cdp<{ frameTree: { frame: { id: string } } }>("Page.getFrameTree")).frameTree.frame.id;
    await Promise.all([
      this.cdp("Page.enable"),
      this.cdp("Runtime.enable"),
      this.cdp("Runtime.addBinding", { name: binding, executionContextName: preloadWorld }),
      this.cdp("Fetch.enable", { patterns: [{ urlPattern: "*" }] }),
    ]);
    const channel = `host-${Math.random().toString(36).slice(2)}`;
    await this.cdp("Page.addScriptToEvaluateOnNewDocument", { source: `(() => { ${pageSource}; electronHostPage.mainWorld(${JSON.stringify(channel)}); })()` });
    if (this.preferences.preload !== undefined) await this.addPreload(this.preferences.preload, channel);
  }

  private async addPreload(path: string, channel: string): Promise<void> {
    const { electron, chrome, node } = process.versions as Readonly<Record<string, string>>;
    const surroundings: PreloadSurroundings = { channel, binding, preloadPath: path, platform: process.platform, versions: { electron, chrome, node } };
    const preload = `function (require, module, exports, process) { ${readFileSync(path, "utf8")}\n}`;
    await this.cdp("Page.addScriptToEvaluateOnNewDocument", {
      worldName: preloadWorld,
      source: `(() => { ${pageSource}; electronHostPage.preloadWorld(${JSON.stringify(surroundings)}, ${preload}); })()`,
    });
  }

  private watch(): void {
    const on = <Event>(method: string, listener: (event: Event) => void): void => browser.cdp.on(this.sessionId, method, listener);
    on<{ context: { id: number; name: string; auxData: { frameId: string } } }>("Runtime.executionContextCreated", ({ context }) => {
      if (context.name !== preloadWorld) return;
      this.worlds.set(context.id, context.auxData.frameId);
      if (context.auxData.frameId === this.mainFrameId) this.liveWorld = context.id;
    });
    on<{ executionContextId: number }>("Runtime.executionContextDestroyed", ({ executionContextId }) => {
      this.worlds.delete(executionContextId);
      if (this.liveWorld === executionContextId) this.liveWorld = 0;
    });
    on<{ name: string; payload: string; executionContextId: number }>("Runtime.bindingCalled", ({ name, payload, executionContextId }) => {
      if (name === binding) void this.take(JSON.parse(payload) as PageMessage, executionContextId);
    });
    on<{ frame: { id: string; url: string; parentId?: string } }>("Page.frameNavigated", ({ frame }) => {
      this.frames.set(frame.id, { url: toOuter(frame.url), parent: frame.parentId });
      if (frame.parentId === undefined) this.emit("did-navigate", {}, toOuter(frame.url));
    });
    on("Page.domContentEventFired", () => this.emit("dom-ready", {}));
    on("Page.loadEventFired", () => this.emit("did-finish-load", {}));
    on<{ url: string }>("Page.windowOpen", ({ url }) => (this.openingUrl = url));
    on("Inspector.targetCrashed", () => this.emit("render-process-gone", {}, { reason: "crashed", exitCode: 1 }));
    on<PausedRequest>("Fetch.requestPaused", (paused) => {
      this.request(paused).catch((error: unknown) => {
        if (!this.isGone && !app.isEnding) process.stderr.write(`electron host: ${paused.request.url}: ${String(error)}\n`);
      });
    });
  }

  /** Every request of the page: navigation is asked about, the app's scheme is answered, the world outside is refused. */
  private async request({ requestId, frameId, resourceType, request }: PausedRequest): Promise<void> {
    const { url } = request;
    const withoutHash = url.split("#")[0] ?? url;
    if (resourceType === "Document" && frameId === this.mainFrameId) {
      if (!this.ownLoads.delete(withoutHash) && !this.mayNavigate(toOuter(url))) {
        await this.cdp("Fetch.failRequest", { requestId, errorReason: "Aborted" });
        return;
      }
      this.emit("did-start-navigation", { url: toOuter(url), isMainFrame: true, isSameDocument: false });
    }
    const response = await answer(url, request);
    if (response !== undefined) {
      const body = Buffer.from(await response.arrayBuffer()).toString("base64");
      await this.cdp("Fetch.fulfillRequest", { requestId, responseCode: response.status, responseHeaders: [...response.headers].map(([name, value]) => ({ name, value })), body });
      return;
    }
    if (/^(?:data|blob|about):/.test(url)) {
      await this.cdp("Fetch.continueRequest", { requestId });
      return;
    }
    record.external.push(url);
    await this.cdp("Fetch.failRequest", { requestId, errorReason: "InternetDisconnected" });
  }

  private mayNavigate(url: string): boolean {
    let isAllowed = true;
    this.emit("will-navigate", { url, isMainFrame: true, preventDefault: () => (isAllowed = false) }, url);
    return isAllowed;
  }

  private async take(message: PageMessage, world: number): Promise<void> {
    if (message.op === "preload-error") {
      record.preloadErrors.push(message.error);
      process.stderr.write(`${message.error}\n`);
      return;
    }
    const event = { sender: this, senderFrame: this.frameOf(world) };
    const args = decodeClone(message.args) as unknown[];
    if (message.op === "send") {
      ipcMain.emit(message.channel, event, ...args);
      return;
    }
    const reply = { op: "reply", id: message.id } as const;
    try {
      this.give({ ...reply, value: encodeClone(await ipcMain.invoke(message.channel, event, args)) }, world);
    } catch (error) {
      this.give({ ...reply, error: String(error) }, world);
    }
  }

  private frameOf(world: number): { readonly url: string; readonly parent: object | null } | null {
    const frame = this.frames.get(this.worlds.get(world) ?? "");
    return frame === undefined ? null : { url: frame.url, parent: frame.parent === undefined ? null : {} };
  }

  private give(message: object, world: number): void {
    const expression = `__electronHostTake(${JSON.stringify(JSON.stringify(message))})`;
    // A world that has gone meanwhile takes nothing any more.
    this.cdp("Runtime.evaluate", { expression, contextId: world }).catch(() => undefined);
  }
}
