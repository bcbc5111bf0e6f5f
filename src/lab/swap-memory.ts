import { setTimeout as sleep } from "node:timers/promises";
import type { SwapState } from "../workload/swap-state.ts";
import type { Btf } from "./btf.ts";
import { LabError } from "./errors.ts";
import type { GuestFacts } from "./guest-facts.ts";
import { addressOf } from "./kernel-layout.ts";
import type { KernelMemory } from "./kernel-memory.ts";
import { SwapReader } from "./swap-reader.ts";

/** The kernel's swap structures at one moment. */
export interface SwapPicture {
  readonly state: SwapState;
  /** How long the guest stood still for it. */
  readonly stoppedMs: number;
}

/** A kernel that is stopped inside its swap code is let go for a moment; after so many times something is wrong. */
const attemptsMax = 50;
const pauseMs = 4;

/** Takes pictures of a guest's swap structures. */
export class SwapMemory {
  private readonly memory: KernelMemory;
  private readonly reader: SwapReader;

  private constructor(memory: KernelMemory, reader: SwapReader) {
    this.memory = memory;
    this.reader = reader;
  }

  /** Throws LabError `invalid` naming the symbol or member that this kernel lacks. */
  static async open(memory: KernelMemory, { addresses, cpuCount }: Pick<GuestFacts, "addresses" | "cpuCount">, btf: Btf): Promise<SwapMemory> {
    // Set once, when the kernel comes up: the guest need not stand still.
    const offsets = await memory.readConstant({ address: addressOf(addresses, "__per_cpu_offset"), sizeBytes: 8 * cpuCount });
    const cpuBases = Array.from({ length: cpuCount }, (_, cpu) => offsets.readBigUInt64LE(8 * cpu));
    return new SwapMemory(memory, new SwapReader(btf, addresses, cpuBases));
  }

  /** The guest stands still from the first byte read to the last. */
  async take(): Promise<SwapPicture> {
    for (let attempt = 0; attempt < attemptsMax; attempt++) {
      if (attempt > 0) await sleep(pauseMs);
      const picture = await this.takeOnce();
      if (picture !== null) return picture;
    }
    throw new LabError("invalid", { what: `it held the lock of a swap area each of the ${attemptsMax} times it was stopped`, where: "kernel's memory" });
  }

  /** Null when the guest was stopped while it was changing an area. */
  async takeOnce(): Promise<SwapPicture | null> {
    const startedMs = performance.now();
    const state = await this.memory.whileStopped((read) => this.reader.read(read));
    return state === null ? null : { state, stoppedMs: performance.now() - startedMs };
  }
}
