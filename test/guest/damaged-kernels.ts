import { readFile, writeFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { makeBzImage } from "../../src/lab/kernels/fixtures.ts";
import { openKernel } from "../../src/lab/kernels/open.ts";

/** Kernels given by path: copies of one from the cache, most of them with something wrong. */

/** The ELF of a series' kernel, and its release. */
async function vmlinuxOf(series: string): Promise<{ bytes: Buffer; release: string }> {
  const { vmlinuxPath, release } = await openKernel(series, {});
  return { bytes: await readFile(vmlinuxPath), release };
}

function replaceAll(bytes: Buffer, from: string, to: string): void {
  if (from.length !== to.length) throw new Error(`"${from}" and "${to}" differ in length`);
  let count = 0;
  for (let at = bytes.indexOf(from, 0, "latin1"); at >= 0; at = bytes.indexOf(from, at + 1, "latin1")) {
    bytes.write(to, at, "latin1");
    count += 1;
  }
  if (count === 0) throw new Error(`this kernel has no "${from}"`);
}

/** As it is. */
export async function writeVmlinux(path: string, series: string): Promise<void> {
  await writeFile(path, (await vmlinuxOf(series)).bytes);
}

/** One that cannot find the first program of the initramfs: it boots, looks for another root, and panics. */
export async function writeKernelWithoutInit(path: string, series: string): Promise<void> {
  const { bytes } = await vmlinuxOf(series);
  replaceAll(bytes, "/init\0", "/inix\0");
  await writeFile(path, bytes);
}

/** One that dies with its first instruction, long before it has a console. */
export async function writeStillbornKernel(path: string, series: string): Promise<void> {
  const { bytes } = await vmlinuxOf(series);
  const programHeaders = Number(bytes.readBigUInt64LE(32));
  const load = 1;
  if (bytes.readUInt32LE(programHeaders) !== load) throw new Error("this kernel's first program header loads nothing");
  const textOffset = Number(bytes.readBigUInt64LE(programHeaders + 8));
  const undefinedInstruction = Buffer.from([0x0f, 0x0b]);
  bytes.fill(undefinedInstruction, textOffset, textOffset + 64 * 1024);
  await writeFile(path, bytes);
}

/** One whose section of type information goes by another name. */
export async function writeKernelWithoutBtf(path: string, series: string): Promise<void> {
  const { bytes } = await vmlinuxOf(series);
  replaceAll(bytes, "\0.BTF\0", "\0.XTF\0");
  await writeFile(path, bytes);
}

/**
 * A bzImage around the kernel. It has no code of its own to decompress it, which nobody runs: the lab takes the kernel out
 * and starts that.
 */
export async function writeBzImage(path: string, series: string): Promise<void> {
  const { bytes, release } = await vmlinuxOf(series);
  const fast = 1;
  await writeFile(path, makeBzImage(release, gzipSync(bytes, { level: fast })));
}
