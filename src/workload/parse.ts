import { parse as parseToml, TomlError } from "smol-toml";
import * as v from "valibot";
import { checkOps } from "./check.ts";
import { fieldPath, jsonLines, tomlLines, type Lines } from "./locate.ts";
import { type AreaDeclaration, type AreaName, cpuCountMax, deviceNames, type DeviceName, onlyArea, type Op, type PageRange, type Pieces, type Workload } from "./ops.ts";
import { fileSchema, type FileOp, type WorkloadFile } from "./schema.ts";
import { parseFolio, parsePages } from "./size.ts";

/** A workload file that cannot be used. The message names file, line and field. */
export class WorkloadError extends Error {
  override readonly name = "WorkloadError";
  /** 0 when the error belongs to no line of the file. */
  readonly line: number;
  readonly field: string;
  /** The message without its place. */
  readonly problem: string;

  constructor(place: { file: string; line: number; field: string }, problem: string) {
    const line = place.line > 0 ? `:${place.line}` : "";
    const field = place.field === "" ? "" : `: ${place.field}`;
    super(`${place.file}${line}${field}: ${problem}`);
    this.line = place.line;
    this.field = place.field;
    this.problem = problem;
  }
}

/** Values a person gave on the command line, by parameter name. */
export interface Overrides {
  readonly device?: string;
  readonly size?: string;
  readonly folio?: string;
  readonly swapSize?: string;
  readonly cpus?: number;
  /** Parameters that the file defines under [parameters.own]. */
  readonly own: Readonly<Record<string, string>>;
}

export interface ParseContext {
  /** Name of the file for messages. */
  readonly file: string;
  readonly pageSizeBytes: number;
  readonly pmdOrder: number;
}

/** More steps than this are refused: each is compared and kept. */
const stepsMax = 1000;

/** A file's text is refused beyond this length, characters. */
const textMax = 256 * 1024;

/** What is used where neither the file nor the person says anything. */
const defaults = { device: "nvme", size: "16M", folio: "64kB", "swap-size": "64M", cpus: "1" } as const;

export interface ParsedWorkload {
  readonly workload: Workload;
  /** Every parameter as given or defaulted. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly about: string;
}

/** Reads a workload in TOML, or in JSON when the text begins with a brace. Throws WorkloadError. */
export function parseWorkload(text: string, overrides: Overrides, context: ParseContext): ParsedWorkload {
  return new Reader(text, overrides, context).read();
}

/** An op of the file as often as it is carried out. */
interface Entry {
  readonly op: FileOp;
  /** Path of the op in the file, for messages. */
  readonly place: string;
  /** In which round of its repetition, from 0. */
  readonly round: number;
}

type RangeFileOp = Exclude<Extract<FileOp, { region: string }>, { op: "map" | "unpin" }>;
type FilePieces = NonNullable<Extract<FileOp, { op: "fill" }>["pieces"]>;

class Reader {
  private readonly context: ParseContext;
  private readonly lines: Lines;
  private readonly file: WorkloadFile;
  private readonly parameters: Record<string, string>;

  constructor(text: string, overrides: Overrides, context: ParseContext) {
    this.context = context;
    const isJson = text.trimStart().startsWith("{");
    const raw = this.parseText(text, isJson);
    this.lines = isJson ? jsonLines(text) : tomlLines(text);
    this.file = this.validate(raw);
    this.parameters = this.collectParameters(overrides);
  }

  read(): ParsedWorkload {
    const areas = this.areas();
    const cpuCount = this.cpuCount();
    const entries = this.entries();
    const ops = entries.map((_, index) => this.placed(entries, index));
    const problem = checkOps(ops, cpuCount, areas.map(({ name }) => name));
    if (problem !== null) {
      const { op, place } = entries[problem.index]!;
      this.fail(fieldPath(place, problem.field), `${problem.message}${problem.field === "in" ? timesHint(op) : ""}`);
    }
    return {
      workload: { name: this.file.name, title: this.fillIn(this.file.title, "title"), areas, cpuCount, ops },
      parameters: this.parameters,
      about: this.file.about ?? "",
    };
  }

