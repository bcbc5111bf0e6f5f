import type { Duplex } from "node:stream";
import type { CancelSignal } from "../api/lab.ts";
import { encodeFrame } from "../protocol/frame.ts";
import { GuestReader, type GuestCounters, type GuestEvent } from "../protocol/guest-reader.ts";
import { protocolVersion, type DoneMessage, type GuestMessage, type HelloMessage } from "../protocol/messages.ts";
import { finishPayload } from "../protocol/requests.ts";
import type { ConsoleWatcher } from "./console-watch.ts";
import { LabError } from "./errors.ts";
import { guestEnded, panicked, wentSilent, wireBroken, type GuestCircumstances, type GuestError } from "./guest-failure.ts";
import type { MachineExit } from "./qemu/exit.ts";
import type { WireLog } from "./wire-log.ts";

/** How often a request that arrived damaged is sent again. */
const maxResends = 3;
/** A kernel that panics prints its trace after the line that tells; the machine then ends by itself. */
const panicGraceMs = 500;
/** Between the end of the wire and the end of QEMU, which says why. */
const exitGraceMs = 1500;
/** More messages than any answer has reason to hold. */
const answerMaxMessages = 200_000;

/** Where a conversation stands: kept with a saved state, so that both ends go on from it. */
export interface WirePosition {
  /** Sequence number of our next request. */
  readonly sendSeq: number;
  /** Sequence number of the guest's next message. */
  readonly receiveSeq: number;
}

export interface GuestParts {
  readonly wire: Duplex;
  readonly console: ConsoleWatcher;
  /** Settles when QEMU has ended. */
  readonly exit: Promise<MachineExit>;
  readonly log: WireLog;
  readonly signal?: CancelSignal | undefined;
  /** For a guest that was restored: it has said hello long ago. */
  readonly position?: WirePosition | undefined;
}

export interface RequestLimits {
  /** How long the guest may say nothing new. Messages begin it again; `alive` only when it tells of progress. */
  readonly silenceMs: number;
  /** How long all of it may take. */
  readonly ceilingMs: number;
}

/** Called for each message of an answer as it comes. */
type Listener = (message: GuestMessage) => void;

/** Writeback may take the agent 30 s, the slowest op under emulation a few times that. */
const defaultLimits: RequestLimits = { silenceMs: 45_000, ceilingMs: 300_000 };

export interface Answer {
  readonly done: DoneMessage;
  /** Everything the guest said since the request was sent, in order, `done` included. */
  readonly messages: readonly GuestMessage[];
  /** From sending the request to its `done`, as seen here. */
  readonly tookMs: number;
}

export type EndMessage = Extract<GuestMessage, { kind: "end" }>;

/** One thing being waited for: the hello, a request's answer, or the end. */
interface Pending {
  readonly stage: string;
  readonly requestSeq: number | null;
  readonly line: string;
  readonly limits: RequestLimits;
  readonly startedAtMs: number;
  readonly messages: GuestMessage[];
  /** True when this message is what is waited for. */
  readonly isLast: (message: GuestMessage) => boolean;
  readonly settle: (error: LabError | null) => void;
  readonly heard: Listener | undefined;
  resends: number;
  progress: number;
  progressed: boolean;
  silenceTimer: NodeJS.Timeout | undefined;
}

/**
 * The conversation with a guest's agent: one request at a time, each with its answer or an error. After the
 * first error every call rejects with it. Errors are GuestError, or LabError `host` after an abort.
 */
export class GuestSession {
  private readonly parts: GuestParts;
  private readonly reader: GuestReader;
  private pending: Pending | null = null;
  private failure: LabError | null = null;
  private reached: boolean;
  private sendSeq: number;
  private ended = false;
  private stage = "boot";
  private readonly early: GuestMessage[] = [];
  private readonly onAbort = (): void => {
    this.fail(new LabError("host", { what: "stopped because it was asked to", where: this.stage }));
  };

  constructor(parts: GuestParts) {
    this.parts = parts;
    this.reached = parts.position !== undefined;
    this.sendSeq = parts.position?.sendSeq ?? 0;
    this.reader = new GuestReader(parts.position?.receiveSeq ?? 0);
    parts.wire.on("data", (chunk: Buffer) => this.receive(chunk));
    parts.wire.on("error", (error) => parts.log.note(`the wire failed: ${error.message}`));
    parts.wire.once("close", () => void this.wireClosed());
    parts.console.onAlarm((alarm) => {
      if (alarm.kind === "panic") this.panicSeen(alarm.text);
    });
    parts.signal?.addEventListener("abort", this.onAbort, { once: true });
    if (parts.signal?.aborted === true) this.onAbort();
  }

