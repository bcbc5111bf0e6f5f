import * as v from "valibot";
import type { Transport } from "./transport.ts";

/** Many connections over one, so that the lab can be in a process of its own. */

const id = v.pipe(v.number(), v.integer(), v.minValue(1));
const frameSchema = v.variant("type", [
  v.strictObject({ type: v.literal("open"), id }),
  v.strictObject({ type: v.literal("message"), id, message: v.unknown() }),
  v.strictObject({ type: v.literal("close"), id, why: v.string() }),
]);

type Listeners = Parameters<Transport["receive"]>[0];

/** One of the connections. */
class Channel implements Transport {
  private readonly sendFrame: (message: object) => void;
  private readonly closeFrame: (why: string) => void;
  private listeners: Listeners | null = null;
  isOpen = true;

  constructor(send: (message: object) => void, close: (why: string) => void) {
    this.sendFrame = send;
    this.closeFrame = close;
  }

  send(message: object): void {
    if (this.isOpen) this.sendFrame(message);
  }

  receive(listeners: Listeners): void {
    this.listeners = listeners;
  }

  close(why: string): void {
    if (!this.isOpen) return;
    this.closeFrame(why);
    this.end(why);
  }

  take(message: unknown): void {
    if (this.isOpen) this.listeners?.message(message);
  }

  end(why: string): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.listeners?.closed(why);
  }
}

/**
 * Shares a connection. Both ends call this; `onConnect` is told of the connections that the other end opens. When the one
 * that is shared ends, so do all, and `onEnd` is told. Both ends are ours: what does not fit is a mistake and throws.
 */
export function share(shared: Transport, onConnect: (connection: Transport) => void = () => undefined, onEnd: (why: string) => void = () => undefined): { connect(): Transport } {
  const channels = new Map<number, Channel>();
  let over: string | null = null;
  const add = (number: number): Channel => {
    const channel = new Channel(
      (message) => shared.send({ type: "message", id: number, message }),
      (why) => {
        channels.delete(number);
        shared.send({ type: "close", id: number, why });
      },
    );
    channels.set(number, channel);
    return channel;
  };
  shared.receive({
    message: (raw) => {
      const frame = v.parse(frameSchema, raw);
      if (frame.type === "open") onConnect(add(frame.id));
      else if (frame.type === "message") channels.get(frame.id)?.take(frame.message);
      else {
        const channel = channels.get(frame.id);
        channels.delete(frame.id);
        channel?.end(frame.why);
      }
    },
    closed: (why) => {
      over = why;
      for (const channel of channels.values()) channel.end(why);
      channels.clear();
      onEnd(why);
    },
  });
  let next = 1;
  return {
    connect: () => {
      const number = next++;
      const channel = add(number);
      if (over === null) shared.send({ type: "open", id: number });
      else void Promise.resolve(over).then((why) => channel.end(why));
      return channel;
    },
  };
}