  /** The file's ops one after the other, with everything repeated as often as it says. */
  private entries(): Entry[] {
    const entries = this.file.op.flatMap((op, index) => {
      const place = fieldPath("op", index);
      if (op.op !== "repeat") return repeats(op).map((single) => ({ op: single, place, round: 0 }));
      const rounds = Array.from({ length: this.rounds(op.times, fieldPath(place, "times")) }, (_, round) => round);
      return rounds.flatMap((round) => op.ops.flatMap((inner, at) => repeats(inner).map((single) => ({ op: single, place: fieldPath(place, "ops", at), round }))));
    });
    if (entries.length > stepsMax) this.fail("op", `comes to ${entries.length} steps, which is more than ${stepsMax}`);
    return entries;
  }

  private rounds(times: number | string, field: string): number {
    const rounds = typeof times === "number" ? times : Number(this.fillIn(times, field));
    if (Number.isInteger(rounds) && rounds >= 1 && rounds <= stepsMax) return rounds;
    this.fail(field, `must be a whole number from 1 to ${stepsMax}, not ${times}`);
  }

  private cpuCount(): number {
    const cpus = Number(this.parameters["cpus"]);
    if (Number.isInteger(cpus) && cpus >= 1 && cpus <= cpuCountMax) return cpus;
    this.fail("parameters.cpus", `a guest has 1 to ${cpuCountMax} CPUs, not ${this.parameters["cpus"]}`);
  }

  private fail(field: string, problem: string): never {
    throw new WorkloadError({ file: this.context.file, line: this.lineOf(field), field: shownField(field) }, problem);
  }

  /** The line of a field, or of the nearest thing around it that has one. */
  private lineOf(field: string): number {
    for (let path = field; path !== ""; path = path.slice(0, Math.max(0, path.lastIndexOf(".")))) {
      const line = this.lines.get(path);
      if (line !== undefined) return line;
    }
    return 0;
  }

  private parseText(text: string, isJson: boolean): unknown {
    const { file } = this.context;
    if (text.length > textMax) throw new WorkloadError({ file, line: 0, field: "" }, `is longer than ${textMax / 1024} KiB; is it a workload?`);
    try {
      return isJson ? JSON.parse(text) : parseToml(text);
    } catch (error) {
      const line = error instanceof TomlError ? error.line : jsonErrorLine(text, error);
      throw new WorkloadError({ file, line, field: "" }, `not well-formed ${isJson ? "JSON" : "TOML"}: ${firstLine(error)}`);
    }
  }

  private validate(raw: unknown): WorkloadFile {
    const result = v.safeParse(fileSchema, raw);
    if (result.success) return result.output;
    const issue = result.issues[0];
    const path = (issue.path ?? []).map((part) => part.key as string | number);
    this.fail(fieldPath(...path), describeIssue(issue));
  }

  private collectParameters(overrides: Overrides): Record<string, string> {
    const { own = {}, ...named } = this.file.parameters;
    const parameters: Record<string, string> = { ...defaults, ...own };
    for (const [name, value] of Object.entries(named)) if (value !== undefined) parameters[name] = String(value);
    for (const [name, value] of Object.entries(overrides.own)) {
      if (!(name in own)) {
        const known = Object.keys(own);
        const hint = known.length === 0 ? "it defines none of its own" : `it defines ${known.join(", ")}`;
        this.fail("parameters.own", `--set ${name}: this workload has no such parameter; ${hint}`);
      }
      parameters[name] = value;
    }
    if (overrides.device !== undefined) parameters["device"] = overrides.device;
    if (overrides.size !== undefined) parameters["size"] = overrides.size;
    if (overrides.folio !== undefined) parameters["folio"] = overrides.folio;
    if (overrides.swapSize !== undefined) parameters["swap-size"] = overrides.swapSize;
    if (overrides.cpus !== undefined) parameters["cpus"] = String(overrides.cpus);
    return parameters;
  }

  /** Replaces every $parameter in a text by its value. */
  private fillIn(text: string, field: string): string {
    return text.replace(/\$([a-z][a-z0-9-]*)/g, (_, name: string) => {
      const value = this.parameters[name];
      if (value === undefined) this.fail(field, `$${name} is not a parameter; there are ${Object.keys(this.parameters).join(", ")}`);
      return value;
    });
  }

  private pages(text: string, field: string): number {
    const pages = parsePages(this.fillIn(text, field), this.context.pageSizeBytes);
    if (typeof pages === "string") this.fail(field, pages);
    return pages;
  }

