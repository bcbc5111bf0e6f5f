import { deviceTraits } from "../workload/devices.ts";
import type { AreaDeclaration, DeviceName, MapOp, Op, PageRange, Pieces } from "../workload/ops.ts";
import { encodePayload, encodeValue, payloadMaxBytes } from "./payload.ts";

/** What the guest does once per boot, before its state may be saved. */
export interface PrepareRequest {
  /** File names below /lib/modules without `.ko`, in the order in which they must be loaded. */
  readonly modules: readonly string[];
  /** Functions whose calls are counted. */
  readonly probes: readonly string[];
  /** Functions whose return values are counted. */
  readonly returns: readonly string[];
  /** Names looked up in the kernel's symbol table. */
  readonly symbols: readonly string[];
}

type NameList = "probes" | "returns" | "symbols";

/** Cuts a list of names into "want" payloads that fit. */
function wantPayloads(list: NameList, names: readonly string[]): string[] {
  const payloads: string[] = [];
  const room = payloadMaxBytes - `want ${list}=`.length;
  let joined = "";
  for (const name of names) {
    const longer = joined === "" ? name : `${joined},${name}`;
    if (encodeValue(longer).length <= room) {
      joined = longer;
    } else {
      payloads.push(encodePayload("want", { [list]: joined }));
      joined = name;
    }
  }
  return joined === "" ? payloads : [...payloads, encodePayload("want", { [list]: joined })];
}

/**
 * The payloads that prepare the guest, to be sent one after the other: lists of names, and last
 * `prepare`, which acts on them. Each is answered by a `done`; the facts come before the last one.
 */
export function preparePayloads(request: PrepareRequest): string[] {
  return [
    ...wantPayloads("probes", request.probes),
    ...wantPayloads("returns", request.returns),
    ...wantPayloads("symbols", request.symbols),
    encodePayload("prepare", { modules: request.modules.join(",") }),
  ];
}

/**
 * Finds a device to swap to, waiting for it a while, and has its kernel take it for one that rotates or not where the device is one
 * that is told so. `number` is what it goes by from then on; `serial` the serial number of a disk, or the name of a device that the
 * guest's kernel makes.
 */
export function diskPayload(number: number, device: DeviceName, serial: string): string {
  const { writtenRotational } = deviceTraits[device];
  return encodePayload("disk", { number, serial, ...(writtenRotational !== null && { rotational: writtenRotational }) });
}

/**
 * Which folio sizes private or shared memory may get that was mapped with large folios, kB; all others are switched off. With
 * "always" every fault of private memory may get them. Answered with the guest's state, from which the first step's differences
 * are taken.
 */
export const policyPayload = (folioSizesKb: readonly number[], who: MapOp["share"] | "always"): string => encodePayload("policy", { folios: folioSizesKb.join(","), who });

/** Makes a swap area on the device of that number. It stays off. */
export function areaPayload({ name, priority }: AreaDeclaration, diskNumber: number, sizeKb: number): string {
  return encodePayload("area", { name, disk: diskNumber, kb: sizeKb, ...(priority !== null && { prio: priority }) });
}

/** Starts a shell on the console, and again whenever it ends. */
export const shellPayload = (): string => encodePayload("shell", { on: 1 });

/** Brings a program's files in: an archive of so many bytes at the beginning of the disk of that number. */
export const unpackPayload = (diskNumber: number, sizeBytes: number): string => encodePayload("unpack", { disk: diskNumber, bytes: sizeBytes });

/** Runs the program that was brought in; it is ended when it takes longer, by the guest's clock. */
export const programPayload = (timeoutMs: number): string => encodePayload("program", { timeout: timeoutMs });

/** Ends the run: the guest sends its end mark and powers off. */
export const finishPayload = (): string => encodePayload("finish");

/** Longest note that is sent; it is for people who read the wire log. */
const noteMaxChars = 200;

/** The fields of an op beyond its name and process. */
function opFields(op: Op): Record<string, string | number> {
  switch (op.op) {
    case "map":
      return { region: op.region, pages: op.pageCount, order: op.folioOrder, share: op.share };
    case "fill":
      return { region: op.region, ...rangeFields(op), pattern: op.pattern.kind, ...patternFields(op.pattern) };
    case "storm":
      return { region: op.region, ...rangeFields(op), threads: op.threads.join(",") };
    case "zswap":
      return { enabled: op.enabled ? 1 : 0 };
    case "unpin":
      return { region: op.region };
    case "fork":
      return { child: op.child };
    case "note":
      return { text: op.text.slice(0, noteMaxChars) };
    case "exit":
    case "evict":
      return {};
    case "swapoff":
    case "swapon":
      return { area: op.area };
    default:
      return { region: op.region, ...rangeFields(op) };
  }
}

function rangeFields({ range, pieces }: { readonly range: PageRange; readonly pieces?: Pieces }): Record<string, number> {
  return {
    first: range.firstPage,
    count: range.pageCount,
    ...(pieces !== undefined && { pieces: pieces.count, piece: pieces.pageCount, draw: pieces.seed }),
  };
}

function patternFields(pattern: Extract<Op, { op: "fill" }>["pattern"]): Record<string, number> {
  switch (pattern.kind) {
    case "same-byte":
      return { byte: pattern.byte };
    case "random":
      return { seed: pattern.seed };
    case "words":
    case "zero":
      return {};
  }
}

/** One op of a workload. */
export const opPayload = (op: Op): string => encodePayload("op", { name: op.op, in: op.in, ...(op.cpu !== undefined && { cpu: op.cpu }), ...opFields(op) });
