import type { Duplex } from "node:stream";
import type { CancelSignal } from "../../api/lab.ts";
import { LabError } from "../errors.ts";

/** What a command can carry. A bigint is written as its digits, for 64-bit values that no number can hold. */
export type QmpValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | readonly QmpValue[]
  | { readonly [key: string]: QmpValue };

export interface QmpEvent {
  readonly name: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface QmpWait {
  readonly deadlineMs: number;
  readonly signal?: CancelSignal | undefined;
}

/** Longest line QEMU may send. The longest one it has reason to (a schema, which is never asked for) is shorter. */
export const maxLineBytes = 1024 * 1024;
const defaultDeadlineMs = 5000;
const shownBytes = 120;

/** QEMU understood a command and refused it. */
export class QmpCommandError extends LabError {
  /** QEMU's class of the error, mostly `GenericError`. */
  readonly errorClass: string;

  constructor(command: string, errorClass: string, description: string) {
    super("host", { what: `QEMU refused it: ${description}`, where: `QMP command ${command}` });
    this.name = "QmpCommandError";
    this.errorClass = errorClass;
  }
}

/** JSON, except that a bigint becomes a number with all its digits. */
export function toQmpJson(value: QmpValue): string {
  if (typeof value === "bigint") return value.toString();
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(toQmpJson).join(",")}]`;
  return `{${Object.entries(value)
    .map(([key, item]) => `${JSON.stringify(key)}:${toQmpJson(item)}`)
    .join(",")}}`;
}

type Json = Record<string, unknown>;
const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);

function parseLine(line: string): Json | null {
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

interface Waiter {
  readonly command: string;
  readonly settle: (error: Error | null, value?: unknown) => void;
}

/**
 * QEMU's control connection. Replies find their command by its id, so one that comes after its deadline
 * is dropped and does not answer the next command. Once the connection has failed every call rejects with
 * the same error: `lost` when it was closed, `host` when what came was not QMP.
 */
export class QmpClient {
  private readonly stream: Duplex;
  private readonly waiters = new Map<number, Waiter>();
  private readonly listeners = new Set<(event: QmpEvent) => void>();
  private readonly failureListeners = new Set<(error: LabError) => void>();
  private readonly greeted: Promise<void>;
  private greet: (() => void) | null = null;
  private pieces: Buffer[] = [];
  private pieceBytes = 0;
  private nextId = 1;
  private failure: LabError | null = null;

  /** For `open` only. */
  private constructor(stream: Duplex) {
    this.stream = stream;
    this.greeted = new Promise((resolve) => {
      this.greet = resolve;
    });
    stream.on("data", (chunk: Buffer) => this.receive(chunk));
    stream.on("error", (error) => this.fail(closed(error.message)));
    stream.on("close", () => this.fail(closed("")));
    stream.on("end", () => this.fail(closed("")));
  }

  /** Waits for QEMU's greeting, then leaves the negotiation mode. */
  static async open(stream: Duplex, wait: QmpWait): Promise<QmpClient> {
    const client = new QmpClient(stream);
    await client.bounded("the greeting", wait, (settle) => {
      void client.greeted.then(() => settle(null));
      return () => {};
    });
    await client.execute("qmp_capabilities", {}, wait);
    return client;
  }

  /** Runs a command and gives back what it returns. Numbers in it beyond 2^53 have lost digits. */
  execute(command: string, args: { readonly [key: string]: QmpValue } = {}, wait: Partial<QmpWait> = {}): Promise<unknown> {
    return this.bounded(`QMP command ${command}`, { deadlineMs: defaultDeadlineMs, ...wait }, (settle) => {
      const id = this.nextId++;
      this.waiters.set(id, { command, settle });
      this.stream.write(`${toQmpJson({ execute: command, arguments: args, id })}\n`);
      return () => this.waiters.delete(id);
    });
  }

  /** Calls the listener for every event until the function that comes back is called. */
  onEvent(listener: (event: QmpEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** The first event from now on that has one of these names. */
  nextEvent(names: readonly string[], wait: QmpWait): Promise<QmpEvent> {
    return this.bounded(`QMP event ${names.join(" or ")}`, wait, (settle) =>
      this.onEvent((event) => {
        if (names.includes(event.name)) settle(null, event);
      }),
    ) as Promise<QmpEvent>;
  }

  close(): void {
    this.fail(closed("we closed it"));
    this.stream.destroy();
  }

  /** `begin` gets a function that settles the promise, and returns what undoes its beginning. */
  private bounded(where: string, wait: QmpWait, begin: (settle: Waiter["settle"]) => () => void): Promise<unknown> {
    const { deadlineMs, signal } = wait;
    return new Promise((resolve, reject) => {
      let undo = (): void => {};
      const settle: Waiter["settle"] = (error, value) => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", onAbort);
        this.failureListeners.delete(onFailure);
        undo();
        if (error === null) resolve(value);
        else reject(error);
      };
      const onAbort = (): void => settle(new LabError("host", { what: "stopped because it was asked to", where }));
      const onFailure = (error: LabError): void => settle(error);
      const timer = setTimeout(
        () => settle(new LabError("lost", { what: `QEMU did not answer within ${deadlineMs / 1000} s`, where })),
        deadlineMs,
      );
      if (this.failure !== null) return settle(this.failure);
      if (signal?.aborted === true) return onAbort();
      signal?.addEventListener("abort", onAbort, { once: true });
      this.failureListeners.add(onFailure);
      undo = begin(settle);
    });
  }

  private fail(error: LabError): void {
    if (this.failure !== null) return;
    this.failure = error;
    this.stream.destroy();
    for (const listener of [...this.failureListeners]) listener(error);
  }

  private receive(chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0 && this.failure === null; end = chunk.indexOf(10, start)) {
      this.append(chunk.subarray(start, end));
      const line = Buffer.concat(this.pieces).toString("utf8").trim();
      this.pieces = [];
      this.pieceBytes = 0;
      if (line !== "") this.takeLine(line);
      start = end + 1;
    }
    if (this.failure === null) this.append(chunk.subarray(start));
  }

  private append(piece: Buffer): void {
    this.pieces.push(piece);
    this.pieceBytes += piece.length;
    if (this.pieceBytes > maxLineBytes) this.fail(notQmp(`a line of more than ${maxLineBytes} bytes`));
  }

  private takeLine(line: string): void {
    const message = parseLine(line);
    if (message === null) return this.fail(notQmp(JSON.stringify(line.slice(0, shownBytes))));
    if (isObject(message["QMP"])) return this.greet?.();
    if (typeof message["event"] === "string") return this.takeEvent(message["event"], message["data"]);
    const waiter = this.waiters.get(Number(message["id"]));
    if (waiter !== undefined) answer(waiter, message);
    // An error without an id is QEMU's answer to a line it could not read at all: ours are its mirror image, so it is a bug.
    else if (isObject(message["error"]) && message["id"] === undefined) this.fail(notQmp(line.slice(0, shownBytes)));
  }

  private takeEvent(name: string, data: unknown): void {
    const event: QmpEvent = { name, data: isObject(data) ? data : {} };
    for (const listener of [...this.listeners]) listener(event);
  }
}

function answer(waiter: Waiter, message: Json): void {
  const error = message["error"];
  if (isObject(error)) waiter.settle(new QmpCommandError(waiter.command, String(error["class"]), String(error["desc"])));
  else waiter.settle(null, message["return"]);
}

function closed(detail: string): LabError {
  return new LabError("lost", { what: `QEMU's control connection is closed${detail === "" ? "" : ` (${detail})`}`, where: "QMP" });
}

function notQmp(what: string): LabError {
  return new LabError("host", {
    what: `what came over QEMU's control connection is not QMP: ${what}`,
    where: "QMP",
    next: "Is the program that runs as QEMU really QEMU? `npm start -- doctor` says which one it is.",
  });
}