  get counters(): GuestCounters {
    return this.reader.counters;
  }

  get position(): WirePosition {
    return { sendSeq: this.sendSeq, receiveSeq: this.reader.expectedSeq };
  }

  /** Waits for the agent's first message. Only for a guest that boots. */
  async awaitHello(deadlineMs: number): Promise<HelloMessage> {
    const limits = { silenceMs: deadlineMs, ceilingMs: deadlineMs };
    const messages = await this.wait("boot", null, "", limits, (message) => message.kind === "hello");
    const hello = messages.at(-1);
    if (hello?.kind !== "hello") throw new Error("the wait for a hello ended without one");
    if (hello.protocol !== protocolVersion) {
      const what = `its agent speaks version ${hello.protocol} of the wire's language, we speak ${protocolVersion}`;
      throw this.fail(wireBroken(this.circumstances(), what));
    }
    this.reached = true;
    return hello;
  }

  /** Sends a request and waits for its `done`, whatever its status. What `heard` is told is not lost with the guest. */
  async request(payload: string, limits: Partial<RequestLimits> = {}, heard?: Listener): Promise<Answer> {
    const startedAtMs = performance.now();
    const seq = this.sendSeq;
    const isLast = (message: GuestMessage): boolean => message.kind === "done";
    const messages = await this.wait(requestStage(payload), seq, encodeFrame(seq, payload), { ...defaultLimits, ...limits }, isLast, heard);
    const done = messages.at(-1);
    if (done?.kind !== "done") throw new Error("the wait for an answer ended without one");
    return { done, messages, tookMs: performance.now() - startedAtMs };
  }

  /** Asks the guest to end. Without its end mark, or when messages before it are missing, the guest is lost. */
  async finish(limits: Partial<RequestLimits> = {}): Promise<EndMessage> {
    const seq = this.sendSeq;
    const isLast = (message: GuestMessage): boolean => message.kind === "end";
    const messages = await this.wait("finish", seq, encodeFrame(seq, finishPayload()), { ...defaultLimits, ...limits }, isLast);
    const end = messages.at(-1);
    if (end?.kind !== "end") throw new Error("the wait for the end ended without it");
    if (end.sentMessages !== this.reader.expectedSeq) {
      throw this.fail(wireBroken(this.circumstances(), `the end mark tells of ${end.sentMessages} messages, ${this.reader.expectedSeq} came`));
    }
    // It switches itself off now: that is no failure.
    this.close();
    return end;
  }

  /** Fails whatever is still waited for. The wire itself belongs to the machine. */
  close(): void {
    this.ended = true;
    this.parts.signal?.removeEventListener("abort", this.onAbort);
    if (this.pending !== null) this.fail(new LabError("host", { what: "the conversation with the guest was ended", where: this.stage }));
  }

  private circumstances(): GuestCircumstances {
    return { stage: this.stage, reached: this.reached, console: this.parts.console };
  }

  private wait(
    stage: string,
    requestSeq: number | null,
    line: string,
    limits: RequestLimits,
    isLast: (message: GuestMessage) => boolean,
    heard?: Listener,
  ): Promise<readonly GuestMessage[]> {
    if (this.failure !== null) return Promise.reject(this.failure);
    if (this.pending !== null) throw new Error(`${stage} was asked for while ${this.pending.stage} was under way`);
    this.stage = stage;
    const messages: GuestMessage[] = [];
    return new Promise((resolve, reject) => {
      const ceilingTimer = setTimeout(() => this.overdue(limits.ceilingMs), limits.ceilingMs);
      const settle = (error: LabError | null): void => {
        clearTimeout(ceilingTimer);
        clearTimeout(this.pending?.silenceTimer);
        this.pending = null;
        if (error === null) resolve(messages);
        else reject(error);
      };
      this.pending = {
        ...{ stage, requestSeq, line, limits, messages, isLast, settle, heard },
        ...{ startedAtMs: performance.now(), resends: 0, progress: -1, progressed: false, silenceTimer: undefined },
      };
      this.restartSilence(this.pending);
      if (requestSeq !== null) {
        this.sendSeq += 1;
        this.send(line);
      }
      for (const message of this.early.splice(0)) this.takeMessage(message);
    });
  }

