import * as v from "valibot";
import { events } from "./contract.ts";
import { misfit } from "./failure.ts";
import type { Lab } from "./lab.ts";
import { faceMessageSchema, type LabMessage } from "./message.ts";
import type { Later } from "./output-flow.ts";
import { RunningCall } from "./running-call.ts";
import type { Publish, Surroundings } from "./surroundings.ts";
import type { Transport } from "./transport.ts";

/** Calls of one face that may be under way at a time. */
const callsMax = 64;

/** The lab's end of all connections. */
export interface Service {
  connect(transport: Transport): void;
  /** Stops every call and resolves when all of them have ended, their guests too. */
  close(why: string): Promise<void>;
}

export function createService(options: { readonly lab: Lab; readonly later: Later }): Service {
  const connections = new Set<Connection>();
  const publish: Publish = (name, event) => {
    v.assert(events[name], event);
    for (const connection of connections) connection.send({ type: "event", name, event });
  };
  return {
    connect: (transport) => {
      const connection: Connection = new Connection(transport, { ...options, publish }, () => connections.delete(connection));
      connections.add(connection);
    },
    close: async (why) => {
      await Promise.all([...connections].map(async (connection) => connection.close(why)));
    },
  };
}

class Connection {
  private readonly transport: Transport;
  private readonly surroundings: Surroundings;
  private readonly running = new Map<number, RunningCall>();
  private isOpen = true;

  constructor(transport: Transport, surroundings: Surroundings, forget: () => void) {
    this.transport = transport;
    this.surroundings = surroundings;
    transport.receive({
      message: (message) => this.take(message),
      closed: (why) => {
        this.isOpen = false;
        forget();
        for (const call of this.running.values()) call.stop(why);
      },
    });
  }

  send(message: LabMessage): void {
    if (this.isOpen) this.transport.send(message);
  }

  async close(why: string): Promise<void> {
    const calls = [...this.running.values()];
    for (const call of calls) call.stop(why);
    await Promise.all(calls.map(async (call) => call.ended));
    this.transport.close(why);
  }

  private take(raw: unknown): void {
    const parsed = v.safeParse(faceMessageSchema, raw);
    if (!parsed.success) {
      const { where, what } = misfit("message", parsed.issues[0]);
      this.transport.close(`${where} ${what}`);
      return;
    }
    const message = parsed.output;
    if (message.type === "call") this.begin(message.id, message.name, message.request);
    else this.running.get(message.id)?.take(message);
  }

  private begin(id: number, name: string, request: unknown): void {
    const refuse = (where: string, what: string): void => this.send({ type: "failed", id, failure: { kind: "refused", what, where, next: "" } });
    if (this.running.has(id)) {
      this.transport.close(`call ${id} is under way already`);
      return;
    }
    if (this.running.size >= callsMax) {
      refuse(name, `${callsMax} calls are under way already, which is as many as there may be`);
      return;
    }
    const call = RunningCall.begin({ id, name, request, send: (message) => this.send(message), surroundings: this.surroundings, refuse });
    if (call === null) return;
    this.running.set(id, call);
    void call.ended.then(() => this.running.delete(id));
  }
}
