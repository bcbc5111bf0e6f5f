import type { Features } from "./features.ts";
import type { SwapArea } from "./swap-area.ts";

/** The rank that areas of automatic priority have on a disk of the CPU's own node: above all others of that kind. */
const ownNodeRank = -1;

/**
 * The priorities of areas that are given none.
 * Kernel 6.1, 6.12 setup_swap_info, swapoff: counted down from -2; when one of them is switched off, those below move up.
 * Kernel 7.3 swapon: -1, whatever came before.
 */
export class SwapPriorities {
  private readonly features: Features;
  private lowest = -1;

  constructor(features: Features) {
    this.features = features;
  }

  /** `ownNode`: the disk belongs to the node that the CPU is on. */
  next(given: number | null, ownNode: boolean): { readonly priority: number; readonly rank: number } {
    if (given !== null) return { priority: given, rank: given };
    if (this.features.automaticPriorities === "equal") return { priority: -1, rank: -1 };
    this.lowest--;
    return { priority: this.lowest, rank: ownNode ? ownNodeRank : this.lowest };
  }

  /** `others`: the areas that stay. */
  giveUp(area: SwapArea, others: readonly SwapArea[]): void {
    if (this.features.automaticPriorities === "equal" || area.priority >= 0) return;
    this.lowest++;
    for (const other of others) {
      if (other.priority >= area.priority) continue;
      other.priority++;
      if (other.rank !== ownNodeRank) other.rank++;
    }
  }
}
