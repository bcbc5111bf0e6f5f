/** What one message says: a verb, then fields in order. Keys are unique. */
export interface Payload {
  readonly verb: string;
  readonly fields: ReadonlyMap<string, string>;
}

/** Longest payload, bytes. The guest's agent holds to the same limit. */
export const payloadMaxBytes = 2000;

const verbForm = /^[!-~]+$/;
/** Keys are the kernel's names of counters and functions, or ours. */
const keyForm = /^[\w.@-]+$/;
const mustEncode = /[^!-~]|[%=]/gu;
const loneSurrogate = /\p{Surrogate}/gu;

/** Printable ASCII without space, `%` and `=` stays; the UTF-8 bytes of all else become `%XX`. */
export function encodeValue(value: string): string {
  return value.replace(loneSurrogate, "\u{FFFD}").replace(mustEncode, (character) => encodeURIComponent(character));
}

function decodeValue(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/**
 * The payload of a message as printable ASCII.
 *
 * @throws RangeError when the verb or a key has no legal form or the payload would be longer than
 *   `payloadMaxBytes`: what is sent is ours, so that is a bug of the caller
 */
export function encodePayload(verb: string, fields: Readonly<Record<string, string | number>> = {}): string {
  if (!verbForm.test(verb) || verb.includes("=")) throw new RangeError(`"${verb}" cannot be a verb`);
  const parts = Object.entries(fields).map(([key, value]) => {
    if (!keyForm.test(key)) throw new RangeError(`"${key}" cannot be a key`);
    return `${key}=${encodeValue(String(value))}`;
  });
  const text = [verb, ...parts].join(" ");
  if (text.length > payloadMaxBytes) throw new RangeError(`a payload of ${text.length} bytes is longer than ${payloadMaxBytes}`);
  return text;
}

/** The other way round; null when the text is no payload. */
export function decodePayload(text: string): Payload | null {
  if (text.length > payloadMaxBytes) return null;
  const [verb = "", ...parts] = text.split(" ");
  if (!verbForm.test(verb) || verb.includes("=")) return null;
  const fields = new Map<string, string>();
  for (const part of parts) {
    const equals = part.indexOf("=");
    const key = part.slice(0, equals);
    const value = decodeValue(part.slice(equals + 1));
    if (equals < 0 || !keyForm.test(key) || fields.has(key) || value === null || !/^[!-~]*$/.test(part)) return null;
    fields.set(key, value);
  }
  return { verb, fields };
}
