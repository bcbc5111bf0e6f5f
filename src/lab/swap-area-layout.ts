import { clusterSlotCount, x86_64 } from "../model/geometry.ts";
import type { AreaState } from "../workload/swap-state.ts";
import type { Btf, Member } from "./btf.ts";
import { byteOffset, membersOf, readNumber, readWord, sizeOf, unreadable } from "./kernel-layout.ts";

const clusterSlots = clusterSlotCount(x86_64);

/** An area that is switched on, and its struct swap_info_struct as it was read. */
export interface FoundArea {
  readonly address: bigint;
  readonly bytes: Buffer;
  readonly swapType: number;
  readonly slotCount: number;
  readonly clusterCount: number;
  /** Where the array of struct swap_cluster_info lies; null on a device without clusters. */
  readonly clustersAddress: bigint | null;
  readonly rotating: boolean;
}

/** Of 6.14 on: set in inuse_pages while the area is not to be asked for slots. The bit was moved between releases. */
const offListBits = [1n << 30n, 1n << 62n] as const;

/** The members of struct swap_info_struct that every kernel has, and the few that come and go. */
export class SwapAreaLayout {
  readonly sizeBytes: number;
  private readonly member: Readonly<Record<"flags" | "max" | "used" | "pages" | "lock" | "clusters", Member>>;
  private readonly bounds: Readonly<Record<"lowest" | "highest", Member>> | null;
  private readonly flag: Readonly<Record<"switchedOn" | "solidState", number>>;

  constructor(btf: Btf) {
    this.sizeBytes = sizeOf(btf, "swap_info_struct");
    this.member = membersOf(btf, "swap_info_struct", {
      ...{ flags: "flags", max: "max", used: "inuse_pages", pages: "pages", lock: "lock", clusters: "cluster_info" },
    });
    // Kernel 6.14 on has neither, and a wider count in whose upper part there is a flag.
    this.bounds = this.member.used.bitWidth > 32 ? null : membersOf(btf, "swap_info_struct", { lowest: "lowest_bit", highest: "highest_bit" });
    this.flag = { switchedOn: flagOf(btf, "SWP_WRITEOK"), solidState: flagOf(btf, "SWP_SOLIDSTATE") };
  }

  /** The kernel was stopped while it was changing the area. */
  isLocked(bytes: Buffer): boolean {
    return bytes.readUInt32LE(byteOffset(this.member.lock)) !== 0;
  }

  /** Null for one that is not switched on. */
  find(address: bigint, bytes: Buffer, swapType: number): FoundArea | null {
    const flags = readNumber(bytes, { ...this.member.flags, bitWidth: 32 });
    if ((flags & this.flag.switchedOn) === 0) return null;
    const slotCount = readNumber(bytes, this.member.max);
    const clusters = readWord(bytes, this.member.clusters);
    return {
      ...{ address, bytes, swapType, slotCount },
      clusterCount: Math.ceil(slotCount / clusterSlots),
      clustersAddress: clusters === 0n ? null : clusters,
      rotating: (flags & this.flag.solidState) === 0,
    };
  }

  usage({ bytes }: FoundArea): Pick<AreaState, "usedSlots" | "available" | "lowestSlot" | "highestSlot"> {
    if (this.bounds !== null) {
      const [lowestSlot, highestSlot] = [readNumber(bytes, this.bounds.lowest), readNumber(bytes, this.bounds.highest)];
      return { usedSlots: readNumber(bytes, this.member.used), available: null, lowestSlot, highestSlot };
    }
    const usable = readNumber(bytes, this.member.pages);
    const word = readWord(bytes, this.member.used);
    const flag = offListBits.findLast((bit) => (word & bit) !== 0n) ?? 0n;
    const usedSlots = Number(word - flag);
    // Beyond the lower of the two bits nobody could tell the count from the flag.
    if (usedSlots > usable || usable >= offListBits[0]) throw unreadable(`of ${usable} slots ${word} are in use`);
    return { usedSlots, available: flag === 0n, lowestSlot: null, highestSlot: null };
  }
}

function flagOf(btf: Btf, name: string): number {
  const value = btf.enumerator(name);
  if (value === undefined) throw unreadable(`there is no ${name}`);
  return value;
}
