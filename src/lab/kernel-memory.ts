import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { CancelSignal } from "../api/lab.ts";
import type { Btf } from "./btf.ts";
import { LabError } from "./errors.ts";
import type { Machine } from "./qemu/machine.ts";

/** Kernel data whose addresses the guest is asked for. */
export const memorySymbols = ["swap_info", "__per_cpu_offset"] as const;

/**
 * The kernel's memory seen from outside, through QMP: nothing in the guest takes part. Addresses come from the guest's
 * own symbol table, layouts from the kernel's BTF.
 */
export class KernelMemory {
  private readonly machine: Machine;
  private readonly scratchPath: string;
  private readonly signal: CancelSignal | undefined;

  constructor(machine: Machine, scratchPath: string, signal?: CancelSignal) {
    this.machine = machine;
    this.scratchPath = scratchPath;
    this.signal = signal;
  }

  /** Does `work` while the guest stands still. */
  async whileStopped<Value>(work: () => Promise<Value>): Promise<Value> {
    const { qmp } = this.machine;
    await qmp.execute("stop", {}, { signal: this.signal });
    try {
      return await work();
    } finally {
      await qmp.execute("cont", {}, { signal: this.signal });
    }
  }

  /** Bytes at a virtual address of the kernel. */
  async read(address: bigint, sizeBytes: number): Promise<Buffer> {
    const filename = join(this.scratchPath, "memory");
    try {
      await this.machine.qmp.execute("memsave", { val: BigInt.asIntN(64, address), size: sizeBytes, filename }, { signal: this.signal });
      return await readFile(filename);
    } finally {
      await rm(filename, { force: true });
    }
  }

  async readPointer(address: bigint): Promise<bigint> {
    return (await this.read(address, 8)).readBigUInt64LE();
  }
}

/**
 * The slot at which the first scan of the first swap area starts: swapon draws it at random, one for each CPU.
 * Kernel 6.1 to 6.12: swap_info_struct.cluster_next_cpu.
 *
 * @throws LabError `invalid` naming the symbol or member that this kernel lacks
 */
export async function readScanStart(memory: KernelMemory, addresses: ReadonlyMap<string, bigint>, btf: Btf): Promise<number> {
  const bits = btf.structures.get("swap_info_struct")?.members.get("cluster_next_cpu");
  if (bits === undefined) throw new LabError("invalid", { what: "struct swap_info_struct has no cluster_next_cpu", where: "kernel's memory" });
  const addressOf = (symbol: (typeof memorySymbols)[number]): bigint => {
    const address = addresses.get(symbol);
    if (address === undefined) throw new LabError("invalid", { what: `the kernel's symbol table has no ${symbol}`, where: "kernel's memory" });
    return address;
  };
  return memory.whileStopped(async () => {
    const area = await memory.readPointer(addressOf("swap_info"));
    const perCpu = await memory.readPointer(area + BigInt(bits / 8));
    const firstCpu = await memory.readPointer(addressOf("__per_cpu_offset"));
    return (await memory.read(BigInt.asUintN(64, perCpu + firstCpu), 4)).readUInt32LE();
  });
}
