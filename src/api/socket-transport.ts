import type { Transport } from "./transport.ts";

/** The part of a WebSocket that is needed, of a page's or of a server's. */
export interface SocketLike {
  binaryType: string;
  readonly readyState: number;
  send(data: string | Uint8Array<ArrayBuffer>): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: "close", listener: (event: { readonly code: number; readonly reason: string }) => void): void;
}

/** Where a server takes up WebSockets. */
export const socketPath = "/api";
const openState = 1;
/** Ended by us, with a reason: the first of the codes that are free for it. */
const closeCode = 4000;
/** The reason of a close has 123 bytes. */
const reasonCharsMax = 40;
/** Pieces of bytes in one message. */
const piecesMax = 16;
const marker = "$bytes";

/**
 * Messages over a WebSocket that is open. Each goes as its text, in which pieces of bytes are numbers, and behind it the
 * pieces, each by itself. What arrives and is nothing of the kind ends the connection.
 */
export function socketTransport(socket: SocketLike): Transport {
  let listeners: Parameters<Transport["receive"]>[0] | null = null;
  let waiting: Incomplete | null = null;
  const close = (why: string): void => socket.close(closeCode, why.slice(0, reasonCharsMax));
  const take = (data: unknown): void => {
    if (typeof data === "string" && waiting === null) waiting = { ...parseText(data), pieces: [] };
    else if (data instanceof ArrayBuffer && waiting !== null) waiting.pieces.push(new Uint8Array(data));
    else throw new Error("a piece without its message");
    if (waiting.pieces.length < waiting.pieceCount) return;
    const { message, pieces } = waiting;
    waiting = null;
    listeners?.message(pieces.length === 0 ? message : filled(message, pieces));
  };
  socket.binaryType = "arraybuffer";
  socket.addEventListener("message", ({ data }) => {
    try {
      take(data);
    } catch {
      close("what came is no message");
    }
  });
  socket.addEventListener("close", ({ code, reason }) => listeners?.closed(reason === "" ? `the connection ended (${code})` : reason));
  return {
    send: (message) => {
      if (socket.readyState !== openState) return;
      const { text, pieces } = formatMessage(message);
      socket.send(text);
      for (const piece of pieces) socket.send(piece);
    },
    receive: (given) => (listeners = given),
    close,
  };
}

interface Incomplete {
  readonly message: unknown;
  readonly pieceCount: number;
  readonly pieces: Uint8Array[];
}

function formatMessage(message: object): { text: string; pieces: Uint8Array<ArrayBuffer>[] } {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  const text = JSON.stringify(message, function (this: Record<string, unknown>, key, value: unknown) {
    // A Buffer is already text when it is handed over as a value.
    const original = this[key];
    if (!(original instanceof Uint8Array)) return value;
    pieces.push(new Uint8Array(original));
    return { [marker]: pieces.length - 1 };
  });
  return { text: `{"pieces":${pieces.length},"message":${text}}`, pieces };
}

/** Throws for what is no message. */
function parseText(text: string): { message: unknown; pieceCount: number } {
  const { pieces, message } = JSON.parse(text) as { pieces: unknown; message: unknown };
  if (typeof pieces !== "number" || !(pieces >= 0 && pieces <= piecesMax)) throw new Error("it does not say how many pieces it has");
  return { message, pieceCount: pieces };
}

function filled(value: unknown, pieces: readonly Uint8Array[]): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => filled(item, pieces));
  if (Object.hasOwn(value, marker)) return pieces[Number((value as Record<string, unknown>)[marker])] ?? null;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, filled(inner, pieces)]));
}
