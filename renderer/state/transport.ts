import type { Bridge } from "../../src/api/bridge.ts";
import { socketPath, socketTransport } from "../../src/api/socket-transport.ts";
import type { Transport } from "../../src/api/transport.ts";

declare global {
  interface Window {
    /** The desktop window's; a page in a browser has none. */
    readonly swaplab?: Bridge;
  }
}

/** The desktop window's way to the lab, or a WebSocket to the server that this page came from. */
export async function openTransport(): Promise<Transport> {
  const bridge = window.swaplab;
  return bridge === undefined ? openSocket() : bridgeTransport(bridge);
}

function bridgeTransport(bridge: Bridge): Transport {
  return {
    send: (message) => bridge.send(message),
    receive: ({ message, closed }) => bridge.connect(message, closed),
    close: () => bridge.disconnect(),
  };
}

async function openSocket(): Promise<Transport> {
  const address = new URL(socketPath, location.href);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  const socket = new WebSocket(address);
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener("open", () => resolve(), { once: true });
    socket.addEventListener("close", () => reject(new Error("The lab does not answer. Start it again and open the address that it prints.")), { once: true });
  });
  return socketTransport(socket);
}
