import type { Btf, Member } from "./btf.ts";
import { cachedFolios, type CachedFolios, folioLengths } from "./cached-folios.ts";
import { addressOf, byteOffset, memberOf, readNumber, readWord, sizeOf, unreadable } from "./kernel-layout.ts";
import type { ReadMemory } from "./kernel-memory.ts";
import type { FoundArea } from "./swap-area-layout.ts";

/** Slots that one tree covers, 64 MiB of 4 KiB pages. Kernel 6.1 to 6.17: SWAP_ADDRESS_SPACE_PAGES. */
const treeSlotCount = 1 << 14;

export const swapCacheSymbols = ["swapper_spaces", "nr_swapper_spaces"] as const;

/** A node that is to be read, and the first index that it covers. */
interface PendingNode {
  readonly address: bigint;
  readonly firstIndex: number;
  readonly tree: number;
}

/**
 * The swap cache as kernels keep it until 6.17: per 64 MiB of an area one XArray from slot to folio. Up to 6.11 a tree's
 * indexes are slots of the area, later slots of the stretch that it covers.
 */
export class SwapCacheReader {
  private readonly spaces: bigint;
  private readonly spaceCounts: bigint;
  private readonly spaceBytes: number;
  private readonly treeHead: Member;
  private readonly nodeBytes: number;
  private readonly nodeShift: Member;
  private readonly nodeSlots: Member;

  constructor(btf: Btf, addresses: ReadonlyMap<string, bigint>) {
    this.spaceBytes = sizeOf(btf, "address_space");
    this.treeHead = memberOf(btf, "address_space", "i_pages.xa_head");
    this.nodeBytes = sizeOf(btf, "xa_node");
    this.nodeShift = memberOf(btf, "xa_node", "shift");
    this.nodeSlots = memberOf(btf, "xa_node", "slots");
    this.spaces = addressOf(addresses, "swapper_spaces");
    this.spaceCounts = addressOf(addresses, "nr_swapper_spaces");
  }

  /** Per slot how many slots its folio holds. All nodes of one level are read together. */
  async read({ swapType, slotCount }: FoundArea, read: ReadMemory): Promise<Uint16Array> {
    const [spaces, count] = (await read([
      { address: this.spaces + BigInt(8 * swapType), sizeBytes: 8 },
      { address: this.spaceCounts + BigInt(4 * swapType), sizeBytes: 4 },
    ])) as [Buffer, Buffer];
    const treeCount = count.readUInt32LE();
    if (treeCount !== Math.ceil(slotCount / treeSlotCount)) throw unreadable(`the swap cache of ${slotCount} slots has ${treeCount} trees`);
    const [trees] = (await read([{ address: spaces.readBigUInt64LE(), sizeBytes: treeCount * this.spaceBytes }])) as [Buffer];
    const cached = cachedFolios(slotCount);
    let level: PendingNode[] = [];
    for (let tree = 0; tree * this.spaceBytes < trees.length; tree++) {
      const head = readWord(trees, this.treeHead, tree * this.spaceBytes);
      if (isNode(Number(head & 3n), head)) level.push({ address: head - 2n, firstIndex: 0, tree });
      else if (isFolio(Number(head & 3n), head)) enter(cached, tree * treeSlotCount, head);
    }
    while (level.length > 0) {
      const nodes = await read(level.map(({ address }) => ({ address, sizeBytes: this.nodeBytes })), "scattered");
      level = level.flatMap((pending, i) => this.openNode(nodes[i]!, pending, cached));
    }
    return folioLengths(cached);
  }

  /** Enters a node's folios and gives back the nodes below it. */
  private openNode(node: Buffer, { firstIndex, tree }: PendingNode, { low, high }: CachedFolios): PendingNode[] {
    const shift = readNumber(node, this.nodeShift);
    const below: PendingNode[] = [];
    // A device of 1 GiB has a quarter of a million entries: this runs while the guest stands still.
    const entries = new DataView(node.buffer, node.byteOffset + byteOffset(this.nodeSlots));
    const firstSlot = tree * treeSlotCount + (firstIndex % treeSlotCount);
    for (let i = 0; i < this.nodeSlots.elementCount; i++) {
      const lowHalf = entries.getUint32(8 * i, true);
      const highHalf = entries.getUint32(8 * i + 4, true);
      const kind = lowHalf & 3;
      if ((kind & 1) === 1 || (lowHalf === 0 && highHalf === 0)) continue;
      if (kind === 0 && shift === 0) {
        low[firstSlot + i] = lowHalf;
        high[firstSlot + i] = highHalf;
      } else if (kind === 2 && shift > 0) {
        below.push({ address: entries.getBigUint64(8 * i, true) - 2n, firstIndex: firstIndex + i * 2 ** shift, tree });
      } else {
        throw unreadable(`the swap cache has an entry of an unknown kind behind slot ${firstSlot}`);
      }
    }
    return below;
  }
}

// Source: include/linux/xarray.h of 6.1 and 6.12. An odd entry is a value, here what is remembered of a folio that left.
const isFolio = (kind: number, entry: bigint): boolean => kind === 0 && entry !== 0n;
const isNode = (kind: number, entry: bigint): boolean => kind === 2 && entry > 4096n;

function enter({ low, high }: CachedFolios, slot: number, folio: bigint): void {
  low[slot] = Number(folio & 0xffffffffn);
  high[slot] = Number(folio >> 32n);
}