  private send(line: string): void {
    this.parts.log.sent(line);
    this.parts.wire.write(line);
  }

  private restartSilence(pending: Pending): void {
    clearTimeout(pending.silenceTimer);
    pending.silenceTimer = setTimeout(() => this.overdue(pending.limits.silenceMs), pending.limits.silenceMs);
  }

  private overdue(waitedMs: number): void {
    const pending = this.pending;
    if (pending === null) return;
    const atWork = pending.progressed && waitedMs === pending.limits.ceilingMs;
    this.fail(wentSilent(this.circumstances(), waitedMs, atWork));
  }

  private receive(chunk: Buffer): void {
    this.parts.log.received(chunk);
    for (const event of this.reader.push(chunk)) this.takeEvent(event);
  }

  private takeEvent(event: GuestEvent): void {
    switch (event.kind) {
      case "message":
        if (this.pending === null && event.message.kind === "hello") this.early.push(event.message);
        else this.takeMessage(event.message);
        break;
      case "gap":
        this.fail(wireBroken(this.circumstances(), `messages ${event.from} to ${event.to} of the guest are missing`));
        break;
      case "bad":
        this.fail(wireBroken(this.circumstances(), `a message of the guest means nothing: ${event.problem}`));
        break;
      case "garbage":
        this.parts.log.note(`${event.sizeBytes} bytes are no message`);
        break;
      case "repeat":
        this.parts.log.note(`message ${event.seq} came again`);
        break;
    }
  }

  private takeMessage(message: GuestMessage): void {
    const pending = this.pending;
    // A late heartbeat, or the answer to a request that has failed: nobody waits for it.
    if (pending === null) return;
    pending.messages.push(message);
    pending.heard?.(message);
    if (pending.messages.length > answerMaxMessages) {
      this.fail(wireBroken(this.circumstances(), `the guest answered with more than ${answerMaxMessages} messages`));
      return;
    }
    const isNews = message.kind !== "alive" || message.progress > pending.progress;
    if (message.kind === "alive") pending.progress = Math.max(pending.progress, message.progress);
    if (isNews) {
      pending.progressed = true;
      this.restartSilence(pending);
    }
    if (message.kind === "nak") this.sendAgain(pending, message.want);
    else if (message.kind === "hello" && pending.requestSeq !== null) this.fail(wireBroken(this.circumstances(), "the guest began anew"));
    else if (message.kind === "done" && message.request !== pending.requestSeq) {
      this.fail(wireBroken(this.circumstances(), `the guest answered request ${message.request}, not ${pending.requestSeq}`));
    } else if (pending.isLast(message)) pending.settle(null);
  }

  private sendAgain(pending: Pending, want: number): void {
    if (want !== pending.requestSeq) {
      this.fail(wireBroken(this.circumstances(), `the guest wants request ${want}, which is not under way`));
    } else if (pending.resends === maxResends) {
      this.fail(wireBroken(this.circumstances(), `the request did not arrive whole, though it was sent ${maxResends + 1} times`));
    } else {
      pending.resends += 1;
      this.send(pending.line);
    }
  }

  private panicSeen(line: string): void {
    setTimeout(() => this.fail(panicked(this.circumstances(), line)), panicGraceMs).unref();
  }

  private async wireClosed(): Promise<void> {
    for (const event of this.reader.end()) this.takeEvent(event);
    let timer: NodeJS.Timeout | undefined;
    const giveUp = new Promise<null>((resolve) => {
      timer = setTimeout(() => resolve(null), exitGraceMs);
    });
    const exit = await Promise.race([this.parts.exit, giveUp]);
    clearTimeout(timer);
    this.fail(guestEnded(this.circumstances(), exit));
  }

  /** The first failure is the one that counts. */
  private fail<Failure extends LabError | GuestError>(error: Failure): LabError {
    if (this.failure === null && !this.ended) {
      this.failure = error;
      this.parts.log.note(error.message);
    }
    this.pending?.settle(this.failure ?? error);
    return this.failure ?? error;
  }
}

/** A request as it is called in messages: its verb, and for an op its name and where it acts. */
function requestStage(payload: string): string {
  const [verb = "", ...fields] = payload.split(" ");
  if (verb !== "op") return verb;
  const shown = fields.filter((field) => /^(?:name|in|region)=/.test(field)).map((field) => field.slice(field.indexOf("=") + 1));
  return shown.join(" ");
}
