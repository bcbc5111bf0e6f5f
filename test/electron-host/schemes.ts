import { app } from "./app.ts";

type Handler = (request: Request) => Response | Promise<Response>;

/**
 * An app's own scheme. Chromium alone knows no such schemes: it is shown `https://app--lab.electron-host.invalid/` for
 * `app://lab/`, and the main process is shown the latter again.
 */
const handlers = new Map<string, Handler>();
const innerHost = "electron-host.invalid";

export const protocol = {
  registerSchemesAsPrivileged: (): void => {
    if (app.isReady()) throw new Error("protocol.registerSchemesAsPrivileged should be called before app is ready");
  },
  handle: (scheme: string, handler: Handler): void => {
    if (handlers.has(scheme)) throw new Error(`Failed to register protocol: ${scheme}`);
    handlers.set(scheme, handler);
  },
  isProtocolHandled: (scheme: string): boolean => handlers.has(scheme),
};

/** As Chromium is shown it. */
export function toInner(address: string): string {
  const found = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]+)(.*)$/i.exec(address);
  if (found === null || !handlers.has(found[1] ?? "")) return address;
  return `https://${found[1]}--${found[2]}.${innerHost}${found[3] === "" ? "/" : found[3]}`;
}

/** As the main process is shown it. */
export function toOuter(address: string): string {
  return address.replace(/^https:\/\/([a-z0-9+.]+?)--([^/?#]*)\.electron-host\.invalid/i, "$1://$2");
}

/** The answer of the app's own handler; undefined for an address of another scheme. */
export async function answer(innerUrl: string, request: { readonly method: string; readonly headers: Readonly<Record<string, string>>; readonly postData?: string }): Promise<Response | undefined> {
  const url = toOuter(innerUrl);
  const handler = url === innerUrl ? undefined : handlers.get(url.slice(0, url.indexOf(":")));
  if (handler === undefined) return undefined;
  const hasBody = request.method !== "GET" && request.method !== "HEAD";
  const body = hasBody && request.postData !== undefined ? { body: request.postData } : {};
  const shown = new Request("https://host.invalid/", { method: request.method, headers: request.headers, ...body });
  return handler(Object.defineProperty(shown, "url", { value: url }));
}
