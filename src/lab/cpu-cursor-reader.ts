import { type Cursors, orderCursorName } from "../model/allocator.ts";
import { makeEntry } from "../model/entry.ts";
import type { Btf, Member } from "./btf.ts";
import { addressOf, byteOffset, membersOf, readNumbers, sizeOf, unreadable } from "./kernel-layout.ts";
import type { MemoryRange } from "./kernel-memory.ts";

export const cpuCursorSymbols = ["percpu_swap_cluster"] as const;

/** Where a CPU goes on looking for slots, one place for all areas. Kernel 6.15 on. */
export class CpuCursorReader {
  private readonly address: bigint;
  private readonly sizeBytes: number;
  private readonly member: Readonly<Record<"areas" | "offsets", Member>>;

  constructor(btf: Btf, addresses: ReadonlyMap<string, bigint>) {
    this.address = addressOf(addresses, "percpu_swap_cluster");
    this.sizeBytes = sizeOf(btf, "percpu_swap_cluster");
    this.member = membersOf(btf, "percpu_swap_cluster", { areas: "si", offsets: "offset" });
  }

  /** Of the CPU whose data lies at `cpuBase`. */
  place(cpuBase: bigint): MemoryRange {
    return { address: BigInt.asUintN(64, this.address + cpuBase), sizeBytes: this.sizeBytes };
  }

  /** `areas`: the structures of all areas there are, by swap type. A place in none of them, or at slot 0, is no place. */
  decode(bytes: Buffer, areas: readonly bigint[]): Cursors {
    const offsets = readNumbers(bytes, this.member.offsets);
    return Object.fromEntries(
      offsets.map((offset, order): [string, number | "none"] => {
        const area = bytes.readBigUInt64LE(byteOffset(this.member.areas, order * 8));
        if (area === 0n || offset === 0) return [orderCursorName(order), "none"];
        const swapType = areas.indexOf(area);
        if (swapType === -1) throw unreadable(`where the CPU goes on with order ${order} is in no swap area`);
        return [orderCursorName(order), makeEntry(swapType, offset)];
      }),
    );
  }
}
