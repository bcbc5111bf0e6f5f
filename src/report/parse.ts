import * as v from "valibot";
import { resultLimits, resultSchema, resultSchemaName, type Result } from "./result.ts";
import { fitEnd, sanitize } from "./text.ts";

export type ParsedResult =
  | { readonly ok: true; readonly result: Result }
  /** `problem` names the field by its path and is fit to be shown. */
  | { readonly ok: false; readonly problem: string };

/**
 * Reads a result back from its JSON text, which may come from anybody. Nothing in it is believed beyond its
 * shape; its strings are still to be sanitized before they are shown.
 */
export function parseResult(text: string): ParsedResult {
  if (text.length > resultLimits.textBytes) {
    return { ok: false, problem: `more than ${resultLimits.textBytes / 1024 / 1024} MiB of text` };
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { ok: false, problem: show(`not JSON: ${error instanceof Error ? error.message : String(error)}`) };
  }
  const schema = typeof value === "object" && value !== null && "schema" in value ? value.schema : undefined;
  if (typeof schema === "string" && schema !== resultSchemaName) {
    return { ok: false, problem: show(`its schema is "${schema}"; this version reads "${resultSchemaName}"`) };
  }
  const parsed = v.safeParse(resultSchema, value, { abortEarly: true });
  if (parsed.success) return { ok: true, result: parsed.output };
  return { ok: false, problem: show(describeIssue(parsed.issues[0])) };
}

function describeIssue(issue: v.BaseIssue<unknown>): string {
  const path = fieldPath(issue.path ?? []);
  if (issue.received === "undefined") return `${path} is missing`;
  if (issue.type === "max_length") return `${path} is longer than ${String(issue.requirement)}`;
  return `${path} should be ${issue.expected ?? "something else"}, not ${issue.received}`;
}

function fieldPath(path: readonly { readonly key: unknown; readonly type: string }[]): string {
  let text = "";
  for (const { key, type } of path) {
    if (type === "array") text += `[${String(key)}]`;
    else text += text === "" ? String(key) : `.${String(key)}`;
  }
  return text === "" ? "the whole document" : text;
}

const show = (text: string): string => fitEnd(sanitize(text), 300, "…");
