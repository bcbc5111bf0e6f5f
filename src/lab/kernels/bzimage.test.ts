import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { runForBytes } from "../process.ts";
import { decompressPayload, parseBzImage } from "./bzimage.ts";
import { makeBzImage, withSize } from "./fixtures.ts";

const kernel = Buffer.from("a kernel ".repeat(1000));

test("reads release and payload from the setup header", () => {
  const payload = gzipSync(kernel);
  const image = makeBzImage("9.9.9-test", payload);
  const header = parseBzImage(image);
  expect(header?.release).toBe("9.9.9-test");
  expect(image.subarray(header?.payloadOffset, (header?.payloadOffset ?? 0) + (header?.payloadBytes ?? 0))).toEqual(payload);
});

test.each<[string, (image: Buffer) => void]>([
  ["no boot flag", (image) => image.writeUInt16LE(0, 0x1fe)],
  ["no header magic", (image) => image.write("hdrs", 0x202)],
  ["a boot protocol before the payload fields", (image) => image.writeUInt16LE(0x0207, 0x206)],
  ["an empty payload", (image) => image.writeUInt32LE(0, 0x24c)],
])("%s: not a bzImage", (_, spoil) => {
  const image = makeBzImage("9.9.9", gzipSync(kernel));
  expect(parseBzImage(image)).not.toBeNull();
  spoil(image);
  expect(parseBzImage(image)).toBeNull();
});

test("a file that ends within the header is not a bzImage", () => {
  expect(parseBzImage(makeBzImage("9.9.9", gzipSync(kernel)).subarray(0, 0x240))).toBeNull();
  expect(parseBzImage(Buffer.alloc(0))).toBeNull();
});

test.each([
  ["xz", ["-zc", "--check=crc32"]],
  ["zstd", ["-qc"]],
  ["lz4", ["-lqc"]],
])("takes out a kernel compressed by %s", async (program, args) => {
  const { stdout } = await runForBytes(program, args, { input: kernel, deadlineMs: 10_000 });
  expect(await decompressPayload(withSize(stdout, kernel.length), {})).toEqual(kernel);
  // The size behind the payload is checked: a kernel that is not whole is not used.
  expect(await decompressPayload(withSize(stdout, kernel.length + 1), {})).toBeNull();
});

test("takes out a kernel compressed by gzip, which carries its size itself", async () => {
  const payload = gzipSync(kernel);
  expect(await decompressPayload(payload, {})).toEqual(kernel);
  expect(await decompressPayload(payload.subarray(0, -9), {})).toBeNull();
});

test("leaves a kernel of unknown compression alone", async () => {
  expect(await decompressPayload(Buffer.from("\x89LZO something"), {})).toBeNull();
});