  /** The areas as declared, or the one that there is when none are. What an area does not say the parameters do. */
  private areas(): AreaDeclaration[] {
    const declared = this.file.area ?? [{ name: onlyArea }];
    return declared.map((area, index) => {
      const at = (field: string): string => fieldPath("area", index, field);
      if (declared.findIndex(({ name }) => name === area.name) < index) this.fail(at("name"), `area "${area.name}" is declared already; give this one another name`);
      const sizeField = area.size === undefined ? "parameters.swap-size" : at("size");
      const pageCount = this.pages(area.size ?? this.parameters["swap-size"]!, sizeField);
      if (pageCount < 2) this.fail(sizeField, "a swap area needs at least two pages, one of them for its header");
      const device = this.device(area.device ?? this.parameters["device"]!, area.device === undefined ? "parameters.device" : at("device"));
      return { name: area.name, device, pageCount, priority: area.priority ?? null };
    });
  }

  private device(text: string, field: string): DeviceName {
    const name = this.fillIn(text, field);
    const device = deviceNames.find((candidate) => candidate === name);
    if (device === undefined) this.fail(field, `"${name}" is not a device; there are ${deviceNames.join(", ")}`);
    return device;
  }

  /** The area that a swapoff or swapon is about: where there is but one it need not be said. */
  private areaOf({ area }: Extract<FileOp, { op: "swapoff" | "swapon" }>, field: string): AreaName {
    const declared = this.file.area?.map(({ name }) => name) ?? [onlyArea];
    if (area === undefined && declared.length > 1) this.fail(field, `is needed where there are several areas: ${declared.join(", ")}`);
    return area ?? declared[0]!;
  }

  private placed(entries: readonly Entry[], index: number): Op {
    const { cpu } = entries[index]!.op;
    return { ...this.convert(entries, index), ...(cpu !== undefined && { cpu }) };
  }

  private convert(entries: readonly Entry[], index: number): Op {
    const { op, place } = entries[index]!;
    const at = (field: string): string => fieldPath(place, field);
    switch (op.op) {
      case "map": {
        const folio = this.fillIn(op.folio, at("folio"));
        const folioOrder = parseFolio(folio, this.context.pageSizeBytes, this.context.pmdOrder);
        if (typeof folioOrder === "string") this.fail(at("folio"), folioOrder);
        return { op: "map", in: op.in, region: op.region, pageCount: this.pages(op.size, at("size")), folioOrder, share: op.share };
      }
      case "fill":
        return { op: "fill", in: op.in, region: op.region, ...this.range(op, entries, index), pattern: this.pattern(op, at) };
      case "fork":
        return { op: "fork", in: op.in, child: op.child };
      case "storm": {
        const { range } = this.range(op, entries, index);
        return { op: "storm", in: op.in, region: op.region, range, threads: op.threads, pieces: this.pieces(op.pieces, range, entries[index]!.round, at("pieces")) };
      }
      case "zswap":
        return { op: "zswap", in: op.in, enabled: op.enabled };
      case "unpin":
        return { op: "unpin", in: op.in, region: op.region };
      case "exit":
      case "evict":
        return { op: op.op, in: op.in };
      case "swapoff":
      case "swapon":
        return { op: op.op, in: op.in, area: this.areaOf(op, at("area")) };
      case "note":
        return { op: "note", in: op.in, text: op.text };
      default:
        return { op: op.op, in: op.in, region: op.region, ...this.range(op, entries, index) };
    }
  }

  private pattern(op: Extract<FileOp, { op: "fill" }>, at: (field: string) => string): Extract<Op, { op: "fill" }>["pattern"] {
    if (op.byte !== undefined && op.pattern !== "same-byte") this.fail(at("byte"), "goes only with the pattern same-byte");
    if (op.seed !== undefined && op.pattern !== "random") this.fail(at("seed"), "goes only with the pattern random");
    switch (op.pattern) {
      case "same-byte":
        if (op.byte === undefined) this.fail(at("byte"), "is needed for the pattern same-byte");
        return { kind: "same-byte", byte: op.byte };
      case "random":
        return { kind: "random", seed: op.seed ?? 1 };
      default:
        return { kind: op.pattern };
    }
  }

