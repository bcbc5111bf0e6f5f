import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodePayload, encodePayload, encodeValue, payloadMaxBytes } from "./payload.ts";

describe("values", () => {
  test("only what would break a line is encoded", () => {
    expect(encodeValue("a b%c=d\n\u{7f}é,+:@/")).toBe("a%20b%25c%3Dd%0A%7F%C3%A9,+:@/");
  });

  test("half a surrogate pair becomes the replacement character", () => {
    expect(encodeValue("x\u{d800}")).toBe("x%EF%BF%BD");
  });
});

test("any fields come back as they were sent, in order", () => {
  const key = fc.stringMatching(/^[a-z_][\w.]{0,20}$/);
  const value = fc.string({ unit: "grapheme", maxLength: 40 });
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z]{1,10}$/), fc.dictionary(key, value, { maxKeys: 4 }), (verb, fields) => {
      const text = encodePayload(verb, fields);
      expect(text).toMatch(/^[ -~]*$/);
      const decoded = decodePayload(text);
      expect(decoded?.verb).toBe(verb);
      expect([...(decoded?.fields ?? [])]).toEqual(Object.entries(fields));
    }),
  );
});

test.each([
  ["", "no verb"],
  [" a=1", "an empty verb"],
  ["op a", "a field without a value"],
  ["op =1", "a field without a key"],
  ["op a=1 a=2", "a key twice"],
  ["op  a=1", "two spaces"],
  ["op a=%G1", "a code that is none"],
  ["op a=%FF", "bytes that are no UTF-8"],
  ["op a=\u{e9}", "a byte that should have been encoded"],
  ["op=1", "a verb with a value"],
  [`op a=${"x".repeat(payloadMaxBytes)}`, "more than a payload holds"],
])("%j is no payload: %s", (text) => {
  expect(decodePayload(text)).toBeNull();
});

test("a payload beyond the limit, or with a verb or key that has no form, is the sender's bug", () => {
  expect(() => encodePayload("op", { text: "x".repeat(payloadMaxBytes) })).toThrow(RangeError);
  expect(() => encodePayload("two words")).toThrow(RangeError);
  expect(() => encodePayload("op", { "a b": 1 })).toThrow(RangeError);
});
