import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { joinRanges, KernelMemory, type MemoryRange } from "./kernel-memory.ts";
import type { Machine } from "./qemu/machine.ts";
import { QmpCommandError, type QmpValue } from "./qemu/qmp.ts";

const kernel = 0xffff_8880_0000_0000n;
const range = (offset: number, sizeBytes: number): MemoryRange => ({ address: kernel + BigInt(offset), sizeBytes });

test("ranges that are close enough become one, empty ones none", () => {
  const ranges = [range(9000, 8), range(0, 16), range(0, 0), range(8, 100), range(4000, 8)];
  expect(joinRanges(ranges, 4095)).toEqual([range(0, 4008), range(9000, 8)]);
  expect(joinRanges(ranges, 5000)).toEqual([range(0, 9008)]);
  expect(joinRanges([range(0, 100), range(50, 10)], 0)).toEqual([range(0, 100)]);
});

let scratch = "";
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), "swaplab-memory-"));
});
afterEach(() => rmSync(scratch, { recursive: true }));

/** A QEMU whose memory holds at each address the low byte of its page's number plus `shift`. */
function fakeMachine(): { machine: Machine; commands: string[]; gone: Set<bigint>; shift: number } {
  const fake = {
    commands: [] as string[],
    gone: new Set<bigint>(),
    shift: 0,
    machine: {
      qmp: {
        execute: async (command: string, args: Readonly<Record<string, QmpValue>>): Promise<void> => {
          if (command !== "memsave") return void fake.commands.push(command);
          const address = BigInt.asUintN(64, args["val"] as bigint);
          fake.commands.push(`${address - kernel}+${Number(args["size"])}`);
          const end = address + BigInt(args["size"] as number);
          if ([...fake.gone].some((hole) => address <= hole && hole < end)) throw new QmpCommandError(command, "GenericError", "Invalid addr");
          const bytes = Uint8Array.from({ length: Number(args["size"]) }, (_, i) => Number(((address + BigInt(i)) >> 12n) & 0xffn) + fake.shift);
          writeFileSync(args["filename"] as string, bytes);
        },
      },
    } as unknown as Machine,
  };
  return fake;
}

test("the guest stands still for the whole of the work, and goes on even when that fails", async () => {
  const { machine, commands } = fakeMachine();
  const memory = new KernelMemory(machine, scratch);
  await memory.whileStopped(async (read) => read([range(0, 8)]));
  await expect(memory.whileStopped(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(commands).toEqual(["stop", "0+8", "cont", "stop", "0+8", "cont"]);
});

test("results come in the order asked for, whatever was joined", async () => {
  const memory = new KernelMemory(fakeMachine().machine, scratch);
  const bytes = await memory.whileStopped(async (read) => read([range(0x5000, 2), range(0, 0), range(0x1000, 1), range(0x1fff, 2)]));
  expect(bytes.map((piece) => [...piece])).toEqual([[5, 5], [], [1], [1, 2]]);
});

test("what was of use is read at once the next time, and anew", async () => {
  const fake = fakeMachine();
  const memory = new KernelMemory(fake.machine, scratch);
  const follow = () => memory.whileStopped(async (read) => [...(await read([range(0, 1)])), ...(await read([range(0x9000, 1)]))].map((piece) => piece[0]));
  expect(await follow()).toEqual([0, 9]);
  fake.shift = 40;
  fake.commands.length = 0;
  expect(await follow()).toEqual([40, 49]);
  expect(fake.commands).toEqual(["stop", "0+1", "36864+1", "cont"]);
});

test("memory that is gone is missed only by who asks for it", async () => {
  const fake = fakeMachine();
  const memory = new KernelMemory(fake.machine, scratch);
  await memory.whileStopped(async (read) => read([range(0x9000, 1)]));
  fake.gone.add(kernel + 0x9000n);
  expect(await memory.whileStopped(async (read) => read([range(0, 1)]))).toHaveLength(1);
  await expect(memory.whileStopped(async (read) => read([range(0x9000, 1)]))).rejects.toThrow("Invalid addr");
});

test("scattered ranges are read with what lies between them, unless that is not there", async () => {
  const fake = fakeMachine();
  const memory = new KernelMemory(fake.machine, scratch);
  const ranges = [range(0x1000, 1), range(0x9000, 1)];
  const read = () => memory.whileStopped(async (from) => (await from(ranges, "scattered")).map((piece) => piece[0]));
  expect(await read()).toEqual([1, 9]);
  expect(await read()).toEqual([1, 9]);
  const joined = ["stop", `${0x1000}+${0x8001}`, "cont"];
  expect(fake.commands).toEqual([...joined, ...joined]);
  fake.gone.add(kernel + 0x5000n);
  fake.commands.length = 0;
  expect(await read()).toEqual([1, 9]);
  expect(fake.commands.slice(-3)).toEqual([`${0x1000}+1`, `${0x9000}+1`, "cont"]);
});

test("of overlapping pieces the one that has it all is found", async () => {
  const memory = new KernelMemory(fakeMachine().machine, scratch);
  const bytes = await memory.whileStopped(async (read) => {
    await read([range(0x2000, 8)]);
    await read([range(0x1000, 1), range(0x4000, 1)], "scattered");
    return read([range(0x2004, 0x1000), range(0x3000, 4)]);
  });
  expect(bytes.map((piece) => [piece.length, piece[0], piece.at(-1)])).toEqual([[0x1000, 2, 3], [4, 3, 3]]);
});
