import { entryType } from "../model/entry.ts";
import type { Geometry } from "../model/geometry.ts";
import type { Observation, OpenState, StormReport, WrongWord } from "../workload/observation.ts";
import { slotReferences } from "../workload/slot-word.ts";
import type { AreaState, SwapState } from "../workload/swap-state.ts";
import { type Check, invariant } from "./check.ts";
import { invariantChecks } from "./invariants.ts";
import { lockedInvariants, quietInvariants } from "./memory-invariants.ts";

/**
 * Steps that no model follows: a storm, and everything after it. What is asked of them must hold whatever the threads did, in
 * whatever order.
 */
export function openChecks(real: Observation): Check[] {
  return [
    invariant("errno", "", real.errno, "the system calls succeed"),
    invariant("wrong_pages", 0, real.wrongPages, "a page reads as one of the writes that may be seen, or as zeroes where it was dropped"),
    ...(real.storm === undefined ? [] : stormChecks(real.storm)),
    ...invariantChecks(real),
  ];
}

/** Of the swap core in the kernel's memory when nothing is under way any more. */
export function openMemoryChecks(state: SwapState, { mapped, cached }: OpenState, geometry: Geometry): Check[] {
  const checks = [...lockedInvariants(state, geometry), ...quietInvariants(state)];
  for (const area of state.areas) {
    const name = `memory.swap${area.swapType}`;
    if (!mapped) checks.push(invariant(`${name}.references_left`, 0, area.slots.filter((word) => slotReferences(word) > 0).length, "nobody refers to a slot when nobody maps anything"));
    if (!cached) checks.push(invariant(`${name}.slots_left`, 0, slotsLeft(area, state), "no slot is in use when nobody maps anything and nothing is cached, but those that wait in a CPU's slots cache"));
  }
  return checks;
}

const slotsLeft = ({ usedSlots, swapType }: AreaState, { cpus }: SwapState): number => {
  const waiting = cpus.flatMap(({ slotsCache }) => (slotsCache === null ? [] : [...slotsCache.toHandOut, ...slotsCache.returned]));
  return usedSlots - waiting.filter((entry) => entryType(entry) === swapType).length;
};

function stormChecks({ threads, wrong }: StormReport): Check[] {
  const idle = threads.filter(({ pieces }) => pieces === 0).length;
  const reason = "a word is from the last write that had ended when the reading began or from a later one, or zero if MADV_DONTNEED may have come after that write";
  const required = wrong === null ? "as written" : expectedText(wrong);
  return [
    invariant("storm.idle_threads", 0, idle, "every thread had its share"),
    invariant("storm.content", required, wrong === null ? "as written" : heldText(wrong), reason),
  ];
}

function expectedText({ page, word, oldest, newest, mayBeZero }: WrongWord): string {
  const writes = oldest === newest ? `write ${oldest}` : `write ${oldest} to ${newest}`;
  return `page ${page} word ${word}: ${writes}${mayBeZero ? ", or zero" : ""}`;
}

function heldText({ page, word, held }: WrongWord): string {
  return `page ${page} word ${word}: ${held === null ? "zero" : `write ${held.write} of page ${held.page} word ${held.word}`}`;
}
