import * as fc from "fast-check";
import { expect, test } from "vitest";
import { decodeBase64 } from "./base64.ts";

test("what another encoder wrote is read back", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(decodeBase64(Buffer.from(bytes).toString("base64").replaceAll("=", ""))).toEqual(bytes);
    }),
  );
});

test.each(["Zg==", "Z", "Zm9v\n", "é"])("%j is none", (text) => {
  expect(decodeBase64(text)).toBeNull();
});
