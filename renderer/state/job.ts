import { computed, signal } from "@preact/signals";
import type { CallName, ProgressOf, ReplyOf, RequestOf } from "../../src/api/contract.ts";
import { ApiError } from "../../src/api/failure.ts";
import { errorText, lab } from "./connection.ts";

/** Calls whose progress is stages alone. */
type StagedCall = { [Name in CallName]: ProgressOf<Name> extends { kind: "stage" } ? Name : never }[CallName];
interface Stage {
  readonly stage: string;
  readonly detail: string;
}

/** A call that takes its time. What it came to stays until the next one has come to something. */
export class Job<Name extends StagedCall> {
  readonly reply = signal<ReplyOf<Name> | null>(null);
  /** Empty when all is well. */
  readonly error = signal("");
  /** What it is doing, in words. */
  readonly stage = signal("");
  /** Asked to stop, and not yet done. */
  readonly isStopping = signal(false);
  private readonly current = signal<AbortController | null>(null);
  readonly isBusy = computed(() => this.current.value !== null);
  private readonly name: Name;

  constructor(name: Name) {
    this.name = name;
  }

  /** One that is still on its way is stopped, and what it comes to is not looked at. */
  async start(request: RequestOf<Name>): Promise<void> {
    this.current.peek()?.abort();
    const controller = new AbortController();
    this.current.value = controller;
    this.isStopping.value = false;
    this.stage.value = "";
    const isCurrent = (): boolean => this.current.peek() === controller;
    const onProgress = (event: ProgressOf<Name>): void => {
      const { stage, detail } = event as Stage;
      if (isCurrent()) this.stage.value = detail === "" ? stage : `${stage}: ${detail}`;
    };
    try {
      const reply = await lab().call(this.name, request, { signal: controller.signal, onProgress });
      if (isCurrent()) this.end(reply, "");
    } catch (error) {
      const isStopped = error instanceof ApiError && error.kind === "stopped";
      if (isCurrent()) this.end(isStopped ? this.reply.peek() : null, isStopped ? "" : errorText(error));
    }
  }

  stop(): void {
    this.isStopping.value = this.isBusy.peek();
    this.current.peek()?.abort();
  }

  private end(reply: ReplyOf<Name> | null, error: string): void {
    this.current.value = null;
    this.isStopping.value = false;
    this.reply.value = reply;
    this.error.value = error;
  }
}
