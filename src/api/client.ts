import * as v from "valibot";
import { ByteWindow, joined } from "./byte-window.ts";
import { calls, events, type CallName, type EventName, type EventOf, type InputCallName, type ProgressOf, type ReplyOf, type RequestOf } from "./contract.ts";
import { ApiError, misfit, type Failure } from "./failure.ts";
import type { CancelSignal } from "./lab.ts";
import { chunkBytesMax, labMessageSchema, type FaceMessage, type LabMessage } from "./message.ts";
import type { Transport } from "./transport.ts";

export interface CallOptions<Name extends CallName> {
  /** Its abort stops the call. */
  readonly signal?: CancelSignal;
  readonly onProgress?: (event: ProgressOf<Name>) => void;
  /** More bytes come only when what this returns has settled. */
  readonly onOutput?: (bytes: Uint8Array, skippedBytes: number) => void | Promise<void>;
}

export interface StartedCall<Name extends CallName> {
  readonly done: Promise<ReplyOf<Name>>;
  /** Settles when there is room for more. Does nothing once the call is over. */
  send(bytes: Uint8Array): Promise<void>;
  endInput(): void;
  stop(): void;
}

/** A face's end of a connection. */
export interface Client {
  /** Rejects with an ApiError. */
  call<Name extends CallName>(name: Name, request: RequestOf<Name>, options?: CallOptions<Name>): Promise<ReplyOf<Name>>;
  /** A call that takes input. */
  start<Name extends InputCallName>(name: Name, request: RequestOf<Name>, options?: CallOptions<Name>): StartedCall<Name>;
  /** Returns a function that forgets the listener. */
  on<Name extends EventName>(name: Name, listener: (event: EventOf<Name>) => void): () => void;
  /** Resolves with the reason when the connection has ended. */
  readonly closed: Promise<string>;
  close(): void;
}

export function connectClient(transport: Transport): Client {
  return new Connection(transport);
}

/** A call whose output is a whole: a file. */
export async function callForBytes<Name extends CallName>(client: Client, name: Name, request: RequestOf<Name>, options: Omit<CallOptions<Name>, "onOutput"> = {}): Promise<{ reply: ReplyOf<Name>; bytes: Uint8Array }> {
  const chunks: Uint8Array[] = [];
  const reply = await client.call(name, request, { ...options, onOutput: (chunk) => void chunks.push(chunk) });
  return { reply, bytes: joined(chunks) };
}

/** A call that has not ended. What comes in is untyped until the call's schemas have seen it. */
interface OpenCall {
  readonly name: CallName;
  readonly window: ByteWindow;
  readonly onProgress: (event: unknown) => void;
  readonly onOutput: (bytes: Uint8Array, skippedBytes: number) => void | Promise<void>;
  readonly settle: (outcome: { readonly reply: unknown } | { readonly failure: Failure | ApiError }) => void;
}

class Connection implements Client {
  readonly closed: Promise<string>;
  private readonly transport: Transport;
  private readonly open = new Map<number, OpenCall>();
  private readonly listeners = new Map<EventName, Set<(event: unknown) => void>>();
  private nextId = 1;
  /** Why the connection has ended; null while it has not. */
  private end: string | null = null;
  private ended: (why: string) => void = () => undefined;

  constructor(transport: Transport) {
    this.transport = transport;
    this.closed = new Promise((resolve) => (this.ended = resolve));
    transport.receive({ message: (message) => this.take(message), closed: (why) => this.lose(why) });
  }

  call<Name extends CallName>(name: Name, request: RequestOf<Name>, options: CallOptions<Name> = {}): Promise<ReplyOf<Name>> {
    return this.begin(name, request, options).done;
  }

  start<Name extends InputCallName>(name: Name, request: RequestOf<Name>, options: CallOptions<Name> = {}): StartedCall<Name> {
    return this.begin(name, request, options);
  }

  on<Name extends EventName>(name: Name, listener: (event: EventOf<Name>) => void): () => void {
    const take = (event: unknown): void => listener(event as EventOf<Name>);
    const all = this.listeners.get(name) ?? new Set();
    this.listeners.set(name, all.add(take));
    return () => all.delete(take);
  }

  close(): void {
    this.transport.close("closed by the face");
  }

