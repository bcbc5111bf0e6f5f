/**
 * One connection between a face and the lab, whatever carries it: a process's channel, a WebSocket, two functions in a
 * test. Messages arrive whole and in order. They are made of what JSON has, and of Uint8Array.
 */
export interface Transport {
  send(message: object): void;
  /** Set once, before anything can have arrived. What arrives is not to be trusted. */
  receive(listeners: { readonly message: (message: unknown) => void; readonly closed: (why: string) => void }): void;
  /** Ends the connection; the other side is told why. */
  close(why: string): void;
}

/** Two ends of a connection within one program. Each message is handed over in a turn of its own, as a real one would be. */
export function transportPair(): readonly [Transport, Transport] {
  const ends = [new LocalEnd(), new LocalEnd()] as const;
  ends[0].other = ends[1];
  ends[1].other = ends[0];
  return ends;
}

type Listeners = Parameters<Transport["receive"]>[0];

class LocalEnd implements Transport {
  other: LocalEnd | null = null;
  private listeners: Listeners | null = null;
  private isOpen = true;

  send(message: object): void {
    if (this.isOpen) void Promise.resolve().then(() => this.other?.take(message));
  }

  receive(listeners: Listeners): void {
    this.listeners = listeners;
  }

  close(why: string): void {
    if (!this.isOpen) return;
    this.end(why);
    void Promise.resolve().then(() => this.other?.end(why));
  }

  private take(message: unknown): void {
    if (this.isOpen) this.listeners?.message(message);
  }

  private end(why: string): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.listeners?.closed(why);
  }
}
