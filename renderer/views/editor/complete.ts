import { fieldsOfTable, type FileField } from "../../../src/workload/fields.ts";
import { deviceNames, onlyArea } from "../../../src/workload/ops.ts";
import { folioNames } from "../../state/folios.ts";

/** What may stand at a place of a workload file in TOML, as far as what stands above it tells. */
export interface Completions {
  /** Where in the text what is being typed begins. */
  readonly from: number;
  readonly options: readonly string[];
}

const headers = ["[parameters]", "[parameters.own]", "[[area]]", "[[op]]"];
const folios = folioNames.map((name) => `"${name}"`);

/** Null where nothing is known. */
export function completionsAt(text: string, offset: number): Completions | null {
  const above = text.slice(0, text.lastIndexOf("\n", offset - 1) + 1);
  const typed = text.slice(above.length, offset);
  // Text in three quotation marks is a person's own, and so is a comment.
  if ((above.match(/"""/g) ?? []).length % 2 === 1 || /^[^"]*#/.test(typed)) return null;
  const end = text.indexOf("\n", offset);
  const below = end < 0 ? "" : text.slice(end);
  const table = tableAt(above, below);
  const at = (word: string, options: readonly string[]): Completions => ({ from: offset - word.length, options });
  const header = /^\s*(\[[\w.[]*)$/.exec(typed);
  if (header !== null) return at(header[1]!, table.op === "repeat" || table.header === "op.ops" ? [...headers, "[[op.ops]]"] : headers);
  const fields = fieldsOfTable(table.header, table.op);
  const key = /^\s*([\w-]*)$/.exec(typed);
  if (key !== null) return at(key[1]!, fieldLines(fields.filter(({ name }) => !table.keys.has(name))));
  const inline = /^\s*([\w-]+)\s*=\s*\{(?:.*,)?\s*([\w-]*)$/.exec(typed);
  if (inline !== null) return at(inline[2]!, fieldLines(fields.find(({ name }) => name === inline[1])?.fields ?? []));
  const value = /(?:^\s*|[{,]\s*)([\w-]+)\s*=\s*(?:\[(?:.*,)?\s*)?("?[\w.$-]*)$/.exec(typed);
  if (value === null) return null;
  const field = fields.find(({ name }) => name === value[1]);
  return at(value[2]!, [...new Set([...(field?.values ?? []), ...namesFor(value[1]!, table.header, above)])]);
}

/** Tables of their own begin with a header, not with an equals sign. */
const fieldLines = (fields: readonly FileField[]): string[] =>
  fields.filter(({ name, fields: inside }) => inside.length === 0 || name === "pieces").map(({ name }) => `${name} = `);

interface Table {
  readonly header: string;
  /** Which op it is; empty where that is not said. */
  readonly op: string;
  /** Fields that it has, in other lines than the one that is typed. */
  readonly keys: ReadonlySet<string>;
}

function tableAt(above: string, below: string): Table {
  const start = [...above.matchAll(/^\s*\[\[?\s*([\w.-]+)\s*\]\]?/gm)].at(-1);
  const rest = `${start === undefined ? above : above.slice(start.index + start[0].length)}${below.split(/^\s*\[/m, 1)[0]}`;
  const keys = new Set([...rest.matchAll(/^\s*([\w-]+)\s*=/gm)].map(([, key]) => key!));
  return { header: start?.[1] ?? "", op: /^\s*op\s*=\s*"([\w-]+)"/m.exec(rest)?.[1] ?? "", keys };
}

/** Names that the file itself gives, and what the lab has of a kind. */
function namesFor(field: string, header: string, above: string): readonly string[] {
  const named = (key: string): string[] => [...above.matchAll(new RegExp(String.raw`\b${key}\s*=\s*("[\w-]+")`, "g"))].map(([, name]) => name!);
  const parameter = /^(?:size|folio|device|from|length|times)$/.test(field) && header.startsWith("op") ? parametersOf(above) : [];
  if (field === "folio") return [...folios, ...parameter];
  if (field === "device") return deviceNames.map((name) => `"${name}"`);
  if (field === "region") return regionsAbove(above);
  if (field === "in") return ['"main"', ...named("child")];
  if (field === "area") return areasAbove(above);
  return parameter;
}

/** Regions that a `map` above has made. */
const regionsAbove = (above: string): string[] =>
  above
    .split(/^\s*\[\[/m)
    .filter((table) => /^\s*op\s*=\s*"map"/m.test(table))
    .flatMap((table) => /^\s*region\s*=\s*("[\w-]+")/m.exec(table)?.[1] ?? []);

function areasAbove(above: string): string[] {
  const declared = [...above.matchAll(/^\s*\[\[area\]\]\s*\n(?:\s*(?!\[|name\b).*\n)*?\s*name\s*=\s*("[\w-]+")/gm)].map(([, name]) => name!);
  return declared.length > 0 ? declared : [`"${onlyArea}"`];
}

/** The file's own parameters among them. */
function parametersOf(above: string): string[] {
  const own = /^\s*\[parameters\.own\]([^[]*)/m.exec(above)?.[1] ?? "";
  const names = [...fieldsOfTable("parameters", "").map(({ name }) => name).filter((name) => name !== "own"), ...[...own.matchAll(/^\s*([\w-]+)\s*=/gm)].map(([, name]) => name!)];
  return names.map((name) => `"$${name}"`);
}
