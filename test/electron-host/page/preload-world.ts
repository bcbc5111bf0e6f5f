import { decodeClone, encodeClone } from "../clone.ts";
import type { PreloadSurroundings } from "../preload-surroundings.ts";
import { makeBridge } from "./bridge.ts";
import { Emitter } from "./emitter.ts";

type Preload = (require: (name: string) => unknown, module: { exports: unknown }, exports: unknown, process: object) => void;

/** From the main process. */
type HostMessage = { readonly op: "emit"; readonly channel: string; readonly args: string } | { readonly op: "reply"; readonly id: number; readonly value?: string; readonly error?: string };

/** What a sandboxed preload has: of Electron the renderer's part, of Node next to nothing. */
export function preloadWorld(surroundings: PreloadSurroundings, preload: Preload): void {
  if (window !== window.top) return;
  const own = globalThis as unknown as Record<string, (text: string) => void>;
  const toHost = own[surroundings.binding]?.bind(globalThis) ?? (() => undefined);
  const bridge = makeBridge(surroundings.channel, true);
  const ipcRenderer = new IpcRenderer(toHost);
  own["__electronHostTake"] = (text) => ipcRenderer.take(JSON.parse(text) as HostMessage);

  const exposed = new Set<string>();
  const contextBridge = {
    exposeInMainWorld: (key: string, api: object): void => {
      if (exposed.has(key)) throw new Error("Cannot bind an API on top of an existing property on the window object");
      exposed.add(key);
      bridge.expose(key, api);
    },
  };
  const modules: Readonly<Record<string, unknown>> = {
    electron: { ipcRenderer, contextBridge },
    "electron/renderer": { ipcRenderer, contextBridge },
    events: { EventEmitter: Emitter },
    timers: { setTimeout, clearTimeout, setInterval, clearInterval },
    url: { URL, URLSearchParams },
  };
  const require = (name: string): unknown => {
    const found = modules[name.replace(/^node:/, "")];
    if (found === undefined) throw new Error(`module not found: ${name}`);
    return found;
  };
  const process = Object.freeze({ type: "renderer", sandboxed: true, contextIsolated: true, platform: surroundings.platform, versions: surroundings.versions, argv: [], env: {} });
  const module = { exports: {} as unknown };
  try {
    preload(require, module, module.exports, process);
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    toHost(JSON.stringify({ op: "preload-error", error: `Unable to load preload script: ${surroundings.preloadPath}\n${text}` }));
  }
}

class IpcRenderer extends Emitter {
  private readonly toHost: (text: string) => void;
  private readonly calls = new Map<number, { readonly channel: string; readonly resolve: (value: unknown) => void; readonly reject: (error: Error) => void }>();
  private nextId = 1;

  constructor(toHost: (text: string) => void) {
    super();
    this.toHost = toHost;
  }

  send(channel: string, ...args: readonly unknown[]): void {
    this.toHost(JSON.stringify({ op: "send", channel, args: encodeClone(args) }));
  }

  async invoke(channel: string, ...args: readonly unknown[]): Promise<unknown> {
    const id = this.nextId++;
    const text = JSON.stringify({ op: "invoke", id, channel, args: encodeClone(args) });
    return new Promise((resolve, reject) => {
      this.calls.set(id, { channel, resolve, reject });
      this.toHost(text);
    });
  }

  take(message: HostMessage): void {
    if (message.op === "emit") {
      this.emit(message.channel, { sender: this, ports: [] }, ...(decodeClone(message.args) as unknown[]));
      return;
    }
    const call = this.calls.get(message.id);
    this.calls.delete(message.id);
    if (message.error === undefined) call?.resolve(decodeClone(message.value ?? ""));
    else call?.reject(new Error(`Error invoking remote method '${call.channel}': ${message.error}`));
  }
}
