import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import { connect as tcpConnect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { fakeLab } from "../../test/fake-lab.ts";
import { connectClient } from "../api/client.ts";
import type { Lab } from "../api/lab.ts";
import { createService, type Service } from "../api/service.ts";
import { type SocketLike, socketTransport } from "../api/socket-transport.ts";
import { transportPair } from "../api/transport.ts";
import { loadPage } from "./page-files.ts";
import { type RunningServer, startServer } from "./server.ts";
import { connectionsMax, messageBytesMax } from "./sockets.ts";

let folder = "";
let server: RunningServer;
let service: Service;

async function start(answers: Partial<Lab> = {}): Promise<void> {
  service = createService({ lab: fakeLab(answers), later: (callback, delayMs) => void setTimeout(callback, delayMs) });
  server = await startServer({
    port: 0,
    page: await loadPage(join(folder, "page")),
    connectLab: () => {
      const [face, lab] = transportPair();
      service.connect(lab);
      return face;
    },
  });
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "server-"));
  await mkdir(join(folder, "page", "assets"), { recursive: true });
  await writeFile(join(folder, "page", "index.html"), "<title>page</title>");
  await writeFile(join(folder, "page", "assets", "a.js"), "export {};");
  await writeFile(join(folder, "secret.html"), "secret");
  await writeFile(join(folder, "page", "notes.txt"), "not a file of a page");
  await symlink(join(folder, "secret.html"), join(folder, "page", "link.html"));
  await start();
});

afterEach(async () => {
  await server.close("the test is over");
  await rm(folder, { recursive: true, force: true });
});

interface Reply {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
}

/** `path` goes out as it is, which `fetch` would not do. */
function get(path: string, headers: Readonly<Record<string, string>> = {}, method = "GET"): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: "127.0.0.1", port: server.port, path, method, headers, agent: false }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (text: string) => (body += text));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
    });
    request.on("error", reject).end();
  });
}

const tokenPath = (): string => server.url.slice(server.url.indexOf("/?"));
const origin = (): string => `http://127.0.0.1:${server.port}`;

async function session(): Promise<{ readonly cookie: string }> {
  const { headers } = await get(tokenPath());
  return { cookie: String(headers["set-cookie"]?.[0]).split(";")[0]! };
}

interface Opened {
  readonly socket: WebSocket;
  /** 101, or the status of the refusal. */
  readonly status: number;
}

