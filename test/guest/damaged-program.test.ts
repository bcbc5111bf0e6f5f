import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { defaultMemoryMb } from "../../src/api/request.ts";
import { elfProgramTable, elfSegments, loadSegments } from "../../src/lab/kernels/elf.ts";
import { openKernel } from "../../src/lab/kernels/open.ts";
import type { Result } from "../../src/report/result.ts";
import { compileProgram } from "./compile.ts";
import { useOwnFolder } from "./places.ts";
import { differing, lab, story } from "./runs.ts";

/** Kernels that leave a part of freeing slots out: no program can tell, and what must hold of the swap core does not. */

const folder = join(useOwnFolder(), "damaged");

beforeAll(async () => {
  await mkdir(folder, { recursive: true });
  await compileProgram("pageout", join(folder, "pageout"), "-static");
});

async function runProgram(kernel: string, program: string, args: readonly string[] = []): Promise<Result> {
  const request = { program, args, files: [], folder, timeoutMs: 60_000, kernel, memoryMb: defaultMemoryMb, cold: false };
  return (await lab.runProgram(request, { signal: new AbortController().signal, progress: () => {} })).result;
}

/** Where a function lies; its kernel is always loaded at the same address. */
async function addressOf(kernel: string, name: string): Promise<bigint> {
  const result = await runProgram(kernel, "/bin/busybox", ["grep", `[tT] ${name}$`, "/proc/kallsyms"]);
  const address = /^([0-9a-f]{16}) /.exec(result.program?.stdout.lines[0] ?? "")?.[1];
  expect(address, story(result)).toBeDefined();
  return BigInt(`0x${address}`);
}

/** A copy of a kernel in which a function returns at once. */
async function writeKernelWithout(path: string, series: string, name: string): Promise<void> {
  const address = Number(BigInt.asUintN(32, await addressOf(series, name)));
  const bytes = await readFile((await openKernel(series, {})).vmlinuxPath);
  const table = elfProgramTable(bytes)!;
  const segments = loadSegments(elfSegments(bytes.subarray(table.offset, table.offset + table.entryBytes * table.count), table.entryBytes));
  const place = segments.flatMap((segment) => {
    const inside = address - Number(BigInt.asUintN(32, BigInt(segment.address)));
    return inside >= 0 && inside < segment.fileBytes ? [segment.fileOffset + inside] : [];
  });
  expect(place).toHaveLength(1);
  // Behind the call that the function tracer finds and replaces when the kernel boots.
  const landingPad = bytes.readUInt32BE(place[0]!) === 0xf30f1efa ? 4 : 0;
  expect(bytes[place[0]! + landingPad]).toBe(0xe8);
  bytes.writeUInt8(0xc3, place[0]! + landingPad + 5);
  await writeFile(path, bytes);
}

test.each([
  ["6.1", "swap_range_free", "memory.swap0.used_slots"],
  ["7.3", "free_cluster", "memory.swap0.empty_clusters"],
])("%s without %s is caught by %s", async (series, name, expected) => {
  const kernel = join(folder, `vmlinux-${series}`);
  await writeKernelWithout(kernel, series, name);
  const result = await runProgram(kernel, "./pageout");
  // The program itself sees nothing.
  expect([result.verdict, result.program?.endText], story(result)).toEqual(["fail", "exited with 0"]);
  expect(differing(result).map((check) => check.name), story(result)).toContain(expected);
  expect(result.reason).toMatch(/^After step 1 \(\.\/pageout\) something does not hold that must: /);
  // Before it everything held.
  expect(result.steps[0]?.checks.filter(({ ok }) => !ok)).toEqual([]);
});
