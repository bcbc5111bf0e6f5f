import type { IncomingMessage, ServerResponse } from "node:http";
import type { Access } from "./access.ts";
import { securityHeaders } from "./headers.ts";
import type { PageFile } from "./page-files.ts";

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Plain text, for what is not a file. */
  readonly text?: string;
  readonly file?: PageFile;
}

const onward: PageFile = { contentType: "text/html; charset=utf-8", body: Buffer.from('<!doctype html><meta http-equiv="refresh" content="0; url=/"><title>Swaplab</title>\n') };

/** Answers requests for the page. Everything but its files is refused in a few words. */
export function answerRequests(access: Access, page: ReadonlyMap<string, PageFile>): (request: IncomingMessage, response: ServerResponse) => void {
  const common = securityHeaders(access.hosts);
  return (request, response) => {
    const { status, headers = {}, text = "", file } = answerTo(request, access, page);
    const body = file?.body ?? Buffer.from(text === "" ? "" : `${text}\n`);
    response.writeHead(status, {
      ...common,
      "Content-Type": file?.contentType ?? "text/plain; charset=utf-8",
      "Content-Length": body.length,
      ...headers,
    });
    response.end(request.method === "HEAD" ? undefined : body);
  };
}

function answerTo({ method, url = "", headers }: IncomingMessage, access: Access, page: ReadonlyMap<string, PageFile>): Answer {
  if (!access.isOurHost(headers.host)) return { status: 421, text: `This is not what is called so here. Use http://${access.hosts[0]}, through a tunnel with the same port on both sides.` };
  if (method !== "GET" && method !== "HEAD") return { status: 405, headers: { Allow: "GET, HEAD" }, text: "Only GET." };
  if (headers.origin !== undefined && !access.isOurOrigin(headers.origin)) return { status: 403, text: "Not for pages from elsewhere." };
  const [path = "", query = ""] = url.split("?", 2);
  const token = new URLSearchParams(query).get("token");
  if (path === "/" && token !== null && method === "GET") return redeemed(access, token, headers["sec-purpose"] !== undefined);
  if (!access.hasSession(headers.cookie)) return { status: 403, text: "This browser has no session. Open the address that was printed; it is good for one browser. For another one start again." };
  const file = page.get(path);
  if (file !== undefined) return { status: 200, file };
  if (path === "/") return { status: 503, text: "The page is not built. Start with: npm start -- serve" };
  return { status: 404, text: "There is no such file." };
}

function redeemed(access: Access, token: string, isForesight: boolean): Answer {
  // A browser that looks ahead must not use up what a person is about to need.
  const cookie = isForesight ? null : access.redeem(token);
  if (cookie === null) return { status: 403, text: "This address has been used, or is not the one that was printed. For another browser start again." };
  // Not a redirect: one that began at another page, even a file, would come without the cookie.
  return { status: 200, headers: { "Set-Cookie": cookie }, file: onward };
}