  private begin<Name extends CallName>(name: Name, request: RequestOf<Name>, options: CallOptions<Name>): StartedCall<Name> {
    const id = this.nextId++;
    const window = new ByteWindow();
    const stop = (): void => this.send({ type: "stop", id });
    const done = new Promise<ReplyOf<Name>>((resolve, reject) => {
      const settle: OpenCall["settle"] = (outcome) => {
        this.open.delete(id);
        window.close();
        options.signal?.removeEventListener("abort", stop);
        // The schema of this call has seen the reply.
        if ("reply" in outcome) resolve(outcome.reply as ReplyOf<Name>);
        else reject(outcome.failure instanceof ApiError ? outcome.failure : new ApiError(outcome.failure.kind, outcome.failure));
      };
      const refused = this.refusal(name, request, options.signal);
      if (refused !== null) {
        settle({ failure: refused });
        return;
      }
      const onProgress = (event: unknown): void => options.onProgress?.(event as ProgressOf<Name>);
      this.open.set(id, { name, window, onProgress, onOutput: options.onOutput ?? (() => undefined), settle });
      options.signal?.addEventListener("abort", stop, { once: true });
      this.send({ type: "call", id, name, request });
    });
    return {
      done,
      send: async (bytes) => this.sendInput(id, bytes),
      endInput: () => this.send({ type: "input-end", id }),
      stop,
    };
  }

  private refusal(name: CallName, request: unknown, signal: CancelSignal | undefined): ApiError | null {
    if (this.end !== null) return new ApiError("disconnected", { what: this.end, where: name });
    if (signal?.aborted === true) return new ApiError("stopped", { what: "stopped before it began", where: name });
    const checked = v.safeParse(calls[name].request, request);
    return checked.success ? null : new ApiError("refused", misfit(name, checked.issues[0]));
  }

  private async sendInput(id: number, bytes: Uint8Array): Promise<void> {
    const window = this.open.get(id)?.window;
    for (let at = 0; at < bytes.length; at += chunkBytesMax) {
      await window?.room();
      if (!this.open.has(id)) return;
      const chunk = new Uint8Array(bytes.subarray(at, at + chunkBytesMax));
      window?.sent(chunk.length);
      this.send({ type: "input", id, bytes: chunk });
    }
  }

  private send(message: FaceMessage): void {
    if (this.end === null && (message.type === "ack" || this.open.has(message.id))) this.transport.send(message);
  }

  private take(raw: unknown): void {
    const parsed = v.safeParse(labMessageSchema, raw);
    if (!parsed.success) {
      this.transport.close(`the lab sent what is no message: ${misfit("message", parsed.issues[0]).what}`);
      return;
    }
    const message = parsed.output;
    if (message.type === "event") {
      this.takeEvent(message);
      return;
    }
    const call = this.open.get(message.id);
    if (call !== undefined) this.takeFor(call, message);
  }

  private takeFor(call: OpenCall, message: Exclude<LabMessage, { type: "event" }>): void {
    switch (message.type) {
      case "progress": {
        const checked = v.safeParse(calls[call.name].progress, message.event);
        if (checked.success) call.onProgress(checked.output);
        break;
      }
      case "output":
        void this.deliver(call, message);
        break;
      case "ack":
        call.window.acknowledged(message.byteCount);
        break;
      case "reply": {
        const checked = v.safeParse(calls[call.name].reply, message.reply);
        call.settle(checked.success ? { reply: checked.output } : { failure: new ApiError("bug", misfit(`reply of ${call.name}`, checked.issues[0])) });
        break;
      }
      case "failed":
        call.settle({ failure: message.failure });
    }
  }

  private async deliver(call: OpenCall, { id, bytes, skippedBytes }: Extract<LabMessage, { type: "output" }>): Promise<void> {
    try {
      await call.onOutput(bytes, skippedBytes);
    } finally {
      this.send({ type: "ack", id, byteCount: bytes.length });
    }
  }

  private takeEvent({ name, event }: Extract<LabMessage, { type: "event" }>): void {
    if (!Object.hasOwn(events, name)) return;
    const known = name as EventName;
    const checked = v.safeParse(events[known], event);
    if (!checked.success) return;
    for (const listener of [...(this.listeners.get(known) ?? [])]) listener(checked.output);
  }

  private lose(why: string): void {
    if (this.end !== null) return;
    this.end = why;
    for (const call of [...this.open.values()]) call.settle({ failure: new ApiError("disconnected", { what: why, where: call.name }) });
    this.ended(why);
  }
}
