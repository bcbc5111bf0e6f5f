import type { Readable, Writable } from "node:stream";

export type Params = Readonly<Record<string, unknown>>;
type Listener = (params: never) => void;

/** Chromium's debugging protocol over a pair of pipes: messages of JSON, each ended by a zero byte. */
export class Cdp {
  private readonly input: Writable;
  private readonly waiting = new Map<number, { readonly method: string; readonly resolve: (result: never) => void; readonly reject: (error: Error) => void }>();
  private readonly listeners = new Map<string, Listener[]>();
  private readonly parts: Buffer[] = [];
  private nextId = 1;

  constructor(input: Writable, output: Readable) {
    this.input = input;
    output.on("data", (bytes: Buffer) => this.take(bytes));
    output.once("close", () => this.lose());
  }

  async send<Result = unknown>(method: string, params: Params = {}, sessionId?: string): Promise<Result> {
    const id = this.nextId++;
    return new Promise<Result>((resolve, reject) => {
      this.waiting.set(id, { method, resolve, reject });
      this.input.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
  }

  /** Events of one session, or with an empty one of the browser. */
  on<Event>(sessionId: string, method: string, listener: (params: Event) => void): void {
    const key = `${sessionId}:${method}`;
    this.listeners.set(key, [...(this.listeners.get(key) ?? []), listener]);
  }

  private take(bytes: Buffer): void {
    let rest = bytes;
    for (let end = rest.indexOf(0); end >= 0; end = rest.indexOf(0)) {
      this.parts.push(rest.subarray(0, end));
      rest = rest.subarray(end + 1);
      this.dispatch(JSON.parse(Buffer.concat(this.parts.splice(0)).toString()) as CdpMessage);
    }
    if (rest.length > 0) this.parts.push(rest);
  }

  private dispatch(message: CdpMessage): void {
    if (message.id === undefined) {
      for (const listener of this.listeners.get(`${message.sessionId ?? ""}:${message.method}`) ?? []) listener(message.params as never);
      return;
    }
    const call = this.waiting.get(message.id);
    this.waiting.delete(message.id);
    if (message.error === undefined) call?.resolve(message.result as never);
    else call?.reject(new Error(`${call.method}: ${message.error.message}`));
  }

  private lose(): void {
    for (const { method, reject } of this.waiting.values()) reject(new Error(`${method}: Chromium has gone`));
    this.waiting.clear();
  }
}

interface CdpMessage {
  readonly id?: number;
  readonly sessionId?: string;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}
