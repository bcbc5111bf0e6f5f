import { createService } from "../src/api/service.ts";
import type { Transport } from "../src/api/transport.ts";
import { createLab } from "../src/lab/lab.ts";
import type { FromLab, ToLab } from "./lab-messages.ts";

/** The lab's own process: the lab behind a connection for each document of the window. */

const port = process.parentPort;
const post = (message: FromLab): void => port.postMessage(message);

class PortTransport implements Transport {
  private readonly connection: number;
  private listeners: Parameters<Transport["receive"]>[0] | null = null;

  constructor(connection: number) {
    this.connection = connection;
  }

  send(message: object): void {
    post({ type: "message", connection: this.connection, message });
  }

  receive(listeners: Parameters<Transport["receive"]>[0]): void {
    this.listeners = listeners;
  }

  close(why: string): void {
    post({ type: "closed", connection: this.connection, why });
    this.closed(why);
  }

  take(message: unknown): void {
    this.listeners?.message(message);
  }

  closed(why: string): void {
    connections.delete(this.connection);
    const { listeners } = this;
    this.listeners = null;
    listeners?.closed(why);
  }
}

const connections = new Map<number, PortTransport>();
const service = createService({ lab: createLab(), later: (then, afterMs) => void setTimeout(then, afterMs) });

port.on("message", ({ data }: { data: ToLab }) => {
  switch (data.type) {
    case "open": {
      const transport = new PortTransport(data.connection);
      connections.set(data.connection, transport);
      service.connect(transport);
      break;
    }
    case "message":
      connections.get(data.connection)?.take(data.message);
      break;
    case "close":
      connections.get(data.connection)?.closed("the window's page is gone");
      break;
    case "end":
      void service.close("the app ends").finally(() => process.exit(0));
  }
});
