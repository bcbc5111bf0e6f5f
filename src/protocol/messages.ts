import type { PageRun, WrongWord } from "../workload/observation.ts";
import { decodeBase64 } from "./base64.ts";
import { FieldReader } from "./fields.ts";
import type { Payload } from "./payload.ts";

/** The version of the wire's language that this lab speaks; the guest says its own in `hello`. */
export const protocolVersion = 1;

/** The first thing after boot. */
export interface HelloMessage {
  readonly kind: "hello";
  readonly protocol: number;
  /** uname -r, -v and -m. */
  readonly release: string;
  readonly version: string;
  readonly machine: string;
  readonly pageBytes: number;
  readonly cpuCount: number;
  readonly memoryKb: number;
}

/** What is found out about the guest while it is prepared. */
export type FactMessage =
  | { readonly kind: "module"; readonly name: string; readonly status: "ok" | "missing" | "failed"; readonly detail: string }
  | { readonly kind: "disk"; readonly serial: string; readonly path: string; readonly rotational: boolean; readonly sizeBytes: number; readonly node: number }
  /** A probe on a function's entry (`probe`) or on its return value (`return`). `symbol` is what the kernel calls it. */
  | { readonly kind: "probe" | "return"; readonly name: string; readonly symbol: string; readonly status: "ok" | "absent" | "refused"; readonly detail: string }
  /** A size that folios of anonymous memory may have beyond one page. */
  | { readonly kind: "folio-size"; readonly sizeKb: number }
  /** The address in decimal digits, because it does not fit a number; "0" when there is none. */
  | { readonly kind: "symbol"; readonly name: string; readonly present: boolean; readonly address: string }
  /** Something that a run cannot do without: a kernel option, or the disk. */
  | { readonly kind: "lack"; readonly what: string; readonly detail: string }
  /** Hits that a probe could not count so far, so that what it counted is too low. */
  | { readonly kind: "missed"; readonly name: string; readonly of: "calls" | "returns" | "values"; readonly count: number };

/** State after a step; every count is absolute, since boot. */
export type StateMessage =
  | { readonly kind: "vmstat"; readonly values: ReadonlyMap<string, number> }
  | { readonly kind: "folio-stats"; readonly sizeKb: number; readonly values: ReadonlyMap<string, number> }
  | { readonly kind: "swap-area"; readonly name: string; readonly swapType: number; readonly path: string; readonly sizeKb: number; readonly usedKb: number; readonly priority: number }
  | { readonly kind: "calls"; readonly values: ReadonlyMap<string, number> }
  | { readonly kind: "returned"; readonly name: string; readonly value: number; readonly hits: number }
  | { readonly kind: "runs"; readonly process: string; readonly region: string; readonly runs: readonly PageRun[] }
  | { readonly kind: "read"; readonly wrongPages: number }
  /** Of a storm: what one of its threads did, and the first word that must not have been there. */
  | { readonly kind: "thread"; readonly role: string; readonly pieces: number }
  | ({ readonly kind: "wrong" } & WrongWord)
  /** How long the op itself took by the guest's clock: its system call, or the touching of its pages. */
  | { readonly kind: "took"; readonly nanoseconds: number };

/** What a program prints and how it ends. */
export type ProgramMessage =
  /** A piece of standard output (0) or standard error (1), `at` so many bytes from its beginning. */
  | { readonly kind: "output"; readonly stream: 0 | 1; readonly at: number; readonly bytes: Uint8Array }
  | {
      readonly kind: "ended";
      /** `refused`: the kernel did not start it. */
      readonly how: "exit" | "signal" | "timeout" | "refused";
      /** Exit status, signal or error number. */
      readonly value: number;
      /** Processes that lived on after it had exited, and those that could not be killed. */
      readonly leftBehind: number;
      readonly stuck: number;
      readonly oomKills: number;
      /** Printed on each stream, whether it was sent or not. */
      readonly outputBytes: readonly [number, number];
    };

