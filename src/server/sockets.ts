import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { WebSocketServer, type WebSocket } from "ws";
import { type SocketLike, socketPath, socketTransport } from "../api/socket-transport.ts";
import type { Transport } from "../api/transport.ts";
import type { Access } from "./access.ts";

/** A request with a workload's text in it is the longest message. */
export const messageBytesMax = 1024 * 1024;
export const connectionsMax = 8;
/** A tunnel that is gone says nothing; its guests must not run on. */
const heartbeatMs = 15_000;
/** A face that is told of the end has this long to say goodbye. */
const farewellMs = 100;
/** What waits for a face that takes nothing: it is then taken for gone. */
const unsentBytesMax = 128 * 1024 * 1024;

/** Takes up WebSockets and joins each to a connection of the lab's. Returns a function that ends them all. */
export function acceptSockets(server: Server, access: Access, connectLab: () => Transport): (why: string) => Promise<void> {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: messageBytesMax, perMessageDeflate: false });
  server.on("upgrade", (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    const refusal = refusalOf(request, access, sockets.clients.size);
    if (refusal === null) sockets.handleUpgrade(request, stream, head, (socket) => join(socket, connectLab()));
    else stream.end(`HTTP/1.1 ${refusal}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  });
  return async (why) => {
    for (const socket of sockets.clients) socket.close(1001, why);
    await sleep(farewellMs);
    for (const socket of sockets.clients) socket.terminate();
  };
}

function refusalOf({ url, headers }: IncomingMessage, access: Access, connectionCount: number): string | null {
  if (!access.isOurHost(headers.host)) return "421 Misdirected Request";
  if (url !== socketPath) return "404 Not Found";
  if (!access.isOurOrigin(headers.origin) || !access.hasSession(headers.cookie)) return "403 Forbidden";
  return connectionCount < connectionsMax ? null : "503 Service Unavailable";
}

/** What the face says goes to the lab as it is: the lab checks it. */
function join(socket: WebSocket, lab: Transport): void {
  const face = socketTransport(socket as unknown as SocketLike);
  face.receive({ message: (message) => lab.send(message as object), closed: (why) => lab.close(why) });
  lab.receive({ message: (message) => face.send(message as object), closed: (why) => face.close(why) });
  // Told by the close that follows.
  socket.on("error", () => undefined);
  watch(socket);
}

function watch(socket: WebSocket): void {
  let isAlive = true;
  socket.on("pong", () => (isAlive = true));
  const timer = setInterval(() => {
    if (!isAlive || socket.bufferedAmount > unsentBytesMax) socket.terminate();
    isAlive = false;
    socket.ping();
  }, heartbeatMs);
  timer.unref();
  socket.on("close", () => clearInterval(timer));
}