  /** The pages an op is about: all of its region where it says nothing. */
  private range(op: RangeFileOp, entries: readonly Entry[], index: number): { range: PageRange; pieces?: Pieces } {
    const { place, round } = entries[index]!;
    const at = (field: string): string => fieldPath(place, field);
    const map = entries.findLast(({ op: other }, i) => i < index && other.op === "map" && other.region === op.region)?.op;
    if (map?.op !== "map") this.fail(at("region"), `no op before this one maps a region "${op.region}"`);
    const total = this.pages(map.size, at("region"));
    const firstPage = op.from === undefined ? 0 : this.share(op.from, total, at("from"), true);
    const pageCount = op.length === undefined ? total - firstPage : this.share(op.length, total, at("length"), false);
    if (firstPage + pageCount > total || pageCount < 1) {
      const problem = `reaches from page ${firstPage} to page ${firstPage + pageCount}, but region "${op.region}" has ${total} pages`;
      this.fail(at(op.length === undefined ? "from" : "length"), problem);
    }
    const range = { firstPage, pageCount };
    return "pieces" in op && op.pieces !== undefined ? { range, pieces: this.pieces(op.pieces, range, round, at("pieces")) } : { range };
  }

  /** Every round of a repetition draws other pieces: its number is added to the seed. */
  private pieces({ count, size, seed }: FilePieces, range: PageRange, round: number, field: string): Pieces {
    const pageCount = this.pages(size, field);
    if (range.pageCount % pageCount === 0) return { count, pageCount, seed: seed + round };
    this.fail(field, `a range of ${range.pageCount} pages cannot be cut into pieces of ${pageCount}`);
  }

  /** A size, or a percentage of the region. Zero is a place, but not a length. */
  private share(given: string, total: number, field: string, zeroAllowed: boolean): number {
    const text = this.fillIn(given, field);
    if (zeroAllowed && /^0\s*(%|[a-z]*)$/i.test(text)) return 0;
    const percent = /^(\d{1,3}(?:\.\d+)?)%$/.exec(text);
    if (percent === null) return this.pages(text, field);
    const pages = (total * Number(percent[1])) / 100;
    if (!Number.isInteger(pages)) this.fail(field, `${text} of ${total} pages is not a whole number of pages`);
    if (pages === 0) this.fail(field, "a size of zero makes no sense here");
    return pages;
  }
}

/** `times = 3` stands for three ops, whose children or processes are numbered from 1. */
function repeats(op: FileOp): FileOp[] {
  if ((op.op !== "fork" && op.op !== "exit") || op.times === undefined) return [op];
  const numbers = Array.from({ length: op.times }, (_, i) => i + 1);
  if (op.op === "fork") return numbers.map((number) => ({ ...op, child: `${op.child}${number}` }));
  return numbers.map((number) => ({ ...op, in: `${op.in}${number}` }));
}

/** The numbers behind the names of an exit with `times` stand in no file. */
function timesHint(op: FileOp): string {
  if (op.op !== "exit" || op.times === undefined) return "";
  return `; times = ${op.times} is for the processes that a fork with times = ${op.times} has made`;
}

/** `op.3.size` as a person counts: op 4, size. */
function shownField(field: string): string {
  return field.replaceAll(/(?<=^|\.)(op|ops|area|threads)\.(\d+)\.?/g, (_, table: string, index: string) => `${table} ${Number(index) + 1} `).trim();
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n")[0]!.replace(/^Invalid TOML document: /, "");
}

function jsonErrorLine(text: string, error: unknown): number {
  const position = /position (\d+)/.exec(error instanceof Error ? error.message : "");
  return position === null ? 0 : text.slice(0, Number(position[1])).split("\n").length;
}

function describeIssue(issue: v.BaseIssue<unknown>): string {
  const received = issue.received;
  if (issue.type === "strict_object" && issue.expected === "never") return "is not a field of this; is it a typing slip?";
  if (received === "undefined") return "is missing";
  if (issue.type === "variant") return `${received} is not an op; there are ${issue.expected?.replaceAll(" | ", ", ").replace(/[()]/g, "")}`;
  if (issue.type === "picklist") return `${received} is not one of ${issue.expected?.replaceAll(" | ", ", ").replace(/[()]/g, "")}`;
  if (issue.type === "integer") return `must be a whole number, not ${received}`;
  if (issue.type === "min_value") return `must be at least ${String(issue.requirement)}, not ${received}`;
  if (issue.type === "max_value") return `must be at most ${String(issue.requirement)}, not ${received}`;
  if (issue.type === "array") return "must be a list of tables; each begins with its name in two pairs of brackets";
  if (issue.type === "regex" || issue.type === "max_length" || issue.type === "min_length") return issue.message;
  return `must be ${issue.expected}, not ${received}`;
}
