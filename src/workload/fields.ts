import type * as v from "valibot";
import { fileSchema } from "./schema.ts";

/** What a workload file may say where, read out of its schema: for a face that helps to write one. */
export interface FileField {
  readonly name: string;
  /** What it must be one of, as the file writes it; empty where that is open. */
  readonly values: readonly string[];
  /** Of a table written in the line. */
  readonly fields: readonly FileField[];
}

/** As much of a schema of any kind as is looked at. */
interface AnySchema {
  readonly type: string;
  readonly entries?: Readonly<Record<string, AnySchema>>;
  readonly wrapped?: AnySchema;
  readonly item?: AnySchema;
  readonly literal?: unknown;
  readonly options?: readonly unknown[];
}

/** A table of the file by its header: empty for the top, `parameters`, `area`, `op`, `op.ops`. Of an op, those of its kind. */
export function fieldsOfTable(header: string, opName: string): readonly FileField[] {
  let schema: AnySchema | undefined = open(fileSchema);
  for (const part of header === "" ? [] : header.split(".")) {
    schema = schema?.type === "variant" ? variantOf(schema, "repeat") : schema;
    const inside: AnySchema | undefined = schema?.entries?.[part];
    schema = inside === undefined ? undefined : open(inside);
  }
  if (schema?.type !== "variant") return fieldsOf(schema);
  const names: FileField = { name: "op", values: opNamesOf(schema).map(quoted), fields: [] };
  return [names, ...fieldsOf(variantOf(schema, opName)).filter(({ name }) => name !== "op")];
}

/** Through what may be absent, and into the tables of a list. */
function open(schema: AnySchema | v.GenericSchema): AnySchema {
  const found = schema as AnySchema;
  if (found.wrapped !== undefined) return open(found.wrapped);
  return found.type === "array" && found.item !== undefined ? open(found.item) : found;
}

const fieldsOf = (schema: AnySchema | undefined): FileField[] =>
  Object.entries(schema?.entries ?? {}).map(([name, field]) => ({ name, values: valuesOf(open(field)), fields: fieldsOf(open(field)) }));

function valuesOf({ type, literal, options }: AnySchema): string[] {
  if (type === "literal") return [quoted(literal)];
  if (type === "boolean") return ["true", "false"];
  return type === "picklist" ? (options ?? []).map(quoted) : [];
}

const quoted = (value: unknown): string => JSON.stringify(value);

/** One schema of the variant may stand for several ops. */
const namesOf = (option: unknown): readonly unknown[] => {
  const op = (option as AnySchema).entries?.["op"];
  return op?.type === "literal" ? [op.literal] : (op?.options ?? []);
};

const opNamesOf = (variant: AnySchema): unknown[] => (variant.options ?? []).flatMap(namesOf);

const variantOf = (variant: AnySchema, opName: string): AnySchema | undefined => variant.options?.find((option) => namesOf(option).includes(opName)) as AnySchema | undefined;
