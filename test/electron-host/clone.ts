/**
 * Structured clone as text: between Node and a page everything passes as JSON. Runs in both.
 *
 * A value is itself where JSON has it; an object is a reference into a table, so that cycles and shared parts stay
 * what they are.
 */

type Scalar = null | string | number | boolean | { readonly $: "undefined" } | { readonly $: "bigint" | "number"; readonly text: string } | { readonly $: "ref"; readonly at: number };

type Entry =
  | { readonly type: "Array"; readonly items: Scalar[] }
  | { readonly type: "Object"; readonly fields: [string, Scalar][] }
  | { readonly type: "Map"; readonly pairs: [Scalar, Scalar][] }
  | { readonly type: "Set"; readonly items: Scalar[] }
  | { readonly type: "Date"; readonly ms: number }
  | { readonly type: "RegExp"; readonly source: string; readonly flags: string }
  | { readonly type: "Error"; readonly name: string; readonly message: string }
  | { readonly type: "ArrayBuffer"; readonly bytes: string }
  | { readonly type: "view"; readonly name: string; readonly bytes: string };

/** Throws what Electron does for a value that cannot be cloned. */
export function encodeClone(value: unknown): string {
  const table: (Entry | null)[] = [];
  const seen = new Map<object, number>();
  const put = (part: unknown): Scalar => {
    if (part === undefined) return { $: "undefined" };
    if (typeof part === "bigint") return { $: "bigint", text: String(part) };
    if (typeof part === "number" && (!Number.isFinite(part) || Object.is(part, -0))) return { $: "number", text: Object.is(part, -0) ? "-0" : String(part) };
    if (part === null || typeof part === "string" || typeof part === "number" || typeof part === "boolean") return part;
    const object = part as object;
    let at = seen.get(object);
    if (at === undefined) {
      at = table.push(null) - 1;
      seen.set(object, at);
      table[at] = entryOf(object, put);
    }
    return { $: "ref", at };
  };
  return JSON.stringify([put(cloned(value)), table]);
}

function cloned(value: unknown): unknown {
  try {
    return structuredClone(value);
  } catch {
    throw new Error("An object could not be cloned.");
  }
}

function entryOf(object: object, put: (part: unknown) => Scalar): Entry {
  if (Array.isArray(object)) return { type: "Array", items: Array.from(object, put) };
  if (object instanceof Map) return { type: "Map", pairs: [...object].map(([key, value]) => [put(key), put(value)]) };
  if (object instanceof Set) return { type: "Set", items: [...object].map(put) };
  if (object instanceof Date) return { type: "Date", ms: object.getTime() };
  if (object instanceof RegExp) return { type: "RegExp", source: object.source, flags: object.flags };
  if (object instanceof Error) return { type: "Error", name: object.name, message: object.message };
  if (object instanceof ArrayBuffer) return { type: "ArrayBuffer", bytes: toBase64(new Uint8Array(object)) };
  if (ArrayBuffer.isView(object)) return { type: "view", name: object.constructor.name, bytes: toBase64(new Uint8Array(object.buffer, object.byteOffset, object.byteLength)) };
  return { type: "Object", fields: Object.entries(object).map(([key, value]) => [key, put(value)]) };
}

export function decodeClone(text: string): unknown {
  const [root, table] = JSON.parse(text) as [Scalar, Entry[]];
  const made = new Map<number, unknown>();
  const get = (scalar: Scalar): unknown => {
    if (scalar === null || typeof scalar !== "object") return scalar;
    switch (scalar.$) {
      case "undefined":
        return undefined;
      case "bigint":
        return BigInt(scalar.text);
      case "number":
        return Number(scalar.text);
      case "ref":
        return made.has(scalar.at) ? made.get(scalar.at) : build(scalar.at);
    }
  };
  const keep = <Part>(at: number, part: Part): Part => {
    made.set(at, part);
    return part;
  };
  const build = (at: number): unknown => {
    const entry = table[at] as Entry;
    switch (entry.type) {
      case "Array": {
        const array = keep<unknown[]>(at, []);
        for (const item of entry.items) array.push(get(item));
        return array;
      }
      case "Map": {
        const map = keep(at, new Map<unknown, unknown>());
        for (const [key, value] of entry.pairs) map.set(get(key), get(value));
        return map;
      }
      case "Set": {
        const set = keep(at, new Set<unknown>());
        for (const item of entry.items) set.add(get(item));
        return set;
      }
      case "Date":
        return keep(at, new Date(entry.ms));
      case "RegExp":
        return keep(at, new RegExp(entry.source, entry.flags));
      case "Error":
        return keep(at, Object.assign(new Error(entry.message), { name: entry.name }));
      case "ArrayBuffer":
        return keep(at, fromBase64(entry.bytes).buffer);
      case "view":
        return keep(at, viewOf(entry.name, fromBase64(entry.bytes)));
      case "Object": {
        const object = keep<Record<string, unknown>>(at, {});
        // Defined, not assigned: a field may be called __proto__.
        for (const [key, value] of entry.fields) Object.defineProperty(object, key, { value: get(value), writable: true, enumerable: true, configurable: true });
        return object;
      }
    }
  };
  return get(root);
}

function viewOf(name: string, bytes: Uint8Array): unknown {
  if (name === "Uint8Array" || name === "Buffer") return bytes;
  const View = (globalThis as unknown as Record<string, new (buffer: ArrayBufferLike) => ArrayBufferView>)[name];
  if (View === undefined) throw new Error(`there is no view ${name}`);
  return new View(bytes.buffer);
}

const stringPart = 0x8000;

function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += stringPart) text += String.fromCharCode(...bytes.subarray(at, at + stringPart));
  return btoa(text);
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const raw = atob(text);
  const bytes = new Uint8Array(raw.length);
  for (let at = 0; at < raw.length; at++) bytes[at] = raw.charCodeAt(at);
  return bytes;
}