function open(headers: Readonly<Record<string, string>>, path = "/api"): Promise<Opened> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}${path}`, { headers });
    socket.on("open", () => resolve({ socket, status: 101 }));
    socket.on("unexpected-response", (request, response) => {
      request.destroy();
      resolve({ socket, status: response.statusCode ?? 0 });
    });
    socket.on("error", () => undefined);
  });
}

const closedWith = (socket: WebSocket): Promise<number> => new Promise((resolve) => socket.on("close", resolve));
const clientOf = (socket: WebSocket): ReturnType<typeof connectClient> => connectClient(socketTransport(socket as unknown as SocketLike));

describe("the token", () => {
  test("gives a cookie that scripts and other sites do not have, and then the page", async () => {
    const { status, headers, body } = await get(tokenPath());
    expect([status, body]).toEqual([200, expect.stringContaining('content="0; url=/"')]);
    expect(headers["set-cookie"]).toEqual([expect.stringMatching(new RegExp(`^swaplab-${server.port}=[\\w-]{43}; HttpOnly; SameSite=Strict; Path=/$`))]);
    const cookie = String(headers["set-cookie"]).split(";")[0]!;
    expect(await get("/", { cookie })).toMatchObject({ status: 200, body: "<title>page</title>" });
    expect(await get("/assets/a.js", { cookie: `other=1; ${cookie}` })).toMatchObject({ status: 200, body: "export {};" });
  });

  test("is good for once", async () => {
    await session();
    const again = await get(tokenPath());
    expect([again.status, again.headers["set-cookie"]]).toEqual([403, undefined]);
    expect(again.body).toContain("has been used");
  });

  test.each(["", "x", "x".repeat(43)])('is not "%s"', async (token) => {
    const wrong = await get(`/?token=${token}`);
    expect([wrong.status, wrong.headers["set-cookie"]]).toEqual([403, undefined]);
    // And a wrong one does not spoil the right one.
    expect((await get(tokenPath())).status).toBe(200);
  });

  test("is not used up by a browser that looks ahead, nor by a HEAD", async () => {
    expect((await get(tokenPath(), { "sec-purpose": "prefetch" })).status).toBe(403);
    expect((await get(tokenPath(), {}, "HEAD")).status).toBe(403);
    expect((await get(tokenPath())).status).toBe(200);
  });
});

describe("a request", () => {
  test.each(["/", "/index.html", "/assets/a.js", "/missing"])("for %s without the cookie is refused", async (path) => {
    expect((await get(path)).status).toBe(403);
    expect((await get(path, { cookie: `swaplab-${server.port}=x` })).status).toBe(403);
  });

  test.each(["evil.example", "evil.example:80", "127.0.0.1", "127.0.0.1:1", "127.0.0.1.evil.example", "127.0.0.1@evil.example"])('to a host called "%s" is refused', async (host) => {
    const { cookie } = await session();
    expect((await get("/", { cookie, host })).status).toBe(421);
  });

  test("to localhost is answered", async () => {
    const { cookie } = await session();
    expect((await get("/", { cookie, host: `localhost:${server.port}` })).status).toBe(200);
  });

  test.each(["http://evil.example", "null", "https://127.0.0.1:1"])("from a page of %s is refused", async (from) => {
    const { cookie } = await session();
    expect((await get("/", { cookie, origin: from })).status).toBe(403);
    expect((await get(tokenPath(), { origin: from })).status).toBe(403);
  });

  test.each(["POST", "PUT", "DELETE", "OPTIONS"])("with %s is refused", async (method) => {
    const { cookie } = await session();
    expect((await get("/", { cookie }, method)).status).toBe(405);
  });

  test.each([
    "/../secret.html",
    "/assets/../../secret.html",
    "/%2e%2e/secret.html",
    "/..%2fsecret.html",
    "/..%5csecret.html",
    "/..\\secret.html",
    "//secret.html",
    "/./index.html",
    "/assets",
    "/assets/",
    "/link.html",
    "/notes.txt",
    "/index.html%00.js",
    "/__proto__",
    "file:///etc/passwd",
    "http://evil.example/index.html",
    "/etc/passwd",
  ])("for %s finds nothing", async (path) => {
    const { cookie } = await session();
    const { status, body } = await get(path, { cookie });
    expect([status, body]).toEqual([404, "There is no such file.\n"]);
  });

  test("of more headers than a request has is refused", async () => {
    expect((await get("/", { cookie: "x".repeat(100_000) })).status).toBe(431);
  });

  test("that is no HTTP ends the connection and nothing else", async () => {
    await new Promise<void>((resolve) => {
      const socket = tcpConnect(server.port, "127.0.0.1", () => socket.write("\u0016\u0003\u0001 hello\r\n\r\n"));
      socket.on("close", () => resolve()).on("error", () => undefined);
      socket.resume();
    });
    expect((await get(tokenPath())).status).toBe(200);
  });
});

test("every answer has the headers that keep the page to itself", async () => {
  const { cookie } = await session();
  for (const { headers } of [await get("/", { cookie }), await get("/missing", { cookie }), await get("/"), await get("/", { host: "evil.example" })]) {
    const policy = String(headers["content-security-policy"]);
    expect(policy).toContain("default-src 'none'; script-src 'self';");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain(`connect-src 'self' ws://127.0.0.1:${server.port} ws://localhost:${server.port};`);
    expect(policy).not.toContain("unsafe-eval");
    expect(headers).toMatchObject({
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
      "referrer-policy": "no-referrer",
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-resource-policy": "same-origin",
      "cache-control": "no-store",
    });
    expect(headers["access-control-allow-origin"]).toBeUndefined();
  }
  expect((await get("/assets/a.js", { cookie })).headers["content-type"]).toBe("text/javascript; charset=utf-8");
});

test("a page that is not built is said to be so", async () => {
  await server.close("again");
  await rm(join(folder, "page"), { recursive: true });
  await start();
  const { cookie } = await session();
  expect(await get("/", { cookie })).toMatchObject({ status: 503, body: "The page is not built. Start with: npm start -- serve\n" });
});

