import { mutants } from "./mutants.ts";
import { orderings, type SwitchName, type Variant } from "./switches.ts";

/** What a search has shown of a variant, in words: a few paragraphs. `holds` is false when a property has failed. */
export function explain(scenario: string, variant: Variant, holds: boolean): string[] {
  const paragraphs = variant.without === null ? textOf(scenario, variant, holds) : withoutText(scenario, variant, holds);
  return paragraphs.filter((paragraph) => paragraph !== "");
}

function textOf(scenario: string, variant: Variant, holds: boolean): string[] {
  switch (scenario) {
    case "swapoff":
    case "shared-slot":
    case "range":
      return holds ? safeFreeing(variant) : brokenFreeing(scenario, variant);
    case "folio-free-swap":
      return [
        "The caller holds the folio's lock and has seen under it that the folio is in the swap cache. Whoever else wants to give the folio's slots " +
          "back needs that lock, so the slots stay in use and swapoff waits in try_to_unuse. The caller itself is the one that ends this, and after " +
          "that it touches nothing of the device: no reference is needed.",
      ];
    case "swp-swapcount":
      return [
        "The entry was read under the page-table lock, and the lock is kept. Nobody can drop the entry's count without that lock, so the slot stays " +
          "in use and swapoff waits in try_to_unuse: unlike free_swap_and_cache, the caller does not drop the count that protects it.",
        variant.fix ? "7.2 takes a reference of the device all the same; then it does not matter how the entry was read." : "",
      ];
    case "swap-in":
      return [
        holds
          ? "A fault reads its entry without a lock. get_swap_device gives it a reference that swapoff waits for, or refuses; the entry is compared again under the lock later."
          : "A fault reads its entry without a lock. Without a reference nothing keeps the device: the entry may be freed, and swapoff done, before it is used. The kernel takes the reference (--fix).",
      ];
    case "page-out":
      return ["A slot is handed out under the device's lock and only while SWP_WRITEOK is set. swapoff clears it under the same lock: either the slot is seen by try_to_unuse, or it is not handed out."];
    default:
      return [];
  }
}

function brokenFreeing(scenario: string, { caller, clusterLock, rcu, earlyExit, shortcut, swapoffReclaims, processes }: Variant): string[] {
  const claim =
    caller === "anon"
      ? "The page-table lock is half of the story. It keeps the entry, and the entry's count keeps its slot in use, but only until the process drops that " +
        "count itself. After that it holds a lock that nobody waits for: "
      : "A truncation takes the entry out of the XArray in one exchange and holds no lock from then on; shmem_unuse does not see an entry that is gone. The entry's " +
        "count keeps the slot in use, but only until it is dropped. After that ";
  const reclaimer = swapoffReclaims ? "the process that comes last, or swapoff itself, gives the folio back, " : processes > 1 ? "the process that comes last gives the folio back, " : "the folio is given back, ";
  const end = !earlyExit
    ? "inuse_pages is 0, and nothing holds swapoff up."
    : swapoffReclaims
      ? "inuse_pages is 0, and try_to_unuse is done: it takes the page-table locks of the processes that it looks at, and passes over those that are exiting."
      : "inuse_pages is 0, and try_to_unuse is done without a look at anybody's page table.";
  return [
    claim + reclaimer + end,
    clusterLock
      ? "Holding the cluster's lock over the whole of it does not help. swapoff does not take it, and it stands in cluster_info, which is freed: the unlock itself is the access that comes too late."
      : scenario === "range"
        ? "Going over the slots a second time, without a lock, is what comes too late."
        : shortcut
          ? ""
          : "Without the short-cut the look-up of the folio is what comes too late: the look at the counts is not to blame.",
    "get_swap_device before the drop and put_swap_device after the last use close it (--fix): swapoff then waits for the reference before it frees anything.",
    rcuText(caller, rcu),
  ];
}

function safeFreeing({ fix, caller, rcu, earlyExit }: Variant): string[] {
  const visits =
    "Here try_to_unuse takes every process's page-table lock, so either the process is done before swapoff looks, or swapoff has given it its page back " +
    "and it has nothing to free. That is no order one may count on: the kernel's try_to_unuse ends as soon as inuse_pages is 0, looks at no page table then, and passes over processes that are exiting.";
  const why = fix
    ? "A reference of the device is held from before the count is dropped until after the last use. swapoff frees nothing until every reference is given back, and after percpu_ref_kill nobody gets one."
    : rcu
      ? ""
      : earlyExit
        ? ""
        : visits;
  return [why, !fix && rcu && !earlyExit ? visits : "", rcuText(caller, rcu)];
}

/** Both halves of what RCU means for this race. */
function rcuText(caller: Variant["caller"], rcu: boolean): string {
  if (!rcu) {
    return (
      "RCU is left out of account here, as it was when the race was found. In the kernel synchronize_rcu comes before anything is freed, and waits for whoever holds a spinlock: " +
      "callers under a page-table lock are safe even without the fix, and shared memory, which holds none, is not (--rcu, with --caller anon and shmem)."
    );
  }
  return caller === "anon"
    ? "synchronize_rcu comes before anything is freed, and waits for whoever holds a spinlock, such as a page-table lock: callers under one are safe even without the fix. Shared memory holds none and is not (--caller shmem)."
    : "synchronize_rcu waits for whoever holds a spinlock, and this caller holds none: the grace period does not help shared memory. Callers under a page-table lock are safe with it even without the fix (--caller anon).";
}

function withoutText(scenario: string, variant: Variant, holds: boolean): string[] {
  const { without } = variant;
  if (without === null) return [];
  const known = mutants.find(
    (mutant) =>
      mutant.scenario === scenario && mutant.without === without && mutant.breaks === !holds && Object.entries(mutant.switches).every(([name, value]) => variant[name as SwitchName] === value),
  );
  return [`Taken away: ${orderings[without]}.${known === undefined ? "" : ` ${holds ? "It holds all the same" : "It breaks"}: ${known.why}.`}`];
}

/** What is taken for granted. */
export function assumptions({ rcu }: Variant): string[] {
  return [
    "one step runs without anybody in between, and what it writes the next one reads: the memory barriers are taken to be there",
    "one folio of PMD size is in the swap cache and nothing else on the device; nobody forks or swaps in meanwhile, and no signal ends swapoff",
    rcu ? "RCU: synchronize_rcu waits for those who hold a page-table lock when it begins, and for nobody else" : "RCU is left out: synchronize_rcu does not wait",
  ];
}