/** The end of a request. */
export interface DoneMessage {
  readonly kind: "done";
  /** Sequence number of the request. */
  readonly request: number;
  readonly status: "ok" | "failed";
  /** Why it failed, for people; "" when it did not. */
  readonly detail: string;
  /** Name of the error number of the op's system call; "" when it succeeded, or when the op never came to it. */
  readonly errno: string;
  readonly tookUs: number;
  /** Messages since the request was taken, this one included. */
  readonly sentMessages: number;
}

export type GuestMessage =
  | HelloMessage
  | FactMessage
  | StateMessage
  | ProgramMessage
  | DoneMessage
  /** A request came damaged: the one with this number is wanted (again). */
  | { readonly kind: "nak"; readonly want: number }
  /** A request came twice and was carried out once. */
  | { readonly kind: "again"; readonly request: number }
  /** A long request is being carried out; `progress` grows while it gets on. */
  | { readonly kind: "alive"; readonly progress: number }
  /** The guest has said everything and powers off. */
  | { readonly kind: "end"; readonly steps: number; readonly sentMessages: number };

export type Decoded = { readonly ok: true; readonly message: GuestMessage } | { readonly ok: false; readonly problem: string };

const runForm = /^(\d+)\+([1-9]\d*):(?:([pn])|s(\d+)@(\d+))$/;

function decodeRun(item: string): PageRun | null {
  const match = runForm.exec(item);
  if (match === null) return null;
  const [, first, count, state, swapType, offset] = match;
  const range = { firstPage: Number(first), pageCount: Number(count) };
  const numbers = [range.firstPage, range.pageCount, Number(swapType ?? 0), Number(offset ?? 0)];
  if (!numbers.every(Number.isSafeInteger)) return null;
  if (state !== undefined) return { kind: state === "p" ? "present" : "none", ...range };
  return { kind: "swap", ...range, swapType: Number(swapType), offset: Number(offset) };
}

function decodeRuns(fields: FieldReader): PageRun[] {
  return fields.text("r").split(",").flatMap((item) => {
    const run = decodeRun(item);
    if (run === null) fields.complain(`"${item}" is no run of pages`);
    return run ?? [];
  });
}

const decodeFact: Readonly<Record<string, (fields: FieldReader) => FactMessage>> = {
  module: (fields) => ({ kind: "module", name: fields.text("name"), status: fields.oneOf("status", ["ok", "missing", "failed"]), detail: fields.text("detail") }),
  disk: (fields) => ({ kind: "disk", serial: fields.text("serial"), path: fields.text("path"), rotational: fields.flag("rotational"), sizeBytes: fields.count("bytes"), node: fields.integer("node") }),
  probe: (fields) => decodeProbe("probe", fields),
  return: (fields) => decodeProbe("return", fields),
  folio: (fields) => ({ kind: "folio-size", sizeKb: fields.count("kb") }),
  symbol: (fields) => ({ kind: "symbol", name: fields.text("name"), present: fields.flag("present"), address: fields.digits("address") }),
  lack: (fields) => ({ kind: "lack", what: fields.text("what"), detail: fields.text("detail") }),
  missed: (fields) => ({ kind: "missed", name: fields.text("name"), of: fields.oneOf("of", ["calls", "returns", "values"]), count: fields.count("count") }),
};

function decodeProbe(kind: "probe" | "return", fields: FieldReader): FactMessage {
  const status = fields.oneOf("status", ["ok", "absent", "refused"]);
  return { kind, name: fields.text("name"), symbol: fields.text("symbol"), status, detail: fields.text("detail") };
}

function decodeSwapArea(fields: FieldReader): StateMessage {
  return {
    kind: "swap-area",
    name: fields.text("area"),
    swapType: fields.integer("type"),
    path: fields.text("path"),
    sizeKb: fields.count("sizekb"),
    usedKb: fields.count("usedkb"),
    priority: fields.integer("prio"),
  };
}

