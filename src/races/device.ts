import { clusterSlotCount, x86_64 } from "../model/geometry.ts";
import * as slotByte from "../model/slot-byte.ts";
import type { Property, State, StateLayout, Variable } from "./model.ts";
import type { Variant } from "./switches.ts";

/**
 * The swap device that everybody works on, with one folio of PMD size in its swap cache and nothing else on it. All its slots carry the
 * cache bit; only some are referred to.
 *
 * Kernel 6.1 swap_info_struct: swap_map and cluster_info are freed by swapoff, and so are the trees of the swap cache; the structure
 * itself, with users, flags and max in it, stays for the next swapon.
 */
export class Device {
  /** SWP_WRITEOK: slots may be handed out. */
  readonly writeOk: number;
  /** References to the slots that have any, by slot. */
  readonly counts: readonly number[];
  /** The folio is in the swap cache, and so each of its slots in use. */
  readonly cached: number;
  readonly folioLock: number;
  readonly clusterLock: number;
  /** A single slot beside the folio's is in use. */
  readonly otherSlot: number;
  /** Nobody gets a reference of the device any more: percpu_ref_kill. */
  readonly killed: number;
  /** References of the device that somebody holds. */
  readonly users: number;
  /** Readers that swapoff's grace period still waits for, a bit a process. */
  readonly graceWaits: number;
  /** swap_map, cluster_info and the swap cache's trees are gone. */
  readonly freed: number;
  /** The structure is that of another device now. */
  readonly reused: number;
  /** Somebody has used what was freed. */
  readonly usedFreed: number;
  /** Somebody has used the other device in place of his own. */
  readonly usedOther: number;
  /** A count was to be dropped that was 0. */
  readonly miscounted: number;
  readonly variant: Variant;

  constructor(layout: StateLayout, slotCount: number, variant: Variant) {
    this.variant = variant;
    this.counts = layout.bytes(slotCount);
    [this.writeOk, this.cached, this.folioLock, this.clusterLock, this.otherSlot, this.killed, this.users, this.graceWaits, this.freed, this.reused, this.usedFreed, this.usedOther, this.miscounted] =
      layout.bytes(13) as [number, number, number, number, number, number, number, number, number, number, number, number, number];
  }

  start(state: State, counts: readonly number[]): void {
    state[this.writeOk] = 1;
    state[this.cached] = 1;
    counts.forEach((count, slot) => (state[this.counts[slot]!] = count));
  }

  /** Said by each step that reads or writes what swapoff frees. */
  touch(state: State): void {
    if (state[this.freed] !== 0) state[this.usedFreed] = 1;
    if (state[this.reused] !== 0) state[this.usedOther] = 1;
  }

  dropCount(state: State, slot: number): void {
    const count = this.counts[slot]!;
    if (state[count] === 0) state[this.miscounted] = 1;
    else state[count]!--;
  }

  isCounted(state: State): boolean {
    const { counts } = this;
    for (let slot = 0; slot < counts.length; slot++) if (state[counts[slot]!] !== 0) return true;
    return false;
  }

  /** What try_to_unuse looks at: inuse_pages. */
  isInUse(state: State): boolean {
    return state[this.cached] !== 0 || state[this.otherSlot] !== 0;
  }

  /**
   * Takes the folio out of the swap cache and gives its slots back, if nobody refers to them any more.
   *
   * Kernel 6.1 folio_free_swap, put_swap_folio, swap_free_cluster: the bytes of a whole cluster are cleared and inuse_pages is lowered
   * under the device's lock, which swapoff takes before it frees anything; so this is one step.
   */
  giveBackFolio(state: State): void {
    if (this.isCounted(state) && this.variant.without !== "counts-before-reclaim") return;
    state[this.cached] = 0;
  }

  /** A reader is done: a grace period need not wait for it any more. */
  endRead(state: State, process: number): void {
    state[this.graceWaits]! &= ~(1 << process);
  }

  /** The byte of swap_map as 6.1 to 6.19 have it. */
  private slotByte(state: State, slot: number): number {
    const count = state[this.counts[slot]!]!;
    const counted = this.variant.caller === "shmem" && count > 0 ? slotByte.shared : count;
    return counted | (state[this.cached] === 0 ? 0 : slotByte.hasCache);
  }

  private inUsePages(state: State): number {
    return (state[this.cached] === 0 ? 0 : clusterSlotCount(x86_64)) + state[this.otherSlot]!;
  }

  /** What a trace shows of the device. */
  shown(): Variable[] {
    const flag = (name: string, byte: number, set: string, clear: string): Variable => ({ name, show: (state) => (state[byte] === 0 ? clear : set) });
    const slots = this.counts.map((_, slot): Variable => ({ name: `swap_map[${slot}]`, show: (state) => `0x${this.slotByte(state, slot).toString(16).padStart(2, "0")}` }));
    return [
      ...slots,
      flag("swap cache", this.cached, "folio", "empty"),
      { name: "inuse_pages", show: (state) => String(this.inUsePages(state)) },
      flag("folio lock", this.folioLock, "held", "free"),
      flag("cluster lock", this.clusterLock, "held", "free"),
      flag("SWP_WRITEOK", this.writeOk, "set", "clear"),
      { name: "users", show: (state) => `${state[this.killed] === 0 ? "" : "killed, "}${state[this.users]}` },
      { name: "grace period", show: (state) => graceText(state[this.graceWaits]!) },
      { name: "structures", show: (state) => (state[this.freed] !== 0 ? "freed" : state[this.reused] !== 0 ? "another's" : "there") },
    ];
  }

  /** What must never be, whatever the scenario. */
  properties(): Property[] {
    return [
      { kind: "never", name: "freed structures are used", test: (state) => state[this.usedFreed] !== 0 },
      { kind: "never", name: "another device is used in place of the entry's", test: (state) => state[this.usedOther] !== 0 },
      { kind: "never", name: "a count is dropped that was dropped before", test: (state) => state[this.miscounted] !== 0 },
      { kind: "never", name: "slots are given back while one of them is counted", test: (state) => state[this.cached] === 0 && this.isCounted(state) },
      { kind: "never", name: "the structures are freed while a slot is in use", test: (state) => state[this.freed] !== 0 && this.isInUse(state) },
      { kind: "can", name: "swapoff frees the structures", test: (state) => state[this.freed] !== 0 },
    ];
  }
}

function graceText(readers: number): string {
  const waits = [...readers.toString(2)].toReversed().flatMap((bit, index) => (bit === "1" ? [`P${index + 1}`] : []));
  return waits.length === 0 ? "-" : `waits for ${waits.join(", ")}`;
}
