import * as v from "valibot";
import { windowBytes } from "./byte-window.ts";
import { Cancel } from "./cancel.ts";
import { calls, type CallName, type ProgressOf } from "./contract.ts";
import { failureOf, misfit, type Failure } from "./failure.ts";
import { handlers, type Handler } from "./handlers.ts";
import { InputQueue } from "./input-queue.ts";
import { chunkBytesMax, type FaceMessage, type LabMessage } from "./message.ts";
import { OutputFlow } from "./output-flow.ts";
import type { Surroundings } from "./surroundings.ts";

interface CallStart {
  readonly id: number;
  readonly name: string;
  readonly request: unknown;
  readonly send: (message: LabMessage) => void;
  readonly surroundings: Surroundings;
  readonly refuse: (where: string, what: string) => void;
}

/** One call from its request to its last message. */
export class RunningCall {
  readonly ended: Promise<void>;
  private readonly id: number;
  private readonly name: CallName;
  private readonly sendMessage: (message: LabMessage) => void;
  private readonly cancel = new Cancel();
  private readonly flow: OutputFlow;
  private readonly input: InputQueue;

  /** Null when the request was refused. */
  static begin(start: CallStart): RunningCall | null {
    const { name, request, refuse } = start;
    if (!Object.hasOwn(calls, name)) {
      refuse(name.slice(0, 100), "there is no such call");
      return null;
    }
    const known = name as CallName;
    const checked = v.safeParse(calls[known].request, request);
    if (checked.success) return new RunningCall(start, known, checked.output);
    const { where, what } = misfit(name, checked.issues[0]);
    refuse(where, what);
    return null;
  }

  private constructor({ id, send, surroundings }: CallStart, name: CallName, request: unknown) {
    this.id = id;
    this.name = name;
    this.sendMessage = send;
    this.flow = new OutputFlow((bytes, skippedBytes) => send({ type: "output", id, bytes, skippedBytes }), surroundings.later);
    this.input = new InputQueue((byteCount) => send({ type: "ack", id, byteCount }));
    this.ended = this.perform(request, surroundings);
  }

  take(message: Exclude<FaceMessage, { type: "call" }>): void {
    switch (message.type) {
      case "input":
        if (!calls[this.name].takesInput) return;
        // One that heeds the acknowledgements never has more under way.
        if (this.input.keptBytes > windowBytes + chunkBytesMax) this.stop("more input than was acknowledged");
        else this.input.push(message.bytes);
        break;
      case "input-end":
        this.input.end();
        break;
      case "ack":
        this.flow.acknowledged(message.byteCount);
        break;
      case "stop":
        this.stop("stopped by the face");
    }
  }

  stop(why: string): void {
    this.cancel.abort(new Error(why));
    this.input.end();
    this.flow.window.close();
  }

  /** Never rejects. */
  private async perform(request: unknown, surroundings: Surroundings): Promise<void> {
    const { id, name, cancel, flow, input } = this;
    try {
      // The request has passed the schema of this call.
      const handler = handlers[name] as Handler<CallName>;
      const reply = await handler(request as never, {
        ...surroundings,
        signal: cancel,
        progress: (event: ProgressOf<CallName>) => this.progress(event),
        output: flow,
        input,
      });
      const checked = v.safeParse(calls[name].reply, reply);
      flow.end();
      if (checked.success) this.sendMessage({ type: "reply", id, reply: checked.output });
      else this.fail({ kind: "bug", next: "", ...misfit(`reply of ${name}`, checked.issues[0]) });
    } catch (thrown) {
      flow.end();
      this.fail(cancel.aborted ? { kind: "stopped", what: (cancel.reason as Error).message, where: name, next: "" } : failureOf(thrown));
    } finally {
      input.end();
    }
  }

  private progress(event: unknown): void {
    if (this.cancel.aborted) return;
    v.assert(calls[this.name].progress, event);
    this.sendMessage({ type: "progress", id: this.id, event });
  }

  private fail(failure: Failure): void {
    this.sendMessage({ type: "failed", id: this.id, failure });
  }
}