function decodeHello(fields: FieldReader): HelloMessage {
  return {
    kind: "hello",
    protocol: fields.count("proto"),
    release: fields.text("release"),
    version: fields.text("version"),
    machine: fields.text("machine"),
    pageBytes: fields.count("page"),
    cpuCount: fields.count("cpus"),
    memoryKb: fields.count("memkb"),
  };
}

function decodeOutput(fields: FieldReader): ProgramMessage {
  const bytes = decodeBase64(fields.text("data"));
  if (bytes === null) fields.complain("data is not base64");
  return { kind: "output", stream: fields.flag("stream") ? 1 : 0, at: fields.count("at"), bytes: bytes ?? new Uint8Array() };
}

function decodeEnded(fields: FieldReader): ProgramMessage {
  return {
    kind: "ended",
    how: fields.oneOf("how", ["exit", "signal", "timeout", "refused"]),
    value: fields.count("value"),
    leftBehind: fields.count("left"),
    stuck: fields.count("stuck"),
    oomKills: fields.count("oom"),
    outputBytes: [fields.count("out"), fields.count("err")],
  };
}

function decodeDone(fields: FieldReader): DoneMessage {
  return {
    kind: "done",
    request: fields.count("seq"),
    status: fields.oneOf("status", ["ok", "failed"]),
    detail: fields.text("detail"),
    errno: fields.text("errno"),
    tookUs: fields.count("us"),
    sentMessages: fields.count("sent"),
  };
}

function decodeWrong(fields: FieldReader): StateMessage {
  const [page, write, word] = ["held_page", "held_write", "held_word"].map((name) => fields.count(name)) as [number, number, number];
  return {
    kind: "wrong",
    page: fields.count("page"),
    word: fields.count("word"),
    // The guest counts the page from 1, so that a word that was written is never 0.
    held: page + write + word === 0 ? null : { page: page - 1, write, word },
    oldest: fields.count("oldest"),
    newest: fields.count("newest"),
    mayBeZero: fields.flag("zero"),
  };
}

const decodeVerb: Readonly<Record<string, (fields: FieldReader) => GuestMessage | null>> = {
  hello: decodeHello,
  fact: (fields) => own(decodeFact, fields.text("kind"))?.(fields) ?? null,
  vm: (fields) => ({ kind: "vmstat", values: fields.countsBut() }),
  folio: (fields) => ({ kind: "folio-stats", sizeKb: fields.count("kb"), values: fields.countsBut("kb") }),
  swaps: decodeSwapArea,
  calls: (fields) => ({ kind: "calls", values: fields.countsBut() }),
  ret: (fields) => ({ kind: "returned", name: fields.text("name"), value: fields.integer("value"), hits: fields.count("hits") }),
  run: (fields) => ({ kind: "runs", process: fields.text("process"), region: fields.text("region"), runs: decodeRuns(fields) }),
  thread: (fields) => ({ kind: "thread", role: fields.text("role"), pieces: fields.count("pieces") }),
  wrong: decodeWrong,
  read: (fields) => ({ kind: "read", wrongPages: fields.count("bad") }),
  took: (fields) => ({ kind: "took", nanoseconds: fields.count("ns") }),
  out: decodeOutput,
  ended: decodeEnded,
  done: decodeDone,
  nak: (fields) => ({ kind: "nak", want: fields.count("want") }),
  again: (fields) => ({ kind: "again", request: fields.count("seq") }),
  alive: (fields) => ({ kind: "alive", progress: fields.count("progress") }),
  end: (fields) => ({ kind: "end", steps: fields.count("steps"), sentMessages: fields.count("sent") }),
};

/** A name that comes over the wire must not find what every object inherits. */
function own<Value>(table: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

/** What a message means. One with a field that is missing or has the wrong form means nothing. */
export function decodeMessage(payload: Payload): Decoded {
  const fields = new FieldReader(payload.fields);
  const message = own(decodeVerb, payload.verb)?.(fields) ?? null;
  const problem = fields.problem ?? (message === null ? `unknown message "${payload.verb}"` : null);
  return problem !== null || message === null ? { ok: false, problem: `${payload.verb}: ${problem}` } : { ok: true, message };
}