describe("a WebSocket", () => {
  test("with cookie and origin speaks with the lab", async () => {
    const { socket } = await open({ ...(await session()), origin: origin() });
    const client = clientOf(socket);
    expect((await client.call("runs.list", { newestCount: 3 })).runs).toHaveLength(2);
    const job = { run: { experiment: "brim", kernel: "6.1", memoryMb: 64, cold: false, set: {} }, keepGuest: false };
    expect((await client.call("run", job)).result.verdict).toBe("pass");
    socket.close();
  });

  test.each([
    ["without a cookie", { origin: "ours" }, 403],
    ["with a wrong cookie", { origin: "ours", cookie: "swaplab-PORT=x" }, 403],
    ["with the token in place of the cookie", { origin: "ours", cookie: "swaplab-PORT=TOKEN" }, 403],
    ["without an origin", { cookie: "ours" }, 403],
    ["from a page elsewhere", { cookie: "ours", origin: "http://evil.example" }, 403],
    ["from a page of another port", { cookie: "ours", origin: "http://127.0.0.1:1" }, 403],
    ["from no page", { cookie: "ours", origin: "null" }, 403],
    ["to a host of another name", { cookie: "ours", origin: "http://evil.example", host: "evil.example" }, 421],
  ])("%s is refused", async (_, given, status) => {
    const token = tokenPath().slice("/?token=".length);
    const { cookie } = await session();
    const headers = Object.fromEntries(
      Object.entries(given).map(([name, value]) => {
        if (value === "ours") return [name, name === "origin" ? origin() : cookie];
        return [name, value.replace("PORT", String(server.port)).replace("TOKEN", token)];
      }),
    );
    expect((await open(headers)).status).toBe(status);
  });

  test("elsewhere than at its path is refused", async () => {
    const headers = { ...(await session()), origin: origin() };
    for (const path of ["/", "/api/", "/api?x", "/apis"]) expect((await open(headers, path)).status).toBe(404);
  });

  test("that says too much, or what is no message, is ended", async () => {
    const headers = { ...(await session()), origin: origin() };
    const { socket: loud } = await open(headers);
    loud.send(`{"pieces":0,"message":{"type":"call","id":1,"name":"about","request":"${"x".repeat(messageBytesMax)}"}}`);
    expect(await closedWith(loud)).toBe(1009);
    for (const said of ["hello", '{"pieces":0,"message":{"type":"reboot"}}', Buffer.of(1, 2)]) {
      const { socket } = await open(headers);
      socket.send(said);
      expect(await closedWith(socket)).toBe(4000);
    }
    // The server goes on.
    const { socket } = await open(headers);
    expect(await clientOf(socket).call("about", {})).toEqual({ contractVersion: 1 });
    socket.close();
  });

  test("is one of few", async () => {
    const headers = { ...(await session()), origin: origin() };
    const opened = await Promise.all(Array.from({ length: connectionsMax }, async () => open(headers)));
    expect(opened.map(({ status }) => status)).toEqual(opened.map(() => 101));
    expect((await open(headers)).status).toBe(503);
    opened[0]!.socket.close();
    await closedWith(opened[0]!.socket);
    const again = await open(headers);
    expect(again.status).toBe(101);
    for (const { socket } of [...opened, again]) socket.terminate();
  });

  test("that goes takes its calls with it", async () => {
    await server.close("again");
    let stopped: () => void = () => undefined;
    const whenStopped = new Promise<void>((resolve) => (stopped = resolve));
    await start({
      doctor: async ({ signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener("abort", () => {
            stopped();
            reject(new Error("stopped"));
          });
        }),
    });
    const { socket } = await open({ ...(await session()), origin: origin() });
    const call = clientOf(socket).call("doctor", {});
    setTimeout(() => socket.terminate(), 20);
    await expect(call).rejects.toMatchObject({ kind: "disconnected" });
    await whenStopped;
  });

  test("is told when the server ends", async () => {
    const { socket } = await open({ ...(await session()), origin: origin() });
    const client = clientOf(socket);
    await server.close("the server ends");
    expect(await client.closed).toBe("the server ends");
    await start();
  });
});

test("a port that is taken is an error that says what to do", async () => {
  await expect(startServer({ port: server.port, page: new Map(), connectLab: () => transportPair()[0] })).rejects.toMatchObject({
    kind: "usage",
    where: `port ${server.port}`,
    what: "it is in use by another program",
  });
});

test("nothing but this machine's loopback address is listened at", async () => {
  const status = await new Promise<string>((resolve) => {
    const socket = tcpConnect({ port: server.port, host: "127.0.0.2" }, () => resolve("open"));
    socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? ""));
  });
  expect(status).toBe("ECONNREFUSED");
});
