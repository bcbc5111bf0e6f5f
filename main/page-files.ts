import { readFile, realpath } from "node:fs/promises";
import { extname, join, sep } from "node:path";
import { isOwnAddress, parseAddress } from "./address.ts";

/** Nothing from elsewhere, no inline script, no eval. Styles may be inline: xterm makes them as it draws. */
export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self'",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};

const headers = {
  "content-security-policy": contentSecurityPolicy,
  "x-content-type-options": "nosniff",
  "cache-control": "no-cache",
} as const;

/** What the window's scheme answers: a file below `folder`, and nothing else there is. */
export async function answerPageRequest(folder: string, request: { readonly url: string; readonly method: string }): Promise<Response> {
  const url = isOwnAddress(request.url) ? parseAddress(request.url) : null;
  const type = url === null ? undefined : types[extname(url.pathname)];
  if (request.method !== "GET" || url === null || type === undefined) return notFound();
  const path = decoded(url.pathname);
  // The address parser has resolved plain dots; what is left came in disguise.
  if (path === null || /[\\\0]|(?:^|\/)\.\.?(?:\/|$)/.test(path)) return notFound();
  try {
    const root = await realpath(folder);
    const file = await realpath(join(root, path));
    if (!file.startsWith(root + sep)) return notFound();
    return new Response(await readFile(file), { headers: { ...headers, "content-type": type } });
  } catch {
    return notFound();
  }
}

const notFound = (): Response => new Response("There is no such file.\n", { status: 404, headers: { ...headers, "content-type": "text/plain; charset=utf-8" } });

function decoded(path: string): string | null {
  try {
    return decodeURIComponent(path);
  } catch {
    return null;
  }
}
